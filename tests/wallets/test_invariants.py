"""Each sentence of the ledger's, and a corruption that it names: planted past every trigger and check."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.core.management import call_command

from aeghash.core import catalogue
from tests.database import Owner
from tests.wallets.books import give
from tests.wallets.conftest import Members
from wallets.models import Balance, SystemAccount, Transfer
from wallets.operations.hold import hold
from wallets.operations.raise_debt import raise_debt
from wallets.operations.settle import settle

pytestmark = pytest.mark.django_db(transaction=True)

INSERT = """
    INSERT INTO transfers (kind, reference, asset_id, amount, source_id, source_system, target_id, target_system, at,
        resolves_id, xid)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, now(), %s, pg_current_xact_id())
"""


@pytest.fixture
def books(owner: Owner, members: Members) -> list[int]:
    """Two balances with an open and a settled hold, and a debt."""
    first, second = members(2)
    for number in range(2):
        held = hold(reference=f"h{number}", asset="USDT", amount=Decimal(10), source=first)
    settle(hold=held, reference="s1", target=second)
    raise_debt(reference="c", asset="USDT", amount=Decimal(200), member=second, target=SystemAccount.BONUS_EXPENSE)
    for finding in catalogue.look_at_all(only=("L1", "L2", "L3", "L4", "L5", "L6", "L7")):
        assert finding.holds, finding
    return list(Balance.objects.order_by("pk").values_list("pk", flat=True))


@contextmanager
def broken_open(owner: Owner, table: str, *names: str) -> Iterator[None]:
    """Without these constraints, and past the triggers; with them again once the rows are gone."""
    kept = {}
    owner.execute("SET session_replication_role = replica")
    for name in names:
        query = "SELECT contype, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s"
        found = owner.execute(query, [name]).fetchone()
        if found:
            kept[name] = f"ALTER TABLE {table} ADD CONSTRAINT {name} {found[1]}"
            owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        else:
            (kept[name],) = owner.execute(
                "SELECT indexdef FROM pg_indexes WHERE indexname = %s", [name]
            ).fetchone() or ("",)
            owner.execute(f"DROP INDEX {name}")
    try:
        yield
    finally:
        owner.execute(f"DELETE FROM {table}")
        for statement in kept.values():
            owner.execute(statement)


def found(invariant: str, *, since: int | None = None) -> int:
    entry = next(entry for entry in catalogue.entries() if entry.id == invariant)
    return len(catalogue.look(entry, since=since).violations)


def next_transaction(owner: Owner) -> int:
    (number,) = owner.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchone() or (0,)
    return int(number)


@pytest.mark.parametrize(
    ("constraint", "amount", "change"),
    [
        ("transfers_amount_positive", "0", {}),
        ("transfers_amount_positive", "-1", {}),
        ("transfers_amount_check", "NaN", {}),
        ("transfers_amount_positive", "0.0000001", {}),
        ("transfers_two_sides", "1", {"target_system": None, "target": "first"}),
        ("transfers_one_source", "1", {"source_system": "fees"}),
        ("transfers_one_target", "1", {"target_system": None}),
        ("transfers_amount_positive", "1", {"asset": "POINT"}),
        ("transfers_amount_positive", "1", {"source": 10**9}),
        ("transfers_amount_positive", "1", {"asset": "XXX"}),
    ],
)
def test_l1_an_unsound_transfer(
    owner: Owner, books: list[int], constraint: str, amount: str, change: dict[str, object]
) -> None:
    since = next_transaction(owner)
    row: dict[str, object] = {"asset": "USDT", "source": "first", "source_system": None, "target": None}
    row |= {"target_system": "payouts", **change}
    row = {name: books[0] if value == "first" else value for name, value in row.items()}
    with broken_open(owner, "transfers", constraint):
        sides = [row[name] for name in ("source", "source_system", "target", "target_system")]
        owner.execute(INSERT, ["post", "planted", row["asset"], amount, *sides, None])
        assert found("L1") == found("L1", since=since) == 1
        assert found("L1", since=next_transaction(owner)) == 0


def test_l2_money_from_nowhere(owner: Owner, books: list[int]) -> None:
    owner.execute("UPDATE balances SET amount = amount + 1 WHERE id = %s", [books[0]])
    assert found("L2") == found("L2", since=next_transaction(owner)) == 1


def test_l2_a_checkpoint_that_lies(owner: Owner, books: list[int]) -> None:
    owner.execute("INSERT INTO system_sums (account, asset_id, amount) VALUES ('fees', 'USDT', 1)")
    assert found("L2") == found("L2", since=next_transaction(owner)) == 1


@pytest.mark.parametrize("column", ["amount", "locked_amount"])
def test_l3_a_balance_that_its_transfers_do_not_make(owner: Owner, books: list[int], column: str) -> None:
    since = next_transaction(owner)
    owner.execute(f"UPDATE balances SET {column} = {column} + 1 WHERE id = %s", [books[0]])
    assert (found("L3"), found("L3", since=since)) == (1, 0)
    give(Balance.objects.get(pk=books[0]).user_id, "1")
    assert found("L3", since=since) == 1


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("balances_amount_not_negative", "amount = -1, locked_amount = -1"),
        ("balances_locked_not_negative", "locked_amount = -1"),
        ("balances_locked_within_amount", "locked_amount = amount + 1"),
    ],
)
def test_l4_a_balance_out_of_its_bounds(owner: Owner, books: list[int], constraint: str, values: str) -> None:
    others = ("balances_amount_not_negative", "balances_locked_not_negative", "balances_locked_within_amount")
    with broken_open(owner, "balances", *others):
        owner.execute(f"UPDATE balances SET {values} WHERE id = %s", [books[0]])
        assert found("L4") == 1


@pytest.mark.parametrize(
    ("hold_of", "asset", "amount", "violations"), [("h1", "USDT", 10, 2), ("h0", "USDT", 9, 1), ("h0", "POINT", 10, 1)]
)
def test_l5_a_hold_resolved_wrongly(
    owner: Owner, books: list[int], hold_of: str, asset: str, amount: int, violations: int
) -> None:
    since, held = next_transaction(owner), Transfer.objects.get(reference=hold_of).pk
    with broken_open(owner, "transfers", "transfers_hold_resolved_once"):
        owner.execute(INSERT, ["release", "planted", asset, amount, books[0], None, None, "payouts", held])
        assert (found("L5"), found("L5", since=since)) == (violations, 1)


def test_l6_a_reference_used_twice(owner: Owner, books: list[int]) -> None:
    since = next_transaction(owner)
    with broken_open(owner, "transfers", "transfers_reference_once"):
        owner.execute(INSERT, ["post", "s1", "USDT", 1, None, "issuance", None, "payouts", None])
        assert found("L6") == found("L6", since=since) == 1


def test_l7_a_debt_that_was_forgotten(owner: Owner, books: list[int]) -> None:
    owner.execute("UPDATE debts SET amount = amount - 1")
    assert found("L7") == 1


def test_verify_ledger_names_what_is_wrong(owner: Owner, books: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_ledger")
    assert "the ledger holds" in capsys.readouterr().out
    owner.execute("UPDATE balances SET amount = amount + 1 WHERE id = %s", [books[0]])
    with pytest.raises(SystemExit, match="1"):
        call_command("verify_ledger")
    said = capsys.readouterr().out
    assert "L2" in said
    assert "L3" in said
