"""How the books stand: now, and as of any time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.db.models import Q, QuerySet, Sum

from wallets.models import Balance, SystemAccount, Transfer

SYSTEM_SUMS: Final = "wallets.system_sums"  # the watermark beside which the sums are kept

# One statement, so that the checkpoint and its position are of one instant.
SUMS: Final = """
    WITH position AS (
        SELECT coalesce((SELECT position FROM watermarks WHERE name = %(name)s), 0)::text::xid8 AS xid
    ), changes AS (
        SELECT account, asset_id, amount FROM system_sums
        UNION ALL
        SELECT target_system, asset_id, amount FROM transfers
        WHERE xid >= (SELECT xid FROM position) AND kind IN ('post', 'settle') AND target_system IS NOT NULL
        UNION ALL
        SELECT source_system, asset_id, -amount FROM transfers
        WHERE xid >= (SELECT xid FROM position) AND kind IN ('post', 'settle') AND source_system IS NOT NULL
        UNION ALL
        SELECT target_system, asset_id, -amount FROM transfers
        WHERE at > %(at)s AND kind IN ('post', 'settle') AND target_system IS NOT NULL
        UNION ALL
        SELECT source_system, asset_id, amount FROM transfers
        WHERE at > %(at)s AND kind IN ('post', 'settle') AND source_system IS NOT NULL
    )
    SELECT account, asset_id, trim_scale(sum(amount)) FROM changes GROUP BY account, asset_id
"""


def system_sums(at: datetime | None = None) -> dict[tuple[SystemAccount, str], Decimal]:
    """What each of the company's accounts holds per asset; as of `at`, what came later is taken off again."""
    with connection.cursor() as cursor:
        cursor.execute(SUMS, {"name": SYSTEM_SUMS, "at": at or "infinity"})
        return {(SystemAccount(account), asset): amount for account, asset, amount in cursor.fetchall()}


@dataclass(frozen=True)
class Liability:
    """What we owe the members in one asset."""

    asset: str
    amount: Decimal
    locked_amount: Decimal


def liabilities() -> list[Liability]:
    rows = Balance.objects.values_list("asset_id").annotate(Sum("amount"), Sum("locked_amount")).order_by("asset_id")
    return [Liability(str(asset), amount, locked) for asset, amount, locked in rows]


# By the indexes of the two sides, for each of the member's balances.
HAD: Final = """
    SELECT b.asset_id, trim_scale(coalesce(sum(moved.amount), 0)) FROM balances b LEFT JOIN LATERAL (
        SELECT amount FROM transfers WHERE target_id = b.id AND kind IN ('post', 'settle') AND at <= %(at)s
        UNION ALL
        SELECT -amount FROM transfers WHERE source_id = b.id AND kind IN ('post', 'settle') AND at <= %(at)s
    ) moved ON true WHERE b.user_id = %(user)s AND b.created_at <= %(at)s GROUP BY b.asset_id ORDER BY b.asset_id
"""


def balances_at(*, user_id: int, at: datetime) -> dict[str, Decimal]:
    """What the member had of each asset by the transfers up to then."""
    with connection.cursor() as cursor:
        cursor.execute(HAD, {"user": user_id, "at": at})
        return dict(cursor.fetchall())


def balance_at(*, user_id: int, asset: str, at: datetime) -> Decimal:
    """Nothing where there was no balance yet."""
    return balances_at(user_id=user_id, at=at).get(asset, Decimal(0))


def touching(balance: int) -> QuerySet[Transfer]:
    return Transfer.objects.filter(Q(source=balance) | Q(target=balance))


@dataclass(frozen=True)
class Line:
    """A transfer as its balance sees it, with what the balance was afterwards."""

    transfer: Transfer
    change: Decimal
    locked_change: Decimal
    amount: Decimal
    locked_amount: Decimal


def running_balance(balance: Balance, *, most: int) -> list[Line]:
    """The newest lines, each with what the balance was after it: backwards from what it is."""
    amount, locked, lines = balance.amount, balance.locked_amount, []
    for transfer in touching(balance.pk).select_related("source__user", "target__user").order_by("-pk")[:most]:
        change, locked_change = changes(transfer, balance.pk)
        lines.append(Line(transfer, change, locked_change, amount, locked))
        amount, locked = amount - change, locked - locked_change
    return lines


def changes(transfer: Transfer, balance: int) -> tuple[Decimal, Decimal]:
    """Of the amount and of what is locked. Only a hold's own balance knows of the hold."""
    is_source = transfer.source_id == balance
    none = Decimal(0)
    match transfer.kind:
        case "post":
            return (-transfer.amount if is_source else transfer.amount), none
        case "settle":
            return (-transfer.amount, -transfer.amount) if is_source else (transfer.amount, none)
        case "hold" if is_source:
            return none, transfer.amount
        case "release" if is_source:
            return none, -transfer.amount
    return none, none


def balances_of(text: str) -> Sequence[int]:
    """Of members whose number or e-mail is exactly this."""
    found: QuerySet[Balance, Any] = Balance.objects.filter(Q(user__uid=text) | Q(user__email=text.lower()))
    return list(found.values_list("pk", flat=True))
