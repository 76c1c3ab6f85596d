"""One payout lived through with a fault and a death, to its very end: first what heals by itself, then people."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final

from aeghash.core import catalogue
from aeghash.core.checkpoints import hooked
from aeghash.core.jobs import kind_named
from aeghash.core.models import Alert, Job, User
from aeghash.core.operations.approve_proposal import agree
from aeghash.core.transactions import opens_one
from mining.operations.reconcile_payouts import reconcile_payouts
from mining.operations.register_external import register_external
from mining.queries.orphans import orphans
from tests.wallets.books import standing
from tests.wallets.mblock.dying import Killed
from tests.withdrawals.world import ADDRESS, World, approved, ask, fresh, work
from wallets.operations.watch_wallets import watch_wallets
from withdrawals.models import CLOSED, Status, Withdrawal
from withdrawals.operations.approve_withdrawal import SUBMIT
from withdrawals.operations.expire_approvals import expire_approvals
from withdrawals.operations.reconcile_withdrawals import reconcile_withdrawals
from withdrawals.operations.resolve_withdrawal import NotProven, propose_resolution

Fault = dict[str, Any]
METHODS: Final = {"hashdam": "assetWithdrawRequest", "mblock": "transferByWalletKey"}
EVERYWHERE: Final = (
    "job: claimed",
    "withdrawal: marked",
    "withdrawal: claimed",
    "withdrawal: answered",
    "withdrawal: looked",
    "job: done",
    "job: before failed",
)
PLACES: Final = {
    "hashdam": (
        *EVERYWHERE,
        "hashdam: attempt written",
        "hashdam: before the claim",
        "hashdam: before the call",
        "hashdam: after the call",
        "hashdam: outcome stored",
        "hashdam: bound",
        "hashdam: to people",
    ),
    "mblock": (
        *EVERYWHERE,
        "wallets: before the call",
        "wallets: answered",
        "wallets: before the answer is stored",
        "wallets: looked",
    ),
}
WATCHED: Final = ("W1", "W2", "W3", "W4", "W5", "W6", "L3", "R1")


@contextmanager
def killed_once_at(place: str, *, claimed: Callable[[], object] | None = None) -> Iterator[None]:
    """The first who comes there dies; nothing of ours is tidied up. Each act of the story goes on with the next worker.

    `claimed` happens when the request is claimed, for a remote that was sound until then.
    """
    died: list[str] = []

    def hook(name: str) -> None:
        if name == "withdrawal: claimed" and claimed:
            claimed()
        if name == place and not died:
            died.append(name)
            raise Killed(name)

    with hooked(hook):
        yield


def alive(act: Callable[[], Any]) -> None:
    try:
        act()
    except Killed:
        return


def deliver_again(withdrawal: Withdrawal) -> None:
    """The same message once more: a second job for the same request."""
    with opens_one():
        Job.objects.create(
            kind=SUBMIT,
            arguments={"withdrawal_id": withdrawal.pk},
            most_attempts=kind_named(SUBMIT).policy.attempts,
            lease=kind_named(SUBMIT).policy.lease,
        )


def pass_time(world: World, withdrawal: Withdrawal, *, minutes: int, step: int) -> None:
    """All that happens by itself, again and again, with every message delivered twice."""
    for turn in range(minutes * 60 // step):
        if turn < 3:
            deliver_again(withdrawal)
        for act in (work, reconcile_payouts, watch_wallets, reconcile_withdrawals, expire_approvals):
            alive(act)
        if fresh(withdrawal).status in CLOSED:
            return
        world.turn(step)


def live_through(
    world: World,
    user: User,
    people: tuple[User, User],
    channel: str,
    faults: list[Fault],
    place: str,
    amount: str,
    *,
    claimed: Callable[[], object] | None = None,
) -> Withdrawal:
    """Returns the request as the machine has left it; what is done by people afterwards ends it."""
    asset, address = ("LTC", None) if channel == "hashdam" else ("USDT", ADDRESS)
    before = standing(user.pk, asset)[0]
    for fault in faults:
        world.remote(channel).fault(method=METHODS[channel], times=1, **fault)
    withdrawal = approved(ask(user, asset, amount, address=address), *people)
    with killed_once_at(place, claimed=claimed):
        pass_time(world, withdrawal, minutes=15, step=60)
    world.remote(channel).control("faults", set=[])
    if fresh(withdrawal).status == Status.SUBMITTED:
        if channel == "mblock":
            wait_for_the_receipt(world, withdrawal)
        else:  # the history is true again
            pass_time(world, withdrawal, minutes=3, step=60)
    left = check_what_is_left(world, withdrawal, twice=any(fault["kind"] == "executes-twice" for fault in faults))
    end_by_people(world, left, people)
    paid = Decimal(amount) if world.paid(withdrawal) else Decimal(0)
    assert standing(user.pk, asset) == (before - paid, 0)
    return left


def wait_for_the_receipt(world: World, withdrawal: Withdrawal) -> None:
    """Accepted and named, but the proof doesn't come: people are told, the request stays, and is completed once it does."""
    pass_time(world, withdrawal, minutes=5, step=60)
    assert fresh(withdrawal).status == Status.SUBMITTED
    assert Alert.objects.filter(key=f"withdrawal-review:{withdrawal.pk}").exists()
    world.turn(100_000)
    pass_time(world, withdrawal, minutes=3, step=60)


def check_what_is_left(world: World, withdrawal: Withdrawal, *, twice: bool) -> Withdrawal:
    """Paid once at most, and final by proof, or with people who have been told why."""
    left, paid = fresh(withdrawal), world.paid(withdrawal)
    assert len(paid) <= (2 if twice else 1)
    assert left.status in (Status.COMPLETED, Status.FAILED, Status.MANUAL_REVIEW, Status.PENDING), left.status
    if left.status == Status.COMPLETED:
        assert left.remote_id in [row.get("withdrawId") or row["txid"] for row in paid]
    if left.status in (Status.FAILED, Status.PENDING):
        assert paid == []
    if left.status == Status.MANUAL_REVIEW:
        assert left.reason
        assert Alert.objects.filter(key=f"withdrawal-review:{left.pk}", last_seen_at__gte=left.moved_at).exists()
    broken = {found.invariant.id: found.violations for found in catalogue.look_at_all(only=WATCHED) if not found.holds}
    assert not broken or (twice and set(broken) == {"R1"}), broken
    return left


def end_by_people(world: World, left: Withdrawal, people: tuple[User, User]) -> None:
    """Two of them, with what the remote's own books show, unless the machine sees it by now."""
    alive(reconcile_withdrawals)
    if fresh(left).status == Status.MANUAL_REVIEW:
        paid = world.paid(left)
        remote_id = (paid[0].get("withdrawId") or paid[0]["txid"]) if paid else ""
        decision = "submitted" if paid else "release"
        try:
            resolve(left, decision, people, remote_id=remote_id)
        except NotProven:  # there is no receipt yet: people have to wait for it like the machine
            world.turn(100_000)
            resolve(left, decision, people, remote_id=remote_id)
    pass_time(world, left, minutes=3, step=60)
    for row in orphans():
        register_external(remote_id=row.remote_id, explanation="the pool's own mistake")
    assert fresh(left).status in CLOSED


def resolve(withdrawal: Withdrawal, resolution: str, people: tuple[User, User], *, remote_id: str = "") -> None:
    proposal = propose_resolution(
        withdrawal_id=withdrawal.pk,
        resolution=resolution,
        by=people[0],
        reason="seen at the remote",
        remote_id=remote_id,
    )
    agree(proposal_id=proposal.pk, digest=proposal.digest, by=people[1])
