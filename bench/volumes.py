"""Rolling 100,000 orders up over an organisation of 1,000,000 members, against the level-by-level query alone."""

import time
from typing import Any, Final

from django.db import connection, connections, transaction

from aeghash.core import clock
from bench.measure import Row, compare

MEMBERS: Final = 1_000_000
ORDERS: Final = 100_000
ROUNDS: Final = 5


def run() -> list[Row]:
    plant()
    window = last_transaction()
    return [
        compare(
            ("volumes: 100,000 orders over 1,000,000 members", lambda: roll_up(window)),
            ("the level-by-level query alone", lambda: bare_query(window)),
            at_most=1.5,
            unit=" s",
            rounds=ROUNDS,
        )
    ]


def roll_up(window: tuple[int, int]) -> float:
    """The whole operation, on tables that don't know the day yet; what was there before is no part of it."""
    from organization.models.volumes import ROLL_UP
    from organization.operations.roll_up_volumes import roll_up_volumes

    as_owner("TRUNCATE organization_metrics_daily, organization_group_ranks")
    as_owner("DELETE FROM watermarks")
    as_owner("INSERT INTO watermarks (name, position, moved_at) VALUES (%s, %s, now())", [ROLL_UP, window[0]])
    began = time.perf_counter()
    changed = roll_up_volumes()
    assert changed > ORDERS
    return time.perf_counter() - began


def bare_query(window: tuple[int, int]) -> float:
    from organization import days
    from organization.operations.roll_up_volumes import FOR_LARGE_WORK
    from organization.queries.rolled_up import VOLUMES

    parameters: dict[str, Any] = {"start": str(window[0]), "end": str(window[1]), "zone": days.ZONE.key}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FOR_LARGE_WORK)
        began = time.perf_counter()
        cursor.execute(f"SELECT count(*), sum(volume_left) FROM ({VOLUMES}) AS volumes", parameters)
        return time.perf_counter() - began


def plant() -> None:
    """A random unilevel tree and a full binary one. Members are planted as they are after years; orders come at once."""
    as_owner("SET session_replication_role = replica")
    as_owner(USERS, {"members": MEMBERS})
    for statement in (MEMBERSHIPS, UNILEVEL, BINARY):
        as_owner(statement)
    as_owner("SET session_replication_role = DEFAULT")
    as_owner(BOUGHT, {"orders": ORDERS, "members": MEMBERS, "now": clock.now()})
    as_owner("VACUUM ANALYZE")


def last_transaction() -> tuple[int, int]:
    """The one that brought the orders."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(xid)::text::bigint FROM organization_orders")
        (xid,) = cursor.fetchone()
    return xid, xid + 1


def as_owner(statement: str, parameters: Any = None) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, parameters)


USERS: Final = """
    INSERT INTO users (id, created_at, updated_at, password, is_superuser, email, name, is_active, is_admin, is_verified)
    OVERRIDING SYSTEM VALUE
    SELECT number, now(), now(), '', false, 'bench-' || number || '@aeghash.example', '', true, false, false
    FROM generate_series(1000001, 1000000 + %(members)s) AS number
"""
MEMBERSHIPS: Final = """
    INSERT INTO organization_members
        (user_id, created_at, updated_at, referral_code, sponsor_id, rank, is_rank_held, is_center, is_active)
    SELECT id, now(), now(), 'B' || id, CASE WHEN id > 1000001 THEN 1000001 + floor((id - 1000001) * random())::bigint END,
           'FREE', false, false, true
    FROM users WHERE id > 1000000
"""
UNILEVEL: Final = """
    WITH RECURSIVE placed AS (
        SELECT user_id, 0 AS depth FROM organization_members WHERE sponsor_id IS NULL
        UNION ALL
        SELECT member.user_id, depth + 1 FROM placed JOIN organization_members AS member ON sponsor_id = placed.user_id
    )
    INSERT INTO organization_nodes (id, tree, member_id, parent_id, depth, looked_at, created_at) OVERRIDING SYSTEM VALUE
    SELECT user_id, 'unilevel', user_id, sponsor_id, depth, 0, now() FROM organization_members JOIN placed USING (user_id)
"""
BINARY: Final = """
    INSERT INTO organization_nodes
        (id, tree, member_id, parent_id, side, depth, min_open, looked_at, created_at) OVERRIDING SYSTEM VALUE
    SELECT number + 10000000, 'binary', number + 1000000, CASE WHEN number > 1 THEN number / 2 + 10000000 END,
           CASE WHEN number > 1 THEN CASE mod(number, 2) WHEN 0 THEN 'L' ELSE 'R' END END,
           length(ltrim(number::bit(32)::text, '0')) - 1, 30, 0, now()
    FROM (SELECT user_id - 1000000 AS number FROM organization_members) AS numbered
"""
BOUGHT: Final = """
    INSERT INTO organization_orders
        (source, source_id, buyer_id, total_amount, pv_amount, channel, paid_at, metadata, created_at)
    SELECT 'bench', number, 1000001 + floor(random() * %(members)s)::bigint, 120, 100.5, 'ONLINE', %(now)s, '{}', %(now)s
    FROM generate_series(1, %(orders)s) AS number
"""
