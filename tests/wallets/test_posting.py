"""What the postings do, one at a time."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from aeghash.core.errors import Invalid, NotFound, Refusal
from aeghash.core.models import AuditRow
from tests.wallets.books import debt_of, everything, give, standing
from tests.wallets.conftest import Members
from wallets.models import (
    Balance,
    Entry,
    HoldResolved,
    InsufficientBalance,
    ReferenceUsed,
    SystemAccount,
    Transfer,
    UnknownAsset,
    UnknownHold,
    UnknownMember,
)
from wallets.operations.hold import hold
from wallets.operations.post import post
from wallets.operations.post_many import post_many
from wallets.operations.raise_debt import Collected, raise_debt
from wallets.operations.release import release
from wallets.operations.settle import settle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("check_invariants_after")]

PAYOUTS, ISSUANCE, EXPENSE = SystemAccount.PAYOUTS, SystemAccount.ISSUANCE, SystemAccount.BONUS_EXPENSE


def pay(source: Any, target: Any, amount: str = "10", reference: str = "r", asset: str = "USDT") -> int:
    return post(reference=reference, asset=asset, amount=Decimal(amount), source=source, target=target)


def set_aside(member: int, amount: str = "10", reference: str = "h", **options: Any) -> int:
    return hold(reference=reference, asset="USDT", amount=Decimal(amount), source=member, **options)


def take_back(member: int, amount: str, reference: str = "c") -> Collected:
    return raise_debt(reference=reference, asset="USDT", amount=Decimal(amount), member=member, target=EXPENSE)


def refused(kind: type[Refusal], act: Callable[[], object]) -> None:
    before = everything()
    with pytest.raises(kind):
        act()
    assert everything() == before


def test_a_post_moves_an_amount_and_takes_its_audit_row_along(members: Members) -> None:
    giver, taker = members(2)
    made = pay(giver, taker, "30.5", reference="order 7")
    assert (standing(giver), standing(taker)) == ((Decimal("69.5"), 0), (Decimal("130.5"), 0))
    row = AuditRow.objects.latest("pk")
    assert (row.verb, row.object_type, row.object_id) == ("transfer.posted", "wallets.transfer", str(made))
    assert row.after["amount"] == "30.5"
    assert (row.actor_id, row.reason) == ("manage.py test", "")


def test_a_balance_is_made_with_its_first_credit(member: int) -> None:
    assert not Balance.objects.exists()
    give(member, "0.000001", "POINT")
    assert standing(member, "POINT") == (Decimal("0.000001"), 0)


def test_the_company_s_accounts_post_to_each_other(db: None) -> None:
    pay(PAYOUTS, SystemAccount.FEES)
    assert not Balance.objects.exists()


def test_the_same_again_is_the_first_even_if_it_could_not_be_done_now(rich: int) -> None:
    first = pay(rich, PAYOUTS, "100")
    before = everything()
    assert pay(rich, PAYOUTS, "100") == first
    assert pay(rich, PAYOUTS, "100.000") == first
    assert everything() == before


@pytest.mark.parametrize("change", [{"amount": "11"}, {"target": SystemAccount.FEES}, {"asset": "POINT"}])
def test_a_reference_stands_for_one_thing(rich: int, change: dict[str, Any]) -> None:
    give(rich, "50", "POINT")
    pay(rich, PAYOUTS, "10")
    first: dict[str, Any] = {"source": rich, "target": PAYOUTS, "amount": "10"}
    refused(ReferenceUsed, lambda: pay(**first | change))
    refused(ReferenceUsed, lambda: set_aside(rich, "10", reference="r"))


def test_more_than_is_available_is_refused(rich: int, member: int) -> None:
    set_aside(rich, "60")
    refused(InsufficientBalance, lambda: pay(rich, PAYOUTS, "40.000001"))
    refused(InsufficientBalance, lambda: set_aside(rich, "41", "h2"))
    refused(InsufficientBalance, lambda: pay(rich, PAYOUTS, "1", asset="POINT"))
    pay(rich, PAYOUTS, "40")
    assert standing(rich) == (60, 60)


@pytest.mark.parametrize("reference", ["", "x" * 201])
def test_a_reference_that_could_not_be_lengthened_is_a_mistake_of_ours(rich: int, reference: str) -> None:
    with pytest.raises(ValueError, match="reference"):
        pay(rich, PAYOUTS, reference=reference)
    with pytest.raises(ValueError, match="reference"):
        settle(hold=set_aside(rich), reference=reference)


@pytest.mark.parametrize("amount", ["0", "-1", "NaN", "Infinity", "-Infinity", "0.0000001", "100000000000000000000"])
def test_what_is_no_amount_of_the_asset_is_refused(rich: int, amount: str) -> None:
    refused(Invalid, lambda: pay(rich, PAYOUTS, amount))
    refused(Invalid, lambda: set_aside(rich, amount))
    refused(Invalid, lambda: take_back(rich, amount))


def test_a_float_is_a_mistake_of_ours(rich: int) -> None:
    with pytest.raises(TypeError):
        post(reference="r", asset="USDT", amount=1.5, source=rich, target=PAYOUTS)  # type: ignore[arg-type]


def test_who_and_what_is_not_there(rich: int) -> None:
    refused(UnknownMember, lambda: pay(ISSUANCE, 10**9))
    refused(UnknownAsset, lambda: pay(rich, PAYOUTS, asset="XXX"))
    refused(UnknownHold, lambda: settle(hold=10**9, reference="s"))
    refused(UnknownHold, lambda: release(hold=Transfer.objects.get().pk, reference="s"))
    assert issubclass(UnknownHold, NotFound)


@pytest.mark.parametrize(
    ("source", "target"), [("rich", "rich"), (PAYOUTS, PAYOUTS), ("rich", SystemAccount.DEBTS), (None, PAYOUTS)]
)
def test_sides_that_make_no_transfer_are_a_mistake_of_ours(rich: int, source: Any, target: Any) -> None:
    before = everything()
    with pytest.raises(IntegrityError), transaction.atomic():
        pay(rich if source == "rich" else source, rich if target == "rich" else target)
    assert everything() == before


def test_a_hold_is_settled(rich: int) -> None:
    held = set_aside(rich, "30")
    assert standing(rich) == (100, 30)
    settled = settle(hold=held, reference="s")
    assert standing(rich) == (70, 0)
    assert settle(hold=held, reference="s") == settled
    assert Transfer.objects.get(pk=settled).target_system == PAYOUTS
    refused(HoldResolved, lambda: release(hold=held, reference="x"))
    refused(HoldResolved, lambda: settle(hold=held, reference="s2"))
    refused(ReferenceUsed, lambda: release(hold=held, reference="s"))


def test_a_hold_is_settled_to_somewhere_else(members: Members) -> None:
    first, second = members(2)
    settle(hold=set_aside(first, "30"), reference="s", target=SystemAccount.FORWARDING)
    settle(hold=set_aside(first, "30", "h2"), reference="s2", target=second)
    assert (standing(first), standing(second)) == ((40, 0), (130, 0))


def test_a_hold_is_released(rich: int) -> None:
    held = set_aside(rich, "30")
    released = release(hold=held, reference="x")
    assert release(hold=held, reference="x") == released
    assert standing(rich) == (100, 0)
    refused(HoldResolved, lambda: settle(hold=held, reference="s"))


def test_a_balance_locks_and_unlocks_by_transfers(rich: int) -> None:
    balance = Balance.objects.get()
    held = balance.lock(Decimal(30), reference="h")
    balance.refresh_from_db()
    assert (balance.available_amount, balance.can_withdraw(Decimal(70)), balance.can_withdraw(Decimal("70.1"))) == (
        Decimal(70), True, False,
    )  # fmt: skip
    assert not balance.can_withdraw(Decimal(0))
    assert not balance.can_withdraw(Decimal("NaN"))
    refused(InsufficientBalance, lambda: balance.lock(Decimal(71), reference="h2"))
    balance.unlock(held, reference="x")
    assert standing(rich) == (100, 0)


def test_after_a_refusal_the_caller_s_transaction_goes_on(rich: int) -> None:
    with transaction.atomic():
        with pytest.raises(InsufficientBalance):
            pay(rich, PAYOUTS, "101")
        pay(rich, PAYOUTS, "1")
    assert standing(rich) == (99, 0)


def test_what_a_caller_rolls_back_never_was(rich: int) -> None:
    before = everything()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        pay(rich, PAYOUTS, "1")
        raise ZeroDivisionError
    assert everything() == before


def test_what_can_t_be_taken_back_becomes_a_debt_which_credits_pay_first(rich: int) -> None:
    held = set_aside(rich, "60")
    assert take_back(rich, "100") == Collected(taken=Decimal(40), owed=Decimal(60))
    assert take_back(rich, "100") == Collected(taken=Decimal(40), owed=Decimal(60))
    assert (standing(rich), debt_of(rich)) == ((60, 60), 60)
    give(rich, "25", reference="income")
    assert (standing(rich), debt_of(rich)) == ((60, 60), 35)
    paid = Transfer.objects.get(reference="debt:income")
    assert (paid.amount == 25, paid.target_system, paid.debt and paid.debt.user_id) == (True, "debts", rich)
    release(hold=held, reference="x")
    assert (standing(rich), debt_of(rich)) == ((25, 0), 0)
    assert take_back(rich, "5", "c2") == Collected(taken=Decimal(5), owed=Decimal(0))


def test_a_take_back_s_reference_stands_for_one_thing(members: Members) -> None:
    first, second = members(2)
    take_back(first, "120")
    refused(ReferenceUsed, lambda: take_back(first, "121"))
    refused(ReferenceUsed, lambda: take_back(second, "120"))
    refused(UnknownMember, lambda: take_back(10**9, "1", "c2"))


def test_a_batch_is_posted_with_one_audit_row(members: Members) -> None:
    first, second, third = members(3)
    take_back(third, "130")
    audited = AuditRow.objects.count()
    entries = [
        Entry("b1", "USDT", Decimal(150), ISSUANCE, first),
        Entry("b2", "USDT", Decimal(250), first, second),  # more than it had: the batch as a whole leaves it at zero
        Entry("b3", "POINT", Decimal("0.5"), EXPENSE, second),
        Entry("b4", "USDT", Decimal(50), ISSUANCE, third),
    ]
    assert post_many(entries=entries, batch="day 1") == 4
    assert [standing(member)[0] for member in (first, second, third)] == [0, 350, 20]
    assert (standing(second, "POINT"), debt_of(third)) == ((Decimal("0.5"), 0), 0)
    told = AuditRow.objects.get(verb="transfers.posted")
    assert (told.object_id, told.after) == ("day 1", {"count": 4, "sums": {"USDT": "450", "POINT": "0.5"}})
    assert AuditRow.objects.count() == audited + 2  # and the payment of the debt

    before = everything()
    assert post_many(entries=entries, batch="day 1") == 0
    assert everything() == before
    more = [*entries, Entry("b5", "USDT", Decimal(1), ISSUANCE, third)]
    assert post_many(entries=more, batch="day 1") == 1
    assert standing(third) == (21, 0)


@pytest.mark.parametrize(
    ("refusal", "change"),
    [
        (InsufficientBalance, {"source": "rich", "target": PAYOUTS, "amount": Decimal(101)}),
        (InsufficientBalance, {"source": "rich", "target": PAYOUTS, "asset": "POINT"}),
        (ReferenceUsed, {"reference": "b1"}),
        (ReferenceUsed, {"reference": "r"}),
        (UnknownMember, {"target": 10**9}),
        (UnknownAsset, {"asset": "XXX"}),
        (Invalid, {"amount": Decimal("NaN")}),
        (Invalid, {"amount": Decimal("0.0000001")}),
    ],
)
def test_one_bad_entry_refuses_the_batch(rich: int, refusal: type[Refusal], change: dict[str, Any]) -> None:
    pay(rich, PAYOUTS, "1", reference="r")
    give(rich, "1")
    sound: dict[str, Any] = {
        "reference": "b2",
        "asset": "USDT",
        "amount": Decimal(1),
        "source": ISSUANCE,
        "target": rich,
    }
    fields: Any = {name: rich if value == "rich" else value for name, value in (sound | change).items()}
    entries = [Entry("b1", "USDT", Decimal("0.5"), ISSUANCE, rich), Entry(**fields)]
    refused(refusal, lambda: post_many(entries=entries, batch="bad"))


def test_sides_that_make_no_transfer_are_no_refusal_of_a_batch(rich: int) -> None:
    with pytest.raises(IntegrityError, match="two_sides"), transaction.atomic():
        post_many(entries=[Entry("b", "USDT", Decimal(1), rich, rich)], batch="bad")


def test_nothing_to_post_is_nothing(db: None) -> None:
    assert post_many(entries=[], batch="none") == 0
    assert not AuditRow.objects.exists()
