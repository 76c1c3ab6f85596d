"""Members with money, staff, both remotes behind real HTTP, and one clock for all."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from aeghash.core import clock, ids
from aeghash.core.actors import acting_as, command
from aeghash.core.models import User
from aeghash.core.operations.release_expired_leases import release_expired_leases
from aeghash.core.operations.work_due_jobs import work_due_jobs
from aeghash.core.transactions import opens_one
from aeghash.sandbox.hashdam import HashDam, HashDamSettings
from aeghash.sandbox.mblock import PAYOUT_WALLETS, MBlock
from organization.models import Member
from organization.operations.join_member import join_member
from organization.operations.record_order import record_order
from tests.people import make_staff
from tests.sandbox.served import NOON, Served, StoppedClock
from tests.wallets.books import give, make_member
from wallets.models import Asset
from withdrawals.models import CLOSED, PayoutAddress, Status, Withdrawal
from withdrawals.operations.approve_withdrawal import approve
from withdrawals.operations.reconcile_withdrawals import reconcile_withdrawals
from withdrawals.operations.request_withdrawal import request_withdrawal

ADDRESS: Final = "0x" + "ab" * 20
SETTLED: Final = (*CLOSED, Status.MANUAL_REVIEW, Status.FORWARDING)


class World:
    """Time stands still until `turn`."""

    def __init__(self, settings: Any) -> None:
        self.clock = StoppedClock()
        self.pool = Served(HashDam(seed=7, clock=self.clock, settings=HashDamSettings(withdrawal_time=30)))
        self.chain = Served(MBlock(seed=7, clock=self.clock))
        settings.HASHDAM_API_BASE_URL, settings.HASHDAM_API_KEY = self.pool.url, "key"
        settings.MBLOCK_API_BASE_URL, settings.MBLOCK_API_KEY = self.chain.url, "key"
        settings.MBLOCK_PAYOUT_WALLETS = [wallet.address for wallet in PAYOUT_WALLETS]

    def remote(self, channel: str) -> Served:
        return self.pool if channel == "hashdam" else self.chain

    def now(self) -> datetime:
        return datetime.fromtimestamp(NOON / 1000, UTC) + timedelta(milliseconds=self.clock.now - NOON)

    def turn(self, seconds: float) -> None:
        self.clock.turn(seconds)

    def stop(self) -> None:
        self.pool.stop()
        self.chain.stop()

    def paid(self, withdrawal: Withdrawal) -> list[dict[str, Any]]:
        """What the remotes' books show of it, by their own account."""
        amount = f"{withdrawal.amount:f}"
        if withdrawal.channel == "hashdam":
            rows = self.pool.books()["withdrawals"]
            ours = [row for row in rows if (row["coin"], row["amount"]) == (withdrawal.asset_id, amount)]
            return [row for row in ours if row["status"] not in ("failed", "canceled")]
        rows = self.chain.books()["transfers"]
        return [row for row in rows if (row["to"], row["amount"]) == (withdrawal.address, amount)]


@contextmanager
def both_remotes(settings: Any) -> Iterator[World]:
    world = World(settings)
    try:
        with clock.steered(world.now, lambda seconds: world.turn(seconds)), acting_as(command("test")):
            yield world
    finally:
        world.stop()


def member(name: str = "", **amounts: str) -> User:
    """With these amounts, and a payout address that may be used."""
    uid = name or ids.request_id()[:12]
    user = buyer(uid) if "POINT" in amounts else User.objects.get(pk=make_member(uid))
    for asset, amount in (amounts or {"LTC": "100", "USDT": "100"}).items():
        give(user.pk, amount, asset)
    for asset in ("USDT", "BNB", "POINT", "LTC"):
        PayoutAddress.objects.create(user=user, asset_id=asset, address=ADDRESS, usable_from=clock.now())
    return user


def buyer(uid: str, amount: str = "1000") -> User:
    """Who has bought for so much, and so may withdraw bonus; without PV, so that nobody earns by it."""
    root = Member.objects.filter(sponsor=None).first()
    member = join_member(uid=uid, sponsor=root)
    record_order(
        source="test",
        source_id=uid,
        buyer=member,
        total_amount=Decimal(amount),
        pv_amount=Decimal(0),
        channel="ONLINE",
    )
    return User.objects.get(pk=member.pk)


def staff(*groups: str) -> User:
    return make_staff(f"staff-{ids.request_id()[:10]}", *(groups or ("finance",)), with_device=False)


def ask(user: User, asset: str = "LTC", amount: str = "1.5", **fields: Any) -> Withdrawal:
    if asset in ("USDT", "BNB", "POINT"):
        fields.setdefault("address", ADDRESS)
    with opens_one():
        return request_withdrawal(
            user=user, asset=Asset.objects.get(pk=asset), amount=Decimal(amount), source="test", **fields
        )


def approved(withdrawal: Withdrawal, *people: User) -> Withdrawal:
    for person in people or (staff(), staff()):
        approve(withdrawal_id=withdrawal.pk, by=person, version=fresh(withdrawal).version)
    return fresh(withdrawal)


def fresh(withdrawal: Withdrawal) -> Withdrawal:
    return Withdrawal.objects.get(pk=withdrawal.pk)


def work() -> None:
    """All that is due now, by one worker."""
    release_expired_leases()
    work_due_jobs(until=lambda done: done > 200)


def heal(
    world: World, *, minutes: int = 30, step: int = 45, die: Callable[[Callable[[], Any]], Any] | None = None
) -> None:
    """What happens by itself, until nothing is under way any more."""
    do = die or (lambda act: act())
    for _ in range(minutes * 60 // step):
        do(work)
        do(reconcile_withdrawals)
        if not Withdrawal.objects.exclude(status__in=(*SETTLED, Status.PENDING, Status.APPROVED_PENDING)).exists():
            return
        world.turn(step)
