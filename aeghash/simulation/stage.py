"""A PostgreSQL of the simulation's own, with the people and the money each run begins with.

Of its own, because what is taken "up to now" (seals, volumes, closings) looks at every transaction of the server, and so
would follow other people's work. It is kept in the data folder: made once, it is there in a second.
"""

import hashlib
import os
from pathlib import Path
from typing import Any, Final

import psycopg
from django.db import connections
from psycopg import sql

from aeghash.core.embedded import postgres
from aeghash.core.embedded.folder import DataFolder, Refused
from aeghash.core.embedded.preparation import ROOT, data_folder

MOST_STAGES: Final = 16
SETTINGS: Final = (
    *postgres.CARELESS,
    "autovacuum=off",  # it would hold locks when it likes
    "deadlock_timeout=8ms",
    "jit=off",
)
ENVIRONMENT: Final = {
    "APP_ENV": "development",
    "REDIS_URL": "",
    "HASHDAM_API_BASE_URL": "http://127.0.0.1:9/v1",  # nothing listens there, and nothing is asked to
    "HASHDAM_API_KEY": "simulation",
    "HASHDAM_LISTING_DELAY_SECONDS": "60",
    "MBLOCK_API_BASE_URL": "http://127.0.0.1:9/bsc",
    "MBLOCK_API_KEY": "simulation",
    "MBLOCK_TRANSIT_FEE": "0.001",
    "MBLOCK_TRANSIT_CALLBACK_URL": "http://127.0.0.1:9/api/mblock/callback/simulation/",
    "APPROVAL_OTP_REQUIRED": "false",
    "WITHDRAWAL_TWO_STEP_REQUIRED": "true",
    "CLOSING_PERIOD": "daily",
    "CLOSING_REFUND_LAG_DAYS": "0",
    "CLOSING_CHUNK_SIZE": "2",
    "DATABASE_POOL_SIZE": "60",
    "DATABASE_RETRY_ATTEMPTS": "3",
    "DATABASE_ECHO": "false",
}
PATIENCE: Final = 600
SEQUENCES: Final = "all_sequences"
NEXT_NUMBERS: Final = f"""
    SELECT setval(format('public.%I', sequencename)::regclass, coalesce(last_value, start_value), last_value IS NOT NULL)
    FROM seeded.{SEQUENCES}
"""  # noqa: S608 - our own words
Owner = psycopg.Connection[tuple[Any, ...]]


def set_up() -> None:
    """In a process that has no Django yet: the first stage that nobody plays on, its server, the settings."""
    for name in [
        name for name in os.environ if name.startswith(("DATABASE_", "CLOSING_", "MBLOCK_", "HASHDAM_", "RISK_"))
    ]:
        del os.environ[name]
    os.environ.update(ENVIRONMENT)
    folder = _free_folder()
    folder.use()
    os.environ.update(postgres.ensure(folder, settings=SETTINGS))
    os.environ.update({name: folder.keys[name] for name in ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS")})
    from aeghash.sandbox.chain.wallets import FEE_WALLET, PAYOUT_WALLETS

    os.environ["MBLOCK_PAYOUT_WALLETS"] = ",".join(wallet.address for wallet in PAYOUT_WALLETS)
    os.environ["MBLOCK_TRANSIT_FEE_WALLET_KEY"] = FEE_WALLET.key
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aeghash.settings")
    import django

    django.setup()
    _lift_time_limits()
    _furnish_once(folder)


def _lift_time_limits() -> None:
    """Of the real clock: a busy machine must not decide what happens. The scheduler counts the world's time instead."""
    from aeghash.core import jobs

    options = connections.settings["default"]["OPTIONS"]
    options["options"], options["connect_timeout"] = "", PATIENCE
    options["pool"]["timeout"] = PATIENCE
    jobs.HOLD, jobs.END = (text.replace("'30s'", "'0'") for text in (jobs.HOLD, jobs.END))  # type: ignore[misc]


def _free_folder() -> DataFolder:
    home = data_folder().path / "simulation"
    home.mkdir(parents=True, exist_ok=True)
    for number in range(MOST_STAGES):
        folder = DataFolder(home / f"{_fingerprint()}-{number}")
        if folder.hold("stage.lock") is not None:
            return folder
    raise Refused(f"{MOST_STAGES} simulations are running already.")


def _fingerprint() -> str:
    """Of all that decides what a furnished database looks like."""
    migrations = (*ROOT.glob("*/migrations/*.py"), *ROOT.glob("aeghash/*/migrations/*.py"))
    sources = sorted((*migrations, Path(__file__).with_name("furniture.py")))
    content = b"".join(path.read_bytes() for path in sources)
    return hashlib.sha256(content).hexdigest()[:12]


def _furnish_once(folder: DataFolder) -> None:
    from django.core.management import call_command

    from aeghash.simulation.furniture import furnish

    if folder.read("furnished.json"):
        return
    if folder.read("begun.json"):
        raise Refused(f"{folder.path} was left half-made: delete it.")
    folder.write("begun.json", {"begun": True})
    call_command("migrate", verbosity=0)
    furnish()
    with owner() as connection:
        connection.execute("UPDATE schedules SET enabled = false")  # the world's own actors do what they start
        _remember(connection)
    folder.write("furnished.json", {"done": True})


def reset() -> None:
    """Everything as it was furnished: the rows, the next numbers, and where in its table a row comes to lie."""
    with owner() as connection:
        connection.execute("SET session_replication_role = replica")  # no trigger refuses
        with connection.transaction():
            tables = sql.SQL(", ").join(sql.Identifier(table) for table in _tables_with_rows(connection))
            connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(tables))
            seeded = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'seeded' ORDER BY 1")
            copies = [
                sql.SQL("INSERT INTO public.{0} OVERRIDING SYSTEM VALUE SELECT * FROM seeded.{0}").format(
                    sql.Identifier(table)
                )
                for (table,) in seeded.fetchall()
                if table != SEQUENCES
            ]
            connection.execute(sql.SQL("; ").join([*copies, sql.SQL(NEXT_NUMBERS)]))


def _remember(connection: Owner) -> None:
    connection.execute("CREATE SCHEMA seeded")
    for table in _tables_with_rows(connection):
        connection.execute(sql.SQL("CREATE TABLE seeded.{0} AS TABLE public.{0}").format(sql.Identifier(table)))
    connection.execute(
        f"CREATE TABLE seeded.{SEQUENCES} AS "  # noqa: S608 - our own words
        "SELECT sequencename, last_value, start_value FROM pg_sequences WHERE schemaname = 'public'"
    )


def _tables_with_rows(connection: Owner) -> list[str]:
    tables = [table for (table,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    questions = [
        sql.SQL("(SELECT {} FROM public.{} LIMIT 1)").format(sql.Literal(table), sql.Identifier(table))
        for table in tables
    ]
    return [str(table) for (table,) in connection.execute(sql.SQL(" UNION ALL ").join(questions))]


def owner() -> Owner:
    config = connections["owner"].settings_dict
    return psycopg.connect(
        host=config["HOST"],
        port=config["PORT"],
        user=config["USER"],
        password=config["PASSWORD"],
        dbname=config["NAME"],
        autocommit=True,
    )
