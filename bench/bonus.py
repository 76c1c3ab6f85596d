"""Sharing paid orders out, and closing a million entries."""

import resource
import time
from collections.abc import Callable
from typing import Any, Final

from django.db import connection, connections, transaction

from aeghash.core import clock
from aeghash.core.actors import acting_as, job
from bench.measure import Row, compare

DEPTH: Final = 40
ONE_BY_ONE: Final = 200
BACKLOG: Final = 1000
MEMBERS: Final = 100_000
ENTRIES: Final = 1_000_000
MOST_MEMORY: Final = 300 * 1024  # KiB


def run() -> list[Row]:
    plant()
    with acting_as(job("bench")):
        return [
            compare(
                ("paid order with 33 bonus entries, one at a time", lambda: rate(shared_out_singly, ONE_BY_ONE)),
                ("a loop that calls the same function", lambda: rate(called_bare, ONE_BY_ONE)),
                at_least=0.90,
                unit="/s",
                rounds=3,
            ),
            compare(
                ("paid orders, backlog in batches of 100", lambda: rate(shared_out_as_backlog, BACKLOG)),
                ("one at a time through bulk_create", lambda: rate(bulk_created, ONE_BY_ONE)),
                at_least=10,
                unit="/s",
                rounds=3,
            ),
            compare(
                ("closing: 1,000,000 entries to 100,000 members", closing),
                ("INSERT … SELECT of as many bare rows", bare_rows),
                at_most=6,
                unit=" s",
                rounds=1,
            ),
        ]


def rate(work: Callable[[list[int]], None], orders: int) -> float:
    fresh = bought(orders)
    began = time.perf_counter()
    work(fresh)
    return orders / (time.perf_counter() - began)


def shared_out_singly(orders: list[int]) -> None:
    from bonus.operations.allocate_order import allocate_order
    from organization.models import Order

    for order in [Order(pk=number) for number in orders]:
        with transaction.atomic():
            allocate_order(order=order)


def called_bare(orders: list[int]) -> None:
    """With the driver alone, a transaction an order, as pgbench would."""
    connection.ensure_connection()
    raw: Any = connection.connection
    now = clock.now()
    for order in orders:
        raw.execute("SELECT bonus_allocate(%s, %s)", [[order], now])


def shared_out_as_backlog(orders: list[int]) -> None:
    from bonus.operations.allocate_backlog import allocate_backlog

    assert allocate_backlog() >= len(orders)


def bulk_created(orders: list[int]) -> None:
    """The obvious way: the ancestors by the organisation's query, and the entries by `bulk_create`."""
    from bonus.models import Allocation, Entry, PoolShare, RuleLine
    from organization.models import Order, Tree
    from organization.queries.places import ancestors

    lines = list(RuleLine.objects.filter(type__in=("referral", "sponsor")))
    for number in orders:
        with transaction.atomic():
            order = Order.objects.select_related("buyer").get(pk=number)
            Allocation.objects.create(
                order=order, buyer=order.buyer, pv=order.pv_amount, rule_id=lines[0].rule_id, paid_at=order.paid_at
            )
            PoolShare.objects.create(order=order, amount=order.pv_amount / 5, due_at=order.paid_at)
            above = {
                "referral": ancestors(member=order.buyer, tree=Tree.UNILEVEL, levels=10),
                "sponsor": ancestors(member=order.buyer, tree=Tree.BINARY, levels=20),
            }
            Entry.objects.bulk_create(
                Entry(
                    order=order, buyer=order.buyer, beneficiary=ancestor.member, type=line.type, level=line.level,
                    pv=order.pv_amount, percentage=line.percentage, amount=order.pv_amount * line.percentage / 100,
                    rank=ancestor.member.rank, rule_id=line.rule_id, due_at=order.paid_at,
                )
                for line in lines
                for ancestor in above[line.type]
                if ancestor.level == line.level
            )  # fmt: skip


def closing() -> float:
    from bonus.models import Closing
    from bonus.operations.confirm_closing import confirm_closing
    from bonus.operations.draft_closing import draft_closing
    from bonus.operations.run_closing import run_closing

    as_owner("SET session_replication_role = replica")
    for table in ("bonus_entries", "bonus_closings", "bonus_closing_members", "bonus_pool_shares", "bonus_allocations"):
        as_owner(f"DELETE FROM {table}")
    as_owner("UPDATE organization_members SET rank = 'D2' WHERE user_id % 100 = 0")
    as_owner("SET session_replication_role = DEFAULT")
    as_owner(f"INSERT INTO bonus_entries {COLUMNS} {MANY}", PLANTED)
    as_owner(POOL)
    as_owner("VACUUM ANALYZE")
    drafted = confirm_closing(closing_id=draft_closing().pk)
    began = time.perf_counter()
    run_closing(closing_id=drafted.pk)
    took = time.perf_counter() - began
    closed = Closing.objects.get(pk=drafted.pk)
    assert closed.report["entries"] >= ENTRIES
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"    the closing's process: {memory // 1024} MB at its most")
    assert memory < MOST_MEMORY
    return took


def bare_rows() -> float:
    as_owner("DROP TABLE IF EXISTS bench_bare; CREATE TABLE bench_bare (LIKE bonus_entries INCLUDING ALL)")
    began = time.perf_counter()
    as_owner(f"INSERT INTO bench_bare {COLUMNS} {MANY}", PLANTED)
    took = time.perf_counter() - began
    as_owner("DROP TABLE bench_bare")
    return took


def bought(orders: int) -> list[int]:
    """By the deepest member, whose ancestors fill every level."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(ORDERS, {"orders": orders, "buyer": FIRST + DEPTH - 1, "now": clock.now()})
        return [order for (order,) in cursor.fetchall()]


def plant() -> None:
    as_owner("SET session_replication_role = replica")
    for statement in (USERS, MEMBERSHIPS, CHAIN):
        as_owner(statement, {"members": MEMBERS, "depth": DEPTH})
    as_owner("SET session_replication_role = DEFAULT")
    as_owner("VACUUM ANALYZE")


def as_owner(statement: str, parameters: Any = None) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, parameters)


FIRST: Final = 5_000_001
USERS: Final = """
    INSERT INTO users (id, created_at, updated_at, password, is_superuser, email, name, is_active, is_admin, is_verified)
    OVERRIDING SYSTEM VALUE
    SELECT number, now(), now(), '', false, 'bonus-' || number || '@aeghash.example', '', true, false, false
    FROM generate_series(5000001, 5000000 + %(members)s) AS number
"""
MEMBERSHIPS: Final = """
    INSERT INTO organization_members
        (user_id, created_at, updated_at, referral_code, sponsor_id, rank, is_rank_held, is_center, is_active)
    SELECT id, now(), now(), 'E' || id, CASE WHEN id > 5000001 THEN id - 1 END, 'FREE', true, false, true
    FROM users WHERE id > 5000000
"""
CHAIN: Final = """
    INSERT INTO organization_nodes
        (id, tree, member_id, parent_id, side, depth, min_open, looked_at, created_at) OVERRIDING SYSTEM VALUE
    SELECT number * 2 + (tree = 'binary')::int, tree, number,
           CASE WHEN number > 5000001 THEN (number - 1) * 2 + (tree = 'binary')::int END,
           CASE WHEN number > 5000001 AND tree = 'binary' THEN 'L' END, number - 5000001,
           CASE tree WHEN 'binary' THEN number - 5000000 END, 0, now()
    FROM generate_series(5000001, 5000000 + %(depth)s) AS number, unnest(ARRAY['unilevel', 'binary']) AS tree
"""
ORDERS: Final = """
    INSERT INTO organization_orders
        (source, source_id, buyer_id, total_amount, pv_amount, channel, paid_at, metadata, created_at)
    SELECT 'bench', gen_random_uuid()::text, %(buyer)s, 120, 100.5, 'ONLINE', %(now)s, '{}', %(now)s
    FROM generate_series(1, %(orders)s) RETURNING id
"""
COLUMNS: Final = """
    (order_id, buyer_id, beneficiary_id, type, level, pv, percentage, amount, rank, rule_id, status, due_at, created_at)
"""
MANY: Final = """
    SELECT number / 20, 5000001, 5000001 + mod(number * 7919::bigint, %(members)s), 'sponsor', mod(number, 20),
           100.5, 1, 1.005, 'FREE', 1, 'pending', now() - interval '12 days', now()
    FROM generate_series(1, %(entries)s) AS number
"""
PLANTED: Final = {"members": MEMBERS, "entries": ENTRIES}
POOL: Final = """
    INSERT INTO bonus_pool_shares (order_id, is_refund, amount, due_at, status)
    SELECT number, false, 20.1, now() - interval '12 days', 'pending' FROM generate_series(1, 50000) AS number
"""
