"""The application's role moves money through the posting functions, and in no other way."""

from decimal import Decimal

import pytest
from django.db import ProgrammingError, connection, transaction

from tests.database import Owner
from tests.wallets.books import everything
from wallets.apps import WalletsConfig
from wallets.models import SystemAccount
from wallets.operations.hold import hold
from wallets.operations.raise_debt import raise_debt

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO transfers (kind, reference, asset_id, amount, source_system, target_system, at)"
        " VALUES ('post', 'x', 'USDT', 1, 'issuance', 'payouts', now())",
        "UPDATE transfers SET amount = 1",
        "DELETE FROM transfers",
        "TRUNCATE transfers",
        "INSERT INTO balances (user_id, asset_id, amount, locked_amount, created_at, updated_at)"
        " SELECT id, 'POINT', 1000, 0, now(), now() FROM users",
        "UPDATE balances SET amount = amount + 1",
        "UPDATE balances SET amount = amount - 1",
        "UPDATE balances SET locked_amount = 0",
        "DELETE FROM balances",
        "TRUNCATE balances",
        "UPDATE debts SET amount = 0",
        "DELETE FROM debts",
        "TRUNCATE debts",
        "UPDATE assets SET places = 18",
        "INSERT INTO assets (symbol, kind, places, withdrawal_places) VALUES ('X', 'coin', 8, 8)",
        "SELECT ledger_write((SELECT t FROM transfers t LIMIT 1), ROW(now(), 'job', 'x', '', '', '')::posting_actor)",
        "SELECT ledger_pay_debt(1, 'x', ROW(now(), 'job', 'x', '', '', '')::posting_actor)",
        "SELECT ledger_audit('transfer.posted', '1', '{}', ROW(now(), 'job', 'x', '', '', '')::posting_actor)",
        "SELECT ledger_open(1, 'USDT', now())",
        "CREATE OR REPLACE FUNCTION ledger_flaw(asset text, amount numeric) RETURNS text LANGUAGE sql AS 'SELECT NULL'",
        "ALTER FUNCTION ledger_put(text, transfer_entry, posting_actor) SECURITY INVOKER",
    ],
)
def test_by_raw_sql_nothing_moves(rich: int, statement: str) -> None:
    hold(reference="h", asset="USDT", amount=Decimal(10), source=rich)
    raise_debt(reference="c", asset="USDT", amount=Decimal(200), member=rich, target=SystemAccount.BONUS_EXPENSE)
    before = everything()
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert everything() == before


@pytest.mark.parametrize(
    "statement", ["UPDATE transfers SET amount = 1", "DELETE FROM transfers", "TRUNCATE transfers"]
)
@pytest.mark.django_db(transaction=True)
def test_what_was_posted_stays_for_the_owner_too(owner: Owner, rich: int, statement: str) -> None:
    before = everything()
    with pytest.raises(Exception, match=r"written once|cannot truncate"):
        owner.execute(statement)
    assert everything() == before


@pytest.mark.parametrize("table", ["balances", "debts"])
def test_a_balance_stays_for_the_owner_too(owner: Owner, table: str) -> None:
    for statement in (f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with pytest.raises(Exception, match=r"written once|cannot truncate"):
            owner.execute(statement)


def test_the_functions_can_t_be_led_astray_by_the_caller_s_search_path(rich: int) -> None:
    """A table of the caller's own stands before ours in its path, and is not what the function writes."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE balances (LIKE balances)")
        cursor.execute("CREATE TEMPORARY TABLE assets (LIKE assets)")
        cursor.execute("INSERT INTO pg_temp.assets SELECT 'XXX', 'coin', 18, 18")
        cursor.execute(
            "SELECT id, refusal FROM ledger_put('post', ROW('x', 'XXX', 1, NULL, 'issuance', NULL, 'payouts')"
            "::transfer_entry, ROW(now(), 'job', 'x', '', '', '')::posting_actor)"
        )
        assert cursor.fetchone() == (None, "unknown_asset")
        cursor.execute("DROP TABLE pg_temp.balances, pg_temp.assets")


def test_every_function_of_the_ledger_is_closed_to_the_public(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname, prosecdef, has_function_privilege(oid, 'EXECUTE'), proconfig,"
            " coalesce(proacl::text, '') ~ '[{,]=X' FROM pg_proc WHERE proname LIKE 'ledger%'"
        )
        rows = cursor.fetchall()
    assert len(rows) == 10
    for name, is_definer, may_call, config, is_public in rows:
        is_ours = name in WalletsConfig.application_functions
        assert (is_definer, may_call, is_public) == (is_ours, is_ours, False), name
        assert not is_ours or "search_path=pg_catalog, public, pg_temp" in config, name
