"""Each lock of the bonuses, and what happens without it: the control of each race takes the lock away."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, transaction

from aeghash.core import clock
from aeghash.core.checkpoints import checkpoint
from aeghash.core.models import Alert, AuditRow, User
from bonus.models import BonusSettings, Closing, ClosingMember, Entry, Rule
from bonus.operations import change_rules as rules
from bonus.operations import confirm_closing as confirming
from bonus.operations import draft_closing as drafting
from bonus.operations import retry_credit as retrying
from bonus.operations import run_closing as running
from bonus.operations.allocate_order import allocate_order
from bonus.operations.change_settings import MomentTaken, change_settings, new_settings, shown
from bonus.operations.confirm_closing import ClosingRuns, confirm_closing
from bonus.operations.draft_closing import PeriodClosed, draft_closing
from bonus.operations.reverse_order import reverse_order
from bonus.operations.run_closing import run_closing
from bonus.queries.canonical import differences
from bonus.queries.settings import settings_now
from organization.models import Member, Order
from organization.operations.refund_order import refund_order
from tests.bonus.closing import by_itself, closed, confirmed, long_ago
from tests.bonus.shares import check_order, line_of, paid
from tests.database import Owner
from tests.organization.buying import bought
from tests.races import Interleaving, Outcome
from tests.races.together import run_together
from wallets.models import Transfer

pytestmark = pytest.mark.django_db(transaction=True)
Race = tuple[Interleaving, Outcome, Outcome]
WRITTEN = "test: written"


def race(owner: Owner, at: str, first: Callable[[], Any], second: Callable[[], Any]) -> Race:
    interleaving = Interleaving(at=at, owner=owner)
    return (interleaving, *interleaving.run(by_itself(first), by_itself(second)))


def unlocked(closing_id: int) -> Closing:
    return Closing.objects.get(pk=closing_id)


@contextmanager
def without_key(owner: Owner, table: str) -> Iterator[None]:
    owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey".encode())
    try:
        yield
    finally:
        owner.execute(f"ALTER TABLE {table} ADD PRIMARY KEY (order_id)".encode())


# An order's row in `bonus_allocations` is the lock of its bonuses, that in `bonus_reversals` of their taking back.


def share_out_twice(owner: Owner) -> tuple[Race, Order]:
    order = bought(line_of(3)[-1])

    def share_out() -> bool:
        with transaction.atomic():
            is_new = allocate_order(order=order)
            checkpoint(WRITTEN)
        return is_new

    return race(owner, WRITTEN, share_out, share_out), order


def test_of_two_who_share_an_order_out_the_second_waits_and_does_nothing(
    check_invariants_after: None, owner: Owner
) -> None:
    (interleaving, first, second), order = share_out_twice(owner)
    assert (interleaving.second_had_to_wait, first.value, second.value) == (True, True, False)
    check_order(order)


def test_control_without_the_orders_row_both_would_and_the_entries_key_is_what_is_left(owner: Owner) -> None:
    with without_key(owner, "bonus_allocations"):
        (_, first, second), _order = share_out_twice(owner)
    assert first.value is True
    assert isinstance(second.error, IntegrityError)


def take_back_twice(owner: Owner) -> Race:
    order = paid(line_of(3)[-1], paid_at=long_ago())
    closed()
    refund_order(order=order)

    def take_back() -> bool:
        with transaction.atomic():
            is_new = reverse_order(order=order)
            checkpoint(WRITTEN)
        return is_new

    return race(owner, WRITTEN, take_back, take_back)


def test_of_two_who_take_an_order_back_the_second_waits_and_does_nothing(
    check_invariants_after: None, owner: Owner
) -> None:
    interleaving, first, second = take_back_twice(owner)
    assert (interleaving.second_had_to_wait, first.value, second.value) == (True, True, False)
    assert Entry.objects.filter(type="clawback").count() == 2


def test_control_without_the_reversals_row_both_would_and_the_entries_key_is_what_is_left(owner: Owner) -> None:
    with without_key(owner, "bonus_reversals"):
        _, first, second = take_back_twice(owner)
    assert first.value is True
    assert isinstance(second.error, IntegrityError)


# A refund shares the running closing's row, so that it never meets a chunk over the entries in another order.


def refund_while_it_closes(owner: Owner, *, wait: float = 0) -> tuple[Outcome, Outcome]:
    members = line_of(4)
    orders = [paid(member, paid_at=long_ago()) for member in members[1:]]
    closing = confirmed()

    def refund() -> None:
        with transaction.atomic():
            for order in reversed(orders):
                refund_order(order=order)
                reverse_order(order=order)
                checkpoint(WRITTEN)
                time.sleep(wait)

    _, first, second = race(owner, WRITTEN, refund, lambda: run_closing(closing_id=closing.pk))
    return first, second


def test_a_refund_of_many_and_a_closing_let_each_other_by(check_invariants_after: None, owner: Owner) -> None:
    refund, closing = refund_while_it_closes(owner)
    assert (refund.error, closing.error) == (None, None)
    assert not Transfer.objects.exists()


def test_control_without_the_shared_row_they_would_block_each_other_for_ever(owner: Owner) -> None:
    (text,) = owner.execute("SELECT pg_get_functiondef('bonus_reverse'::regproc)").fetchone() or ("",)
    shares = "PERFORM FROM bonus_closings WHERE status = 'running' FOR SHARE;"
    assert shares in text
    owner.execute(text.replace(shares, "").encode())
    try:
        # Longer than PostgreSQL waits before it looks for a deadlock: so it is the refund that will find it.
        refund, _closing = refund_while_it_closes(owner, wait=1.5)
    finally:
        owner.execute(text.encode())
    assert isinstance(refund.error, OperationalError)
    assert "deadlock" in str(refund.error)


# The closing's own row.


def begun_twice(owner: Owner) -> Closing:
    members = line_of(3)
    Member.objects.filter(pk=members[0].pk).update(rank="D2", is_rank_held=True)
    paid(members[2], 100, paid_at=long_ago())
    closing = confirmed()

    def begin() -> None:
        running._start(closing.pk)

    _, first, second = race(owner, "closing: before commit of the start", begin, begin)
    assert (first.error, second.error) == (None, None)
    closing.refresh_from_db()
    return closing


def test_two_runs_of_one_closing_begin_it_once(check_invariants_after: None, owner: Owner) -> None:
    begun = begun_twice(owner)
    assert begun.pool == 20
    closing = run_closing(closing_id=begun.pk)
    assert closing.report["types"]["share"]["amount"] == "20.000000"
    assert differences(closing.pk) == []


def test_control_without_the_closings_row_the_second_finds_an_empty_pool(
    monkeypatch: pytest.MonkeyPatch, owner: Owner
) -> None:
    monkeypatch.setattr(running, "lock_closing", unlocked)
    assert begun_twice(owner).pool == 0
    assert Entry.objects.get(type="share").amount == 20


def count_anew_while_confirmed(owner: Owner) -> tuple[Closing, Outcome]:
    members = line_of(3)
    draft = draft_closing()
    paid(members[2], 100, paid_at=long_ago())
    _, first, second = race(
        owner, "closing: open ones locked", lambda: confirm_closing(closing_id=draft.pk), draft_closing
    )  # fmt: skip
    assert first.error is None
    draft.refresh_from_db()
    assert draft.status == "running"
    return draft, second


def test_what_is_being_confirmed_is_not_counted_anew(owner: Owner) -> None:
    closing, second = count_anew_while_confirmed(owner)
    assert isinstance(second.error, PeriodClosed)
    assert (closing.version, closing.figures["total"]) == (1, "0.000000")


def test_control_without_the_drafts_lock_other_figures_would_be_confirmed(
    monkeypatch: pytest.MonkeyPatch, owner: Owner
) -> None:
    monkeypatch.setattr(drafting, "lock_closing", unlocked)
    closing, _second = count_anew_while_confirmed(owner)
    assert closing.version == 2
    assert closing.figures["total"] != "0.000000"


def confirm_two(owner: Owner) -> list[Outcome]:
    line_of(2)
    early, late = draft_closing(as_of=clock.now() - timedelta(days=8)), draft_closing()
    _, first, second = race(
        owner,
        "closing: open ones locked",
        lambda: confirm_closing(closing_id=early.pk),
        lambda: confirm_closing(closing_id=late.pk),
    )
    assert Closing.objects.filter(status="running").count() == 1
    return [first, second]


def test_of_two_closings_confirmed_at_once_one_runs(owner: Owner) -> None:
    first, second = confirm_two(owner)
    assert first.error is None
    assert isinstance(second.error, ClosingRuns)


def test_control_without_the_lock_on_all_of_them_only_the_index_is_left(
    monkeypatch: pytest.MonkeyPatch, owner: Owner
) -> None:
    def none_locked() -> dict[int, Closing]:
        return {closing.pk: closing for closing in Closing.objects.exclude(status="closed")}

    monkeypatch.setattr(confirming, "lock_open_closings", none_locked)
    assert [type(outcome.error) for outcome in confirm_two(owner)].count(IntegrityError) == 1


# A credit's row: its retry, its failure and whoever else has it in hand take turns.


def failing_credit() -> ClosingMember:
    members = line_of(3)
    paid(members[2], 100, paid_at=long_ago())
    User.objects.filter(pk=members[1].pk).update(is_active=False)
    closed()
    User.objects.filter(pk=members[1].pk).update(is_active=True)
    return ClosingMember.objects.get(status="retrying")


def credit_twice(owner: Owner) -> int:
    credit = failing_credit()

    def retry() -> ClosingMember:
        return retrying.retry_credit(credit_id=credit.pk)

    _, first, second = race(owner, "bonus: credit locked", retry, retry)
    assert (first.error, second.error) == (None, None)
    assert Transfer.objects.filter(reference=credit.reference).count() == 1
    return AuditRow.objects.filter(verb="bonus.credited").count()


def fail_while_credited(owner: Owner) -> ClosingMember:
    credit = failing_credit()
    _, first, second = race(
        owner,
        "bonus: credit locked",
        lambda: retrying.retry_credit(credit_id=credit.pk),
        lambda: retrying.note_failure(credit_id=credit.pk, error="suspended", is_last=True),
    )
    assert (first.error, second.error) == (None, None)
    return credit


def unlocked_credit(credit_id: int) -> ClosingMember:
    credit = ClosingMember.objects.select_related("member__user").get(pk=credit_id)
    checkpoint("bonus: credit locked")
    return credit


def test_a_credit_retried_by_two_is_credited_once(check_invariants_after: None, owner: Owner) -> None:
    assert credit_twice(owner) == 1


def test_control_without_its_lock_only_the_transfers_reference_is_left(
    monkeypatch: pytest.MonkeyPatch, owner: Owner
) -> None:
    monkeypatch.setattr(retrying, "_locked", unlocked_credit)
    assert credit_twice(owner) == 2


def test_a_credit_that_came_in_the_same_moment_is_not_told_as_failed(
    check_invariants_after: None, owner: Owner
) -> None:
    credit = fail_while_credited(owner)
    assert not Alert.objects.filter(key=f"bonus.credit:{credit.pk}").exists()
    credit.refresh_from_db()
    assert credit.status == "credited"


def test_control_without_its_lock_it_would_be(monkeypatch: pytest.MonkeyPatch, owner: Owner) -> None:
    monkeypatch.setattr(retrying, "_locked", unlocked_credit)
    credit = fail_while_credited(owner)
    assert Alert.objects.filter(key=f"bonus.credit:{credit.pk}").exists()


# Versions of the rules and of the settings.


def two_changes(owner: Owner) -> tuple[Outcome, Outcome]:
    def change(days: int) -> Callable[[], Rule]:
        lines = [{"type": "share", "level": 0, "percentage": "10"}]
        content = rules.new_version(lines=lines, valid_from=clock.now() + timedelta(days=days), reason="less")
        return lambda: rules.change_rules(content=content)

    _, first, second = race(owner, "bonus: rules looked at", change(5), change(10))
    return first, second


def test_two_changes_of_the_rules_follow_each_other(owner: Owner) -> None:
    first, second = two_changes(owner)
    assert (first.error, second.error) == (None, None)
    versions = list(Rule.objects.order_by("valid_from"))
    assert len(versions) == 3
    assert [version.valid_until for version in versions] == [*(later.valid_from for later in versions[1:]), None]


def test_control_without_their_lock_only_the_exclusion_is_left(monkeypatch: pytest.MonkeyPatch, owner: Owner) -> None:
    monkeypatch.setattr(rules, "lock_versions", lambda: None)
    outcomes = two_changes(owner)
    assert [type(outcome.error) for outcome in outcomes].count(IntegrityError) == 1
    assert Rule.objects.count() == 2


def test_of_two_settings_for_one_moment_one_holds() -> None:
    figures = {**shown(settings_now()), "warning_times": Decimal(5)}
    content = new_settings(figures=figures, valid_from=clock.now() + timedelta(days=1), reason="fewer warnings")

    def change() -> BonusSettings:
        return change_settings(content=content)

    outcomes = run_together(by_itself(change), by_itself(change))
    assert [type(outcome.error) for outcome in outcomes].count(MomentTaken) == 1
    assert BonusSettings.objects.count() == 2
