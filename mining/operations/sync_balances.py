"""Read what the project has now: credit and power, coins, recent rates."""

from dataclasses import asdict

from django.db import transaction

from aeghash.core import clock
from aeghash.core.audit.values import plain
from aeghash.core.transactions import must_have_none
from mining.clients.hashdam import read_hash_balance, read_holdings, read_recent_rates
from mining.models import HashBalance, PoolHolding, RecentHashRate
from mining.queries.facts import coins


@must_have_none()
def sync_hash_balance() -> int:
    day, credit, power, raw = read_hash_balance()
    values = {"credit": credit, "power": power, "raw": plain(raw), "read_at": clock.now()}
    HashBalance.objects.update_or_create(day=day, defaults=values)
    return 1


@must_have_none()
def sync_recent_rates() -> int:
    for is_per_mega in (False, True):
        values = asdict(read_recent_rates(per_mega=is_per_mega))
        at, values["raw"] = values.pop("at"), plain(values["raw"])
        RecentHashRate.objects.update_or_create(at=at, is_per_mega=is_per_mega, defaults=values)
    return 2


@must_have_none()
def sync_holdings() -> int:
    day, holdings, _raw = read_holdings(coins())
    now = clock.now()
    rows = [
        PoolHolding(
            day=day, coin_id=held.coin, balance=held.balance, available=held.available, locked=held.locked, read_at=now
        )
        for held in holdings
    ]
    with transaction.atomic():
        PoolHolding.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["day", "coin"],
            update_fields=["balance", "available", "locked", "read_at"],
        )
    return len(rows)
