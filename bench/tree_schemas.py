"""Full trees of any size, made in a moment by SQL; each in a schema of its own, with the product's tables and keys."""

from typing import Any, Final

import psycopg
from django.db import connections
from psycopg import sql

TABLES: Final = ("users", "organization_members", "organization_nodes", "organization_spillovers", "audit_rows")

# Node k of a full tree stands below k/2, and has j full levels below it as long as (k + 1) << j <= size + 1.
FILL: Final = (
    """
    INSERT INTO users (
        id, password, is_superuser, created_at, updated_at, email, name, is_active, is_admin, is_verified
    ) SELECT k + {base}, '!', false, now(), now(), {base} + k || '@aeghash.example', '', true, false, false
    FROM generate_series(1, {size}) AS k
    """,
    """
    INSERT INTO organization_members (
        user_id, referral_code, sponsor_id, rank, is_center, is_active, created_at, updated_at
    ) SELECT k + {base}, referral_code(k + {base}), nullif(sign(k - 1), 0) * (1 + {base}), 'FREE', false, true, now(), now()
    FROM generate_series(1, {size}) AS k
    """,
    """
    INSERT INTO organization_nodes (
        id, tree, member_id, parent_id, side, depth, min_open, looked_at, created_at
    ) OVERRIDING SYSTEM VALUE
    SELECT k, 'binary', k + {base}, nullif(k / 2, 0), CASE WHEN k > 1 THEN CASE k % 2 WHEN 0 THEN 'L' ELSE 'R' END END,
        levels.depth, levels.depth + (
            SELECT min(j) FROM generate_series(1, 40) AS j WHERE (k + 1)::bigint << j > {size} + 1
        ), 0, now()
    FROM generate_series(1, {size}) AS k, LATERAL (SELECT length(ltrim((k::bit(32))::text, '0')) - 1 AS depth) AS levels
    """,
    """
    INSERT INTO organization_nodes (
        id, tree, member_id, parent_id, depth, looked_at, created_at
    ) OVERRIDING SYSTEM VALUE
    SELECT k + {size}, 'unilevel', k + {base}, nullif(sign(k - 1), 0) * (1 + {size}), sign(k - 1), 0, now()
    FROM generate_series(1, {size}) AS k
    """,
    """
    INSERT INTO organization_spillovers (sponsor_id, member_id, parent_id, side, level, created_at)
    SELECT 1 + {base}, node.member_id, parent.member_id, node.side, node.depth, now()
    FROM organization_nodes AS node JOIN organization_nodes AS parent ON parent.id = node.parent_id
    WHERE node.tree = 'binary' AND node.depth > 1
    """,
)
BASES: Final = {"public": 0, "small": 10_000_000, "middle": 20_000_000}


def build(schema: str, size: int) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection of the owner's that sees this tree. Members of different schemas never have the same number."""
    config = connections["owner"].settings_dict
    database = psycopg.connect(
        host=config["HOST"],
        port=config["PORT"],
        user=config["USER"],
        password=config["PASSWORD"],
        dbname=config["NAME"],
        autocommit=True,
    )
    if schema != "public":
        copy_tables(database, schema)
    fill(database, schema, size)
    check(database)
    return database


def copy_tables(database: psycopg.Connection[tuple[Any, ...]], schema: str) -> None:
    """With the foreign keys and the trail's stamp: each placement pays for them."""
    database.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
    keys = database.execute(
        "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)",
        [list(TABLES)],
    ).fetchall()
    for table in TABLES:
        database.execute(
            sql.SQL("CREATE TABLE {0}.{1} (LIKE public.{1} INCLUDING ALL)").format(
                sql.Identifier(schema), sql.Identifier(table)
            )
        )
    database.execute(sql.SQL("SET search_path = {}, public").format(sql.Identifier(schema)))
    for table, key in keys:
        database.execute(f"ALTER TABLE {table} ADD {key}")
    database.execute(
        "CREATE TRIGGER stamp BEFORE INSERT ON audit_rows FOR EACH ROW EXECUTE FUNCTION public.stamp_audit_row()"
    )


def fill(database: psycopg.Connection[tuple[Any, ...]], schema: str, size: int) -> None:
    database.execute("SET session_replication_role = replica")
    for statement in FILL:
        database.execute(statement.format(base=BASES[schema], size=size))
    database.execute(
        "SELECT setval(pg_get_serial_sequence('organization_nodes', 'id'), %s), setval('public.users_id_seq', %s)",
        [size * 2, 30_000_000],
    )
    database.execute("RESET session_replication_role")
    for table in TABLES:
        database.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(table)))


def check(database: psycopg.Connection[tuple[Any, ...]]) -> None:
    from organization.invariants.places import PLACES, SPILLOVERS

    for query in (PLACES, SPILLOVERS):
        assert database.execute(f"{query} LIMIT 1").fetchone() is None
