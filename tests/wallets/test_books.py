"""Sums: of the company's accounts, of what is owed, as of any time."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from aeghash.core import catalogue, clock
from aeghash.core.jobs import kind_named
from aeghash.core.models import Watermark
from tests.core.audit.trail import wait_until_nobody_is_before
from tests.database import Owner
from tests.races import run_together
from tests.wallets.books import give, make_member
from tests.wallets.conftest import Members
from tests.wallets.test_races import acting
from wallets.models import Balance, SystemAccount, SystemSum, Transfer
from wallets.operations.hold import hold
from wallets.operations.post import post
from wallets.operations.release import release
from wallets.operations.roll_system_sums import roll_system_sums
from wallets.operations.settle import settle
from wallets.queries.books import SYSTEM_SUMS, Line, balance_at, liabilities, running_balance, system_sums

PAYOUTS, ISSUANCE = SystemAccount.PAYOUTS, SystemAccount.ISSUANCE


def pay(member: int, amount: str, reference: str) -> int:
    return post(reference=reference, asset="USDT", amount=Decimal(amount), source=member, target=PAYOUTS)


def rolled_to_the_last_transfer() -> None:
    wait_until_nobody_is_before(Transfer.objects.latest("xid").xid)
    roll_system_sums()


@pytest.mark.django_db(transaction=True)
def test_the_sums_are_right_whether_or_not_the_checkpoint_moved(rich: int) -> None:
    pay(rich, "30", "a")
    expected = {(ISSUANCE, "USDT"): Decimal(-100), (PAYOUTS, "USDT"): Decimal(30)}
    assert system_sums() == expected
    rolled_to_the_last_transfer()
    assert system_sums() == expected
    roll_system_sums()
    assert system_sums() == expected
    pay(rich, "5", "b")
    hold(reference="h", asset="USDT", amount=Decimal(1), source=rich)
    assert system_sums() == {**expected, (PAYOUTS, "USDT"): Decimal(35)}
    assert SystemSum.objects.get(account=PAYOUTS).amount == 30


@pytest.mark.django_db(transaction=True)
def test_what_commits_late_is_counted_once(rich: int, owner: Owner) -> None:
    """A transaction that was open while the checkpoint moved: a highest id seen would have skipped it for ever."""
    other = make_member("M-9")
    with transaction.atomic():
        pay(rich, "30", "late")
        early = run_together(acting(lambda: give(other, "1")), acting(roll_system_sums))
        assert [each.error for each in early] == [None, None]
    assert system_sums()[PAYOUTS, "USDT"] == 30
    rolled_to_the_last_transfer()
    assert system_sums()[PAYOUTS, "USDT"] == 30
    roll_system_sums()
    assert SystemSum.objects.get(account=PAYOUTS).amount == 30
    assert catalogue.look(next(entry for entry in catalogue.entries() if entry.id == "L2")).holds


@pytest.mark.django_db(transaction=True)
def test_the_sums_read_no_transfer_below_the_checkpoint(members: Members) -> None:
    members(5)
    rolled_to_the_last_transfer()
    assert Watermark.objects.get(name=SYSTEM_SUMS).position > 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM transfers WHERE xid >= (SELECT position::text::xid8 FROM watermarks)")
        assert cursor.fetchone() == (0,)


def test_the_checkpoint_moves_by_itself() -> None:
    assert kind_named("wallets.roll_system_sums").name == "wallets.roll_system_sums"


@pytest.mark.django_db
def test_balances_and_sums_as_of_any_time(member: int) -> None:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    for day, amount in enumerate(("10", "20", "30")):
        with clock.steered(lambda day=day: start + timedelta(days=day)):  # type: ignore[misc]
            give(member, amount, reference=f"day {day}")
            if day == 1:
                held = hold(reference="h", asset="USDT", amount=Decimal(5), source=member)
            if day == 2:
                settle(hold=held, reference="s")
    for day, expected in enumerate((10, 30, 55)):
        at = start + timedelta(days=day, hours=1)
        assert balance_at(user_id=member, asset="USDT", at=at) == expected
        assert system_sums(at)[ISSUANCE, "USDT"] == -(10, 30, 60)[day]
        assert system_sums(at).get((PAYOUTS, "USDT"), 0) == (5 if day == 2 else 0)
    assert balance_at(user_id=member, asset="USDT", at=start - timedelta(days=1)) == 0
    assert balance_at(user_id=member, asset="POINT", at=start) == 0


@pytest.mark.django_db
def test_what_we_owe(members: Members) -> None:
    first, _second = members(2)
    give(first, "7", "POINT")
    hold(reference="h", asset="USDT", amount=Decimal(30), source=first)
    point, usdt = liabilities()
    assert (point.asset, point.amount, point.locked_amount) == ("POINT", Decimal(7), Decimal(0))
    assert (usdt.asset, usdt.amount, usdt.locked_amount) == ("USDT", Decimal(200), Decimal(30))


def told(lines: list[Line]) -> list[str]:
    return [f"{line.transfer.reference} {line.amount} {line.locked_amount}" for line in lines]


@pytest.mark.django_db
def test_a_running_balance_ends_where_it_began(member: int) -> None:
    give(member, "10", reference="a")
    first = hold(reference="h1", asset="USDT", amount=Decimal(4), source=member)
    second = hold(reference="h2", asset="USDT", amount=Decimal(3), source=member, target=make_member("M-9"))
    settle(hold=first, reference="s")
    release(hold=second, reference="x")
    balance = Balance.objects.get(user=member)
    assert told(running_balance(balance, most=9)) == ["x 6 0", "s 6 3", "h2 10 7", "h1 10 4", "a 10 0"]
    assert told(running_balance(balance, most=2)) == ["x 6 0", "s 6 3"]
    others = Balance.objects.exclude(user=member).get()
    assert told(running_balance(others, most=9)) == ["x 0 0", "h2 0 0"]
    with CaptureQueriesContext(connection) as queries:
        running_balance(balance, most=9)
    assert len(queries) == 1
