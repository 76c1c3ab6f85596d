"""A company with rows in every queue and on every card of the dashboard."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from aeghash.core import clock
from aeghash.core.actors import acting_as, command
from aeghash.core.models import JobState, User
from mining.models import Allocation, DayFacts, ReserveProof
from organization.models import Channel, Member, Order
from partners.models import Call
from tests.database import Owner
from tests.face import world as face
from tests.mining.test_income import facts
from tests.organization import world as organization
from tests.security.tables import bonus, mining, partners, wallets_crypto
from tests.withdrawals.world import ask, member
from withdrawals.models import Withdrawal

STATES: Final = (
    "pending", "approved_pending", "approved", "retrying", "unknown", "manual-review", "forwarding", "failed", "completed",
)  # fmt: skip


def fill(owner: Owner, each: int = 3) -> dict[str, User]:
    people = face.fill(each)
    with acting_as(command("test")):
        members = organization.fill(each)
        for number in range(each):
            in_a_center(members, number)
            add_one(owner, number)
    return people


def in_a_center(members: list[Member], number: int) -> None:
    center = Member.objects.get(is_center=True)
    Order.objects.create(
        source="aegmall", source_id=f"C-{number}", buyer=members[0], total_amount=Decimal(100), pv_amount=Decimal(80),
        channel=Channel.POS, center=center, paid_at=clock.now(),
    )  # fmt: skip


def add_one(owner: Owner, number: int) -> None:
    face.make_job(number + 100, JobState.QUEUED, due_at=clock.now() - timedelta(hours=number + 1))
    a_day_of_the_pool(number)
    mining.make_payout("manual-review")
    mining.make_pool_withdrawal()
    wallets_crypto.make_review()
    bonus.make_credit()
    closed = bonus.make_closing()
    type(closed).objects.filter(pk=closed.pk).update(
        status="closed", sha256="0" * 64, closed_at=clock.now(), report={"total": "12.5"},
        starts_at=clock.now() - timedelta(days=2), ends_at=clock.now() - timedelta(hours=number + 1),
    )  # fmt: skip
    partners.event()
    partners.call()
    Call.objects.create(method="GET", path="/", status=401, code="stale_timestamp")
    rows = [ask(member(LTC="10")) for _state in STATES]
    put(owner, dict(zip(rows, STATES, strict=True)))


def a_day_of_the_pool(number: int) -> None:
    day = clock.today() - timedelta(days=number + 1)
    first = facts("0.5", "10", day)
    assert first is not None
    one = Decimal(1)
    Allocation.objects.create(
        facts=first, day=day, coin_id="LTC", total=one, per_mega=one, power=one, members=one, members_count=1,
        is_scaled=False,
    )  # fmt: skip
    assert isinstance(facts("0.5", "11", day), DayFacts), "said anew, so somebody has to decide"
    ReserveProof.objects.create(day=day, coin_id="LTC", held=one, under_way=one, at_the_pool=one)


def put(owner: Owner, states: dict[Withdrawal, str]) -> None:
    """Past the trigger that knows the steps: here only pages are looked at, and how a request comes there is tried
    elsewhere."""
    owner.execute("SET session_replication_role = replica")
    for row, status in states.items():
        change = "UPDATE withdrawal_requests SET status = %s, remote_id = %s WHERE id = %s"
        owner.execute(change, [status, f"w{row.pk}", row.pk])
    owner.execute("SET session_replication_role = DEFAULT")
