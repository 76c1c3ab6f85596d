"""A charge or swap: at most one by the pool's books, whatever the pool does and whoever dies where; then two people."""

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from aeghash.core import catalogue
from aeghash.core.checkpoints import hooked
from aeghash.core.errors import NotAllowed
from aeghash.core.models import Alert, AuditRow, KillSwitch, Proposal, User
from aeghash.core.operations.approve_proposal import ProposalChanged, SameApprover, agree
from mining.channels import orders as channel_module
from mining.models import OrderKind, PoolOrder, Status
from mining.operations.order_power import place_order, reconcile_orders
from mining.operations.pay_out_coins import TryAgain
from mining.operations.resolve_order import (
    HistoryUnread,
    NotInReview,
    RowDiffers,
    RowMayBeIt,
    propose_as_done,
    propose_as_not_done,
)
from tests.people import make_staff
from tests.races import run_together
from tests.sandbox.served import Served, StoppedClock

pytestmark = pytest.mark.django_db(transaction=True)

AMOUNT = Decimal("7.5")
METHODS = {OrderKind.CHARGE: "hashCreditCharge", OrderKind.SWAP: "hashPowerSwap"}
CHAPTERS = {OrderKind.CHARGE: "charges", OrderKind.SWAP: "swaps"}
CHECKPOINTS = [
    "orders: attempt written",
    "orders: before the claim",
    "orders: before the call",
    "orders: after the call",
    "orders: outcome stored",
    "orders: bound",
    "orders: to people",
]
DONE, REVIEW, REFUSED = Status.COMPLETED, Status.MANUAL_REVIEW, Status.REFUSED

# What the pool does with the first call, and how the order then ends if nobody dies.
OUTCOMES: dict[str, tuple[list[dict[str, Any]], Status]] = {
    "accepted": ([], DONE),
    "address not let in": ([{"kind": "refusal"}], DONE),
    "another refusal": ([{"kind": "refusal", "message": "Not enough credit"}], REVIEW),
    "timeout, done": ([{"kind": "timeout"}], DONE),
    "timeout, not done": ([{"kind": "timeout", "executes": False}], REVIEW),
    "reset, done": ([{"kind": "reset"}], DONE),
    "reset, not done": ([{"kind": "reset", "executes": False}], REVIEW),
    "500, done": ([{"kind": "status", "status": 500}], DONE),
    "503, not done": ([{"kind": "status", "status": 503, "executes": False}], REVIEW),
    "redirect": ([{"kind": "redirect"}], DONE),
    "html": ([{"kind": "html"}], DONE),
    "truncated": ([{"kind": "truncated"}], DONE),
    "duplicate keys": ([{"kind": "poisoned", "as": "duplicate-keys"}], DONE),
    "code as text": ([{"kind": "poisoned", "as": "verdict-as-text"}], DONE),
    "empty id": ([{"kind": "id-empty"}], DONE),
    "no id": ([{"kind": "id-missing"}], DONE),
    "another amount": ([{"kind": "echo-differs", "field": "amount", "value": "9"}], DONE),
    "done late": ([{"kind": "executes-late", "seconds": 90}, {"kind": "reset"}], DONE),
    "done very late": ([{"kind": "executes-late", "seconds": 400}, {"kind": "reset"}], DONE),
}
CASES = [
    *((OrderKind.CHARGE, outcome, None) for outcome in ("another refusal", "reset, not done", "no id")),
    (OrderKind.SWAP, "done very late", None),
    *((OrderKind.SWAP, "reset, done", place) for place in CHECKPOINTS),
]
ALL_CASES = [(kind, outcome, place) for kind in METHODS for outcome in OUTCOMES for place in [None, *CHECKPOINTS]]


class Killed(BaseException):
    pass


def killing(place: str | None) -> Any:
    def hook(name: str) -> None:
        if name == place and not died:
            died.append(name)
            raise Killed

    died: list[str] = []
    return hooked(hook)


def place(kind: OrderKind) -> None:
    with suppress(TryAgain):
        place_order(reference="x", kind=kind, amount=AMOUNT)


def play(time: StoppedClock, kind: OrderKind, place_of_death: str | None = None, *, seconds: int = 900) -> PoolOrder:
    """The job and the reconciler, each delivered again and again while time goes on; one of them is killed once."""
    with killing(place_of_death):
        for _round in range(seconds // 45):
            with suppress(Killed):
                place(kind)
            with suppress(Killed):
                reconcile_orders()
            if PoolOrder.objects.filter(status=DONE).exists():
                break
            time.turn(45)
    return PoolOrder.objects.latest("pk")


def made(pool: Served, kind: OrderKind) -> list[dict[str, Any]]:
    return [row for row in pool.books()[CHAPTERS[kind]] if row["amount"] == "7.5"]


def check(pool: Served, kind: OrderKind) -> None:
    *earlier, last = PoolOrder.objects.order_by("pk")
    assert {row.status for row in earlier} <= {Status.NOT_SENT, Status.REFUSED}
    rows = made(pool, kind)
    assert len(rows) <= 1
    assert last.status in (DONE, REVIEW)
    if last.status == DONE:
        assert last.remote_id == rows[0][f"{kind}Id"]
    else:
        assert not rows, "what the pool has done is found"
        assert last.reason
        assert Alert.objects.filter(key=f"mining.order:{last.reference}").exists()
    assert not [finding.violations for finding in catalogue.look_at_all() if not finding.holds]


def run_case(
    pool: Served, time: StoppedClock, monkeypatch: pytest.MonkeyPatch, kind: OrderKind, outcome: str, where: str | None
) -> None:
    monkeypatch.setattr(channel_module, "CALL_SECONDS", 1.0)
    faults, end = OUTCOMES[outcome]
    for fault in faults:
        pool.fault(method=METHODS[kind], call=1, **fault)
    order = play(time, kind, where)
    check(pool, kind)
    assert where or order.status == end


@pytest.mark.parametrize(("kind", "outcome", "where"), CASES)
def test_at_most_one_and_each_comes_to_its_end(
    pool: Served, time: StoppedClock, monkeypatch: pytest.MonkeyPatch, kind: OrderKind, outcome: str, where: str | None
) -> None:
    run_case(pool, time, monkeypatch, kind, outcome, where)


@pytest.mark.prove
@pytest.mark.parametrize(("kind", "outcome", "where"), ALL_CASES)
def test_the_same_for_every_outcome_at_every_checkpoint(
    pool: Served, time: StoppedClock, monkeypatch: pytest.MonkeyPatch, kind: OrderKind, outcome: str, where: str | None
) -> None:
    run_case(pool, time, monkeypatch, kind, outcome, where)


def test_what_is_refused_for_good_is_told_and_not_tried_by_itself(pool: Served) -> None:
    pool.fault("refusal", method="hashCreditCharge", message="No API Permission")
    place_order(reference="x", kind=OrderKind.CHARGE, amount=AMOUNT)
    reconcile_orders()
    assert PoolOrder.objects.get().status == REFUSED
    assert Alert.objects.filter(key="mining.order:x#1").exists()


def test_the_last_attempt_that_is_not_sent_is_told(pool: Served) -> None:
    """The job comes back, finds nothing to do, and is done: without the alert nobody would know."""
    KillSwitch.objects.update(is_on=True)
    for _attempt in range(5):
        place(OrderKind.CHARGE)
    assert list(PoolOrder.objects.values_list("status", flat=True)) == ["not_sent"] * 3
    assert list(Alert.objects.values_list("key", flat=True)) == ["mining.order:x#3"]


def test_one_order_delivered_to_many_workers_calls_once(pool: Served, time: StoppedClock) -> None:
    order = channel_module.begin(reference="x#1", kind=OrderKind.CHARGE, amount=AMOUNT)
    outcomes = run_together(*[lambda: channel_module.submit(order)] * 4)
    assert [outcome.error for outcome in outcomes] == [None] * 4
    assert len(made(pool, OrderKind.CHARGE)) == 1


def test_without_the_claim_the_race_is_real(pool: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    order = channel_module.begin(reference="x#1", kind=OrderKind.CHARGE, amount=AMOUNT)
    monkeypatch.setattr(channel_module, "_uncalled", lambda order: PoolOrder.objects.filter(pk=order.pk))
    monkeypatch.setattr(
        PoolOrder.objects, "filter", lambda **_how: type("Claimed", (), {"update": lambda *_, **__: 1})()
    )
    run_together(*[lambda: channel_module.submit(order)] * 2)
    assert len(made(pool, OrderKind.CHARGE)) == 2


def test_a_worker_that_wakes_after_its_attempt_was_closed_does_not_call(pool: Served, time: StoppedClock) -> None:
    asleep = channel_module.begin(reference="x#1", kind=OrderKind.CHARGE, amount=AMOUNT)
    place(OrderKind.CHARGE)
    channel_module.submit(asleep)
    assert list(PoolOrder.objects.order_by("pk").values_list("status", flat=True)) == ["not_sent", "submitted"]
    assert len(made(pool, OrderKind.CHARGE)) == 1


def test_an_id_of_a_row_that_does_not_fit_goes_to_people(pool: Served, time: StoppedClock) -> None:
    place(OrderKind.CHARGE)
    place_order(reference="y", kind=OrderKind.CHARGE, amount=Decimal(3))
    mine, other = PoolOrder.objects.order_by("pk")
    wrong, right = mine.remote_id, other.remote_id
    PoolOrder.objects.filter(pk=mine.pk).update(remote_id="nowhere")
    PoolOrder.objects.filter(pk=other.pk).update(remote_id=wrong)
    reconcile_orders()
    other.refresh_from_db()
    assert (other.status, other.remote_id, other.reason) == (REVIEW, None, channel_module.NOT_OURS)
    assert other.evidence["rows"][0]["chargeId"] == wrong != right


def two() -> tuple[User, User]:
    return make_staff("one", "finance"), make_staff("other", "sysadmin")


def in_review(pool: Served, time: StoppedClock, *, late: int = 0) -> PoolOrder:
    """Whose answer was lost; carried out not at all, or that many seconds late."""
    if late:
        pool.fault("executes-late", method="hashCreditCharge", call=1, seconds=late)
    pool.fault("reset", method="hashCreditCharge", call=1, **({} if late else {"executes": False}))
    order = play(time, OrderKind.CHARGE)
    assert order.status == REVIEW
    return order


def agreed(proposal: Proposal, second: User) -> None:
    agree(proposal_id=proposal.pk, digest=proposal.digest, by=second)


def test_two_people_settle_it_as_not_carried_out_and_the_same_may_be_asked_for_again(
    pool: Served, time: StoppedClock
) -> None:
    order, (one, other) = in_review(pool, time), two()
    with pytest.raises(NotAllowed):
        propose_as_not_done(order_id=order.pk, reason="I looked", by=make_staff("third", "operations"))
    proposal = propose_as_not_done(order_id=order.pk, reason="the pool says so", by=one)
    with pytest.raises(SameApprover):
        agreed(proposal, one)
    order.refresh_from_db()
    assert order.status == REVIEW
    agreed(proposal, other)
    order.refresh_from_db()
    assert (order.status, order.evidence["rows"]) == (Status.RELEASED, [])
    assert AuditRow.objects.filter(verb="mining.order_settled").count() == 1
    with pytest.raises(NotInReview):
        propose_as_not_done(order_id=order.pk, reason="once more", by=one)
    place_order(reference="again", kind=OrderKind.CHARGE, amount=AMOUNT)
    assert len(made(pool, OrderKind.CHARGE)) == 1


def test_two_people_settle_it_by_its_row_and_only_by_one_that_fits(
    pool: Served, time: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pool has carried it out after we gave up looking; and something else of the same time."""
    order, (one, other) = in_review(pool, time, late=5000), two()
    time.turn(6000)
    place_order(reference="y", kind=OrderKind.CHARGE, amount=Decimal(3))
    ours, others = made(pool, OrderKind.CHARGE)[0]["chargeId"], PoolOrder.objects.get(reference="y#1").remote_id
    assert others
    for wrong in ("nowhere", others):
        with pytest.raises(RowDiffers):
            propose_as_done(order_id=order.pk, remote_id=wrong, reason="seen", by=one)
    with pytest.raises(RowMayBeIt):
        propose_as_not_done(order_id=order.pk, reason="I saw nothing", by=one)
    assert not Proposal.objects.exists()
    proposal = propose_as_done(order_id=order.pk, remote_id=ours, reason="seen at the pool", by=one)
    assert proposal.content["row"]["amount"] == "7.5"
    agreed(proposal, other)
    order.refresh_from_db()
    assert order.remote_id == ours
    time.turn(600)
    reconcile_orders()
    order.refresh_from_db()
    assert order.status == DONE


def test_what_the_reconciler_found_meanwhile_stands(pool: Served, time: StoppedClock) -> None:
    order, (one, other) = in_review(pool, time, late=2000), two()
    proposal = propose_as_not_done(order_id=order.pk, reason="nothing there", by=one)
    time.turn(6000)
    reconcile_orders()
    with pytest.raises(ProposalChanged):
        agreed(proposal, other)
    order.refresh_from_db()
    assert order.status == DONE


def test_without_the_history_nothing_is_settled(pool: Served, time: StoppedClock) -> None:
    order, (one, _other) = in_review(pool, time), two()
    pool.fault("status", status=500, method="hashCreditChargeHistory")
    with pytest.raises(HistoryUnread):
        propose_as_not_done(order_id=order.pk, reason="I saw nothing", by=one)
    assert not Proposal.objects.exists()


def test_it_is_settled_from_its_page(pool: Served, time: StoppedClock, settings: Any) -> None:
    settings.APPROVAL_OTP_REQUIRED = False
    order = in_review(pool, time)
    client, staff = Client(), make_staff("one")
    staff.groups.set(Group.objects.filter(name__in=("operations", "finance")))
    client.force_login(staff)
    assert client.get(reverse("admin:mining_poolorder_change", args=[order.pk])).status_code == 200
    act = {"row": order.pk, "remote_id": "nowhere", "reason": "seen"}
    client.post(reverse("admin:mining_poolorder_act", args=["done"]), act)
    assert not Proposal.objects.exists()
    client.post(reverse("admin:mining_poolorder_act", args=["not-done"]), {"row": order.pk, "reason": "not there"})
    shown = client.get(reverse("admin:core_proposal_change", args=[Proposal.objects.get().pk]))
    assert shown.status_code == 200
    assert order.reason in shown.content.decode()
