"""Per coin, what we owe against what the pool holds, as of 00:00 UTC."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core.models import Severity
from aeghash.core.money import format_amount
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.operations.record import record
from mining.models import PoolHolding, ReserveProof
from wallets.models import SystemAccount

# Members' balances as they were at that instant: what moved since is taken back out, by the ledger's own rows.
HELD: Final = """
    SELECT b.asset_id, sum(b.amount) - coalesce((
        SELECT sum(CASE WHEN t.target_id IS NOT NULL THEN t.amount ELSE 0 END)
             - sum(CASE WHEN t.source_id IS NOT NULL THEN t.amount ELSE 0 END)
        FROM transfers t WHERE t.asset_id = b.asset_id AND t.kind IN ('post', 'settle') AND t.at >= %(at)s
    ), 0)
    FROM balances b GROUP BY b.asset_id
"""
# Income of days that were over by then but given out later is owed, although no balance shows it yet; and so is what was
# settled by the pool and not yet forwarded.
OWED: Final = """
    SELECT coin, sum(members) FROM mining_allocations
    WHERE day < %(day)s AND allocated_at >= %(at)s AND sequence = 0 GROUP BY coin
"""
FORWARDING: Final = """
    SELECT asset_id, sum(CASE WHEN target_system = %(account)s THEN amount ELSE -amount END) FROM transfers
    WHERE %(account)s IN (target_system, source_system) AND kind IN ('post', 'settle') AND at < %(at)s GROUP BY asset_id
"""


def prove_reserves(*, day: date) -> list[ReserveProof]:
    """Of the snapshot the pool made as the day began; once. Tells people of each coin of which there isn't enough."""
    holdings = {row.coin_id: row for row in PoolHolding.objects.filter(day=day)}
    if not holdings or ReserveProof.objects.filter(day=day).exists():
        return []
    at = datetime.combine(day, time(), UTC)
    held, under_way = _sums(HELD, day, at), _sums(OWED, day, at)
    forwarding = _sums(FORWARDING, day, at)
    proofs = [
        ReserveProof(
            day=day,
            coin_id=coin,
            held=held.get(coin, Decimal()),
            under_way=under_way.get(coin, Decimal()) + forwarding.get(coin, Decimal()),
            at_the_pool=holding.balance,
        )
        for coin, holding in sorted(holdings.items())
    ]
    with transaction.atomic():
        ReserveProof.objects.bulk_create(proofs)
        record("mining.reserves_proven", after={proof.coin_id: proof.difference for proof in proofs} | {"day": day})
        for proof in proofs:
            if proof.difference < 0:
                _tell(proof)
    return proofs


def _sums(sql: str, day: date, at: datetime) -> dict[str, Decimal]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"day": day, "at": at, "account": SystemAccount.FORWARDING.value})
        return {coin: Decimal(total) for coin, total in cursor.fetchall() if total is not None}


def _tell(proof: ReserveProof) -> None:
    raise_alert(
        key=f"mining.reserve:{proof.coin_id}",
        severity=Severity.CRITICAL,
        sentence=_("The pool holds less of a coin than members do. Where is the rest?"),
        coin=proof.coin_id,
        day=proof.day,
        missing=format_amount(-proof.difference, 0),
    )
