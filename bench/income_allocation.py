"""A day's income of eight coins for a hundred thousand members, against the bare set-wise insert of as many transfers."""

import time
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from django.db import connection, connections, transaction

from aeghash.core.actors import acting_as, job
from aeghash.core.models import User
from bench.measure import Row, compare
from mining.clients.hashdam import CoinIncome, DayReport
from mining.models import Grant
from mining.operations.allocate_income import allocate_income
from mining.operations.store_day import store_day
from mining.queries.facts import coins

MEMBERS: Final = 100_000
ROUNDS: Final = 5
FIRST: Final = date(2025, 1, 1)
BARE: Final = """
    INSERT INTO transfers (kind, reference, asset_id, amount, source_system, target_id, at)
    SELECT 'post', %(day)s || ':' || b.asset_id || ':' || b.user_id, b.asset_id, 0.000123, 'mining_income', b.id, now()
    FROM balances b WHERE b.asset_id = %(coin)s ORDER BY b.user_id
"""


def run() -> list[Row]:
    fill()
    days = iter(range(1000))
    allocate(next(days))  # which opens the balances: a member's first income costs more than the others
    return [
        compare(
            (f"income allocation, {len(coins())} coins x {MEMBERS:,} members", lambda: allocate(next(days))),
            ("bare insert of the transfers", lambda: insert_bare(next(days))),
            at_most=3,
            unit=" s",
            rounds=ROUNDS,
        )
    ]


def fill() -> None:
    rows = [User(email=f"miner-{n}@aeghash.example", uid=f"miner-{n}") for n in range(MEMBERS)]
    users = User.objects.bulk_create(rows, batch_size=5000)
    Grant.objects.bulk_create(
        (Grant(user=user, hash=Decimal(n % 997 + 1), source="bench", starts_on=FIRST) for n, user in enumerate(users)),
        batch_size=5000,
    )
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")


def allocate(number: int) -> float:
    day, one = FIRST + timedelta(days=number), Decimal(1)
    incomes = {
        coin: CoinIncome(total=Decimal(10**9), per_mega=Decimal("0.000123456789"), price=one) for coin in coins()
    }
    store_day(
        report=DayReport(
            day=day, raw={}, hash_rate=one, hash_rate_mega=one, efficiency=one, reject=one, incomes=incomes
        )
    )
    started = time.monotonic()
    with acting_as(job("bench")):
        allocate_income(day=day)
    return time.monotonic() - started


def insert_bare(number: int) -> float:
    """As the owner, since nobody else may write transfers: eight statements, one a coin, as the operation has."""
    owner, seconds = connections["owner"], 0.0
    for coin in sorted(coins()):
        started = time.monotonic()
        with transaction.atomic(using="owner"), owner.cursor() as cursor:
            cursor.execute(BARE, {"day": f"bare-{number}", "coin": coin})
        seconds += time.monotonic() - started
    assert connection.alias != owner.alias
    return seconds
