import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import Sum

from aeghash.core import clock
from aeghash.core.checkpoints import hooked
from aeghash.core.models import Alert, AuditRow, Job, User
from bonus.models import Closing, ClosingMember, Entry, PoolShare
from bonus.operations.confirm_closing import confirm_closing
from bonus.operations.draft_closing import PeriodClosed, draft_closing, foreseen
from bonus.operations.retry_credit import MemberSuspended, note_failure, retry_by_hand, retry_credit
from bonus.operations.reverse_order import reverse_order
from bonus.operations.run_closing import run_closing
from bonus.queries.canonical import differences
from organization.models import Member, Order, RankRule
from organization.operations.refund_order import refund_order
from organization.operations.set_rank import set_rank
from tests.bonus.closing import by_itself, closed, confirmed, long_ago, set_to
from tests.bonus.shares import line_of, paid
from tests.database import Owner
from tests.races.together import run_together
from tests.waiting import Running
from tests.wallets.books import debt_of, give, standing
from wallets.models import Balance, SystemAccount, Transfer
from wallets.operations.post import post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("check_invariants_after")]


def balance(member: Member) -> Decimal | int:
    found = Balance.objects.filter(user=member.pk, asset="POINT").values_list("amount", flat=True).first()
    return found or 0


def take_back(order: Order) -> None:
    with transaction.atomic():
        refund_order(order=order)
        reverse_order(order=order)


def test_each_member_is_credited_once_for_all_entries() -> None:
    members = line_of(4)
    for _ in range(3):
        paid(members[-1], 100, paid_at=long_ago())
    closing = closed()
    assert closing.status == "closed"
    assert Transfer.objects.count() == 3 == ClosingMember.objects.count()
    assert balance(members[2]) == 3 * (30 + 1)
    assert set(Entry.objects.values_list("status", flat=True)) == {"confirmed"}
    assert differences(closing.pk) == []


def test_what_was_paid_within_the_refund_lag_rolls_over() -> None:
    members = line_of(2)
    order = paid(members[1], 100, paid_at=clock.now())
    closed()
    assert Entry.objects.get(order=order, type="referral").status == "pending"
    assert balance(members[0]) == 0


def test_the_dry_run_says_what_the_closing_comes_to_and_changes_nothing() -> None:
    members = line_of(5)
    Member.objects.filter(pk__in=[members[0].pk, members[2].pk]).update(rank="D2")
    paid(members[-1], Decimal("33.3333"), paid_at=long_ago())
    audits = AuditRow.objects.count()
    _period, figures = foreseen()
    assert not Closing.objects.exists()
    assert AuditRow.objects.count() == audits
    closing = closed()
    assert closing.report == figures


def test_the_pool_is_split_to_the_last_unit_the_lowest_numbers_first() -> None:
    members = line_of(5)
    Member.objects.filter(pk__in=[member.pk for member in members[:3]]).update(rank="D2")
    paid(members[-1], Decimal("0.0001"), paid_at=long_ago())
    closing = closed()
    shares = Entry.objects.filter(type="share").order_by("beneficiary")
    assert closing.pool == Decimal("0.000020")
    assert [share.amount for share in shares] == [Decimal("0.000007"), Decimal("0.000007"), Decimal("0.000006")]
    assert {share.rank for share in shares} == {"D2"}


def test_a_refund_after_the_closing_takes_new_bonus_first_then_the_balance_then_a_debt() -> None:
    members = line_of(3)
    order = paid(members[2], 100, paid_at=long_ago(20))
    closed(clock.now() - timedelta(days=8))
    assert balance(members[1]) == 31
    spent = post(
        reference="spent", asset="POINT", amount=Decimal(30), source=members[1].pk, target=SystemAccount.PAYOUTS
    )
    assert spent
    take_back(order)
    paid(members[2], 10, paid_at=long_ago())  # new bonus of 3.1
    closed()
    assert standing(members[1].pk, "POINT") == (0, 0)
    assert debt_of(members[1].pk, "POINT") == Decimal("26.9")  # 31 less 3.1 new, less 1 that was left
    give(members[1].pk, "30", asset="POINT")
    assert standing(members[1].pk, "POINT") == (Decimal("3.1"), 0)


def test_a_refunded_order_goes_out_of_the_next_pool_and_a_negative_pool_is_carried_on() -> None:
    members = line_of(3)
    Member.objects.filter(pk=members[0].pk).update(rank="D2")
    order = paid(members[2], 100, paid_at=long_ago(20))
    closed(clock.now() - timedelta(days=8))
    take_back(order)
    second = closed()
    assert second.pool == -20 == second.pool_carried_out
    assert not Entry.objects.filter(closing=second, type="share").exists()
    assert PoolShare.objects.get(is_refund=True).closing == second


def test_a_carried_pool_is_made_good_by_the_next_one() -> None:
    members = line_of(3)
    Member.objects.filter(pk=members[0].pk).update(rank="D2")
    order = paid(members[2], 100, paid_at=long_ago(28))
    closed(clock.now() - timedelta(days=16))
    take_back(order)
    closed(clock.now() - timedelta(days=8))
    paid(members[2], 250, paid_at=long_ago(12))
    third = closed()
    assert [third.pool_carried_in, third.pool, third.pool_carried_out] == [-20, 30, 0]
    assert Entry.objects.get(closing=third, type="share").amount == 30


def test_ranks_are_recomputed_at_the_closing_and_what_they_brought_stays() -> None:
    members = line_of(3)
    RankRule.objects.create(rank="D2", valid_from=clock.now() - timedelta(days=1), own_sales=1)
    paid(members[2], 100, paid_at=long_ago())
    assert Member.objects.filter(rank="FREE").count() == 3
    _period, figures = foreseen()
    assert Member.objects.filter(rank="FREE").count() == 3
    closing = closed()
    assert closing.report == figures
    share = Entry.objects.get(type="share")
    assert (share.beneficiary, share.rank) == (members[2], "D2")
    assert share.amount == 20
    members[2].refresh_from_db()
    set_rank(member=members[2], rank="FREE", reason="test")
    share.refresh_from_db()
    assert (share.rank, differences(closing.pk)) == ("D2", [])


def test_the_database_gives_nobody_two_shares_of_one_pool(owner: Owner) -> None:
    members = line_of(3)
    Member.objects.filter(pk=members[0].pk).update(rank="D2")
    paid(members[2], 100, paid_at=long_ago())
    closed()
    columns = "beneficiary_id, type, level, pv, percentage, amount, rank, status, closing_id, due_at, created_at"
    with pytest.raises(Exception, match="bonus_entries_one_share"):
        owner.execute(
            f"INSERT INTO bonus_entries ({columns}) SELECT {columns} FROM bonus_entries WHERE type = 'share'".encode()
        )


def test_a_closing_that_has_run_does_nothing_again() -> None:
    members = line_of(3)
    paid(members[2], 100, paid_at=long_ago())
    closing = closed()
    again = run_closing(closing_id=closing.pk)
    assert (again.sha256, Transfer.objects.count()) == (closing.sha256, 2)
    with pytest.raises(PeriodClosed):
        draft_closing()


def test_two_runs_at_once_pay_nobody_twice() -> None:
    set_to(chunk_size=1)
    members = line_of(6)
    paid(members[-1], 100, paid_at=long_ago())
    closing = confirmed()
    run = by_itself(lambda: run_closing(closing_id=closing.pk))
    outcomes = run_together(run, run)
    assert [outcome.value.status for outcome in outcomes] == ["closed"] * 2
    closing.refresh_from_db()
    assert closing.status == "closed"
    assert closing.members_closed == ClosingMember.objects.count() == 5


def test_the_progress_is_how_many_have_been_credited() -> None:
    set_to(chunk_size=1)
    paid(line_of(6)[-1], 100, paid_at=long_ago())
    seen: list[int] = []

    def look(name: str) -> None:
        if name == "closing: next chunk":
            seen.append(Closing.objects.get().progress)

    with hooked(look):
        assert closed().progress == 100
    assert seen == [20, 40, 60, 80, 99]


def test_what_commits_after_the_beginning_belongs_to_the_next_closing() -> None:
    members = line_of(4)
    paid(members[3], 100, paid_at=long_ago())
    late: list[Order] = []

    def slip_in(name: str) -> None:
        if name == "closing: before commit of the start":
            run_together(by_itself(lambda: late.append(paid(members[3], 50, paid_at=long_ago()))))

    closing = confirmed()
    with hooked(slip_in):
        run_closing(closing_id=closing.pk)
    assert set(Entry.objects.filter(order=late[0]).values_list("status", flat=True)) == {"pending"}
    assert balance(members[2]) == 31
    assert differences(closing.pk) == []


def test_orders_refunded_while_it_runs_are_cancelled_or_taken_back_but_never_both() -> None:
    set_to(chunk_size=1)
    members = line_of(6)
    order = paid(members[5], 100, paid_at=long_ago(20))
    refunded: list[str] = []

    def refund(name: str) -> None:
        if name == "closing: next chunk" and not refunded:
            refunded.append(name)
            run_together(by_itself(lambda: take_back(order)))

    with hooked(refund):
        closing = closed(clock.now() - timedelta(days=8))
    assert refunded
    states = set(Entry.objects.filter(order=order).exclude(type="clawback").values_list("status", flat=True))
    assert states == {"confirmed", "cancelled"}
    assert Entry.objects.filter(type="clawback").count() == closing.members_closed == 1
    closed()
    assert [balance(member) for member in members] == [0] * 6


def test_what_is_paid_and_refunded_at_every_step_is_in_this_one_or_the_next() -> None:
    set_to(chunk_size=1)
    members = line_of(6)
    Member.objects.filter(pk=members[0].pk).update(rank="D2", is_rank_held=True)
    old = [paid(member, 100, paid_at=long_ago(20)) for member in members[1:]]
    new: list[Order] = []

    def pay_and_take_back() -> None:
        new.append(paid(members[len(new) % 5 + 1], 50, paid_at=long_ago(20)))
        if old:
            take_back(old.pop())
        if len(new) % 3 == 0:
            take_back(new[-1])

    def meanwhile(name: str) -> None:
        if name in ("closing: next chunk", "closing: before commit of the start"):
            steps.append(Running(by_itself(pay_and_take_back)))

    steps: list[Running] = []
    with hooked(meanwhile):
        first = closed(clock.now() - timedelta(days=8))
    for step in steps:
        step.result()
    second = closed()
    assert len(steps) == 1 + first.members_closed > 3
    entries = Entry.objects.exclude(type="clawback")
    assert set(entries.values_list("status", flat=True)) == {"confirmed", "cancelled"}
    assert set(entries.filter(status="confirmed").values_list("closing", flat=True)) == {first.pk, second.pk}
    for order in Order.objects.filter(refund__isnull=True):
        assert not entries.filter(order=order).exclude(status="confirmed").exists()
    for order in Order.objects.filter(refund__isnull=False):
        kept = Entry.objects.filter(order=order, status="confirmed").values("beneficiary").annotate(left=Sum("amount"))
        assert all(row["left"] == 0 for row in kept)
    due = dict(
        Entry.objects.filter(status="confirmed").order_by().values_list("beneficiary").annotate(due=Sum("amount"))
    )
    assert all(balance(member) == due.get(member.pk, 0) for member in members)


def test_a_credit_that_fails_holds_up_nobody_and_is_retried_then_failed_and_told() -> None:
    members = line_of(4)
    paid(members[3], 100, paid_at=long_ago())
    User.objects.filter(pk=members[1].pk).update(is_active=False)
    closing = closed()
    assert closing.status == "closed"
    assert balance(members[2]) == 31
    credit = ClosingMember.objects.get(member=members[1])
    assert (credit.status, set(Entry.objects.filter(beneficiary=members[1]).values_list("status", flat=True))) == (
        "retrying",
        {"retrying"},
    )
    assert Job.objects.get(kind="bonus.credit").most_attempts == 5
    with pytest.raises(MemberSuspended):
        retry_credit(credit_id=credit.pk)
    assert balance(members[1]) == 0
    note_failure(credit_id=credit.pk, error="suspended", is_last=True)
    assert set(Entry.objects.filter(beneficiary=members[1]).values_list("status", flat=True)) == {"failed"}
    assert Alert.objects.filter(key=f"bonus.credit:{credit.pk}").exists()
    User.objects.filter(pk=members[1].pk).update(is_active=True)
    retry_by_hand(credit_id=credit.pk)
    retry_credit(credit_id=credit.pk)
    retry_credit(credit_id=credit.pk)
    assert balance(members[1]) == 6
    assert differences(closing.pk) == []


def test_a_member_whose_transfer_is_refused_is_found_among_its_chunk(owner: Owner) -> None:
    members = line_of(4)
    paid(members[3], 100, paid_at=long_ago())
    closing = confirmed()
    give(members[0].pk, "9", asset="POINT", reference=f"bonus:{closing.pk}:{members[1].pk}")
    run_closing(closing_id=closing.pk)
    assert balance(members[2]) == 31
    failing = ClosingMember.objects.get(member=members[1])
    assert failing.status == "retrying"
    assert failing.error
    # What stood in its way was planted: nothing else can carry that reference.
    owner.execute("SET session_replication_role = replica")
    owner.execute("DELETE FROM transfers WHERE reference = %s", [f"bonus:{closing.pk}:{members[1].pk}"])
    owner.execute("UPDATE balances SET amount = amount - 9 WHERE user_id = %s", [members[0].pk])
    retry_credit(credit_id=failing.pk)
    assert balance(members[1]) == 6


def test_what_a_member_never_got_is_not_taken_back_before_it_came() -> None:
    members = line_of(3)
    order = paid(members[2], 100, paid_at=long_ago(20))
    User.objects.filter(pk=members[1].pk).update(is_active=False)
    closed(clock.now() - timedelta(days=8))
    take_back(order)
    closed()
    assert Entry.objects.get(type="clawback", beneficiary=members[1]).status == "pending"
    assert not Balance.objects.filter(user=members[1].pk).exists()
    User.objects.filter(pk=members[1].pk).update(is_active=True)
    retry_credit(credit_id=ClosingMember.objects.get(status="retrying").pk)
    assert balance(members[1]) == 31


@pytest.mark.parametrize(
    ("corruption", "named"),
    [
        ("UPDATE bonus_entries SET amount = amount + 1 WHERE id = %s", "was"),
        ("DELETE FROM bonus_entries WHERE id = %s", "is missing"),
        (
            "INSERT INTO bonus_entries (order_id, buyer_id, beneficiary_id, type, level, pv, percentage, amount, rank,"
            " status, closing_id, due_at, created_at) SELECT order_id, buyer_id, beneficiary_id, type, 99, pv, percentage,"
            " amount, rank, status, closing_id, due_at, created_at FROM bonus_entries WHERE id = %s",
            "was added",
        ),
        ("UPDATE bonus_entries SET level = 77 WHERE id = %s", "something else"),
    ],
)
def test_what_was_changed_in_a_closed_period_is_named(corruption: str, named: str, owner: Owner) -> None:
    members = line_of(3)
    paid(members[2], 100, paid_at=long_ago())
    closing = closed()
    entry = Entry.objects.filter(type="referral", beneficiary=members[1]).get()
    kept = owner.execute("SELECT row_to_json(e) FROM bonus_entries e WHERE id = %s", [entry.pk]).fetchone()
    owner.execute("SET session_replication_role = replica")
    owner.execute(corruption.encode(), [entry.pk])
    (sentence,) = differences(closing.pk)
    assert named in sentence
    assert str(members[1].pk) in sentence
    assert kept is not None
    owner.execute("DELETE FROM bonus_entries WHERE id = %s OR level = 99", [entry.pk])
    owner.execute(
        "INSERT INTO bonus_entries OVERRIDING SYSTEM VALUE"
        " SELECT * FROM json_populate_record(NULL::bonus_entries, %s::json)",
        [json.dumps(kept[0])],
    )


def test_a_draft_is_counted_anew_and_confirmed_once() -> None:
    members = line_of(3)
    draft = draft_closing()
    paid(members[2], 100, paid_at=long_ago())
    anew = draft_closing()
    assert (anew.pk, anew.version, anew.figures_before) == (draft.pk, 2, draft.figures)
    confirm_closing(closing_id=anew.pk)
    assert confirm_closing(closing_id=anew.pk).status == "running"
    assert Job.objects.filter(kind="bonus.run_closing").count() == 1
    with pytest.raises(PeriodClosed):
        draft_closing()
