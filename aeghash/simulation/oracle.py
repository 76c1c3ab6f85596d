"""What must hold after every run: the catalogue of invariants, and what the remotes' own books say of us."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, transaction

from aeghash.core import catalogue
from aeghash.core.models import Alert
from aeghash.core.operations.seal_audit import seal_audit
from aeghash.simulation.furniture import DAWN, email_of
from mining.models import PoolWithdrawal
from organization.models import Order
from wallets.models import WalletTransaction
from withdrawals.models import Channel, Status, Withdrawal, WithdrawalAttempt

if TYPE_CHECKING:
    from aeghash.simulation.world import World

STANDS_FOR_NOTHING: Final = (Status.FAILED, Status.REJECTED, Status.CANCELLED)
IN_DOUBT: Final = (Status.UNKNOWN, Status.MANUAL_REVIEW, Status.SUBMITTED)
SENTENCES: Final = {
    "S1": "Whatever a remote has paid is in our books, may be a request's that people look at, or was told to them.",
    "S2": "No remote was made to pay more often than requests stand for it, or people have decided.",
    "S3": "After the healing time all is final, or before people with its reason.",
    "S4": "Nothing was submitted on the word of somebody who had lost the right.",
    "S5": "Every call of a partner was answered, and carried out once.",
    "S6": "What we call completed stands in the remote's books.",
    "S7": "Nobody fell over a mistake of ours.",
}


@dataclass(frozen=True)
class Violation:
    invariant: str
    what: str


def violations(world: "World", *, is_quiet: bool) -> list[Violation]:
    seal_audit()
    with transaction.atomic():
        found = [
            Violation(finding.invariant.id, str(finding.violations[0]))
            for finding in catalogue.look_at_all()
            if not finding.holds
        ]
    found += _invented(world)
    for channel in Channel.values:
        found += _unaccounted(world, channel) + _paid_too_often(world, channel)
    found += _unsettled(world, is_quiet) + _without_right(world) + _partners(world)
    found += [Violation("S7", error) for error in world.errors[:1]]
    connection.close()
    return found


def _unaccounted(world: "World", channel: str) -> list[Violation]:
    from aeghash.simulation.world import payments

    known = set(Withdrawal.objects.filter(channel=channel).exclude(remote_id=None).values_list("remote_id", flat=True))
    known |= set(PoolWithdrawal.objects.filter(owner="external").values_list("remote_id", flat=True))
    known |= set(WalletTransaction.objects.exclude(txid=None).values_list("txid", flat=True))
    doubtful = Counter(_looks(row) for row in Withdrawal.objects.filter(channel=channel, status__in=IN_DOUBT))
    told = " ".join(
        f"{key} {details}" for key, details in Alert.objects.values_list("key", "details") if not key.startswith("job:")
    )
    found = []
    for number, _at, what, amount in payments(world, channel):
        if number in known or number in told:
            continue
        if doubtful[what, amount] > 0:
            doubtful[what, amount] -= 1
        else:
            found.append(Violation("S1", f"{channel} has paid {amount} to {what} as {number}, and nobody knows"))
    return found


def _paid_too_often(world: "World", channel: str) -> list[Violation]:
    from aeghash.simulation.world import payments

    paid = Counter((what, amount) for _number, _at, what, amount in payments(world, channel))
    paid -= _doubled_by_the_remote(world, channel)
    allowed: Counter[tuple[str, Any]] = Counter()
    for row in Withdrawal.objects.filter(channel=channel):
        allowed[_looks(row)] += row.status not in STANDS_FOR_NOTHING
        allowed[_looks(row)] += row.log.filter(action="approved", reason="looked into").count()  # sent again by people
        allowed[_looks(row)] += row.log.filter(action="failed", reason="looked into").count()  # given up by people
    return [
        Violation("S2", f"{channel} was made to pay {what} {count} times, {allowed[what]} stand for it")
        for what, count in sorted(paid.items(), key=str)
        if count > allowed[what]
    ]


def _invented(world: "World") -> list[Violation]:
    books = world.pool.model.books()["withdrawals"], world.chain.model.books()["transfers"]
    there = {row["withdrawId"] for row in books[0]} | {row["txid"] for row in books[1]}
    paid = (Status.FORWARDING, Status.COMPLETED)
    said = [*Withdrawal.objects.filter(status__in=paid).values_list("remote_id", flat=True)]
    said += [*WalletTransaction.objects.filter(status=Status.COMPLETED).values_list("txid", flat=True)]
    return [
        Violation("S6", f"{number} is completed, and the remote has no such payment")
        for number in said
        if number not in there
    ]


def _doubled_by_the_remote(world: "World", channel: str) -> Counter[tuple[str, Any]]:
    from decimal import Decimal

    doubled: Counter[tuple[str, Any]] = Counter()
    if channel == Channel.HASHDAM:
        for entry in world.pool.trace:
            if entry["event"] == "call" and entry["executions"] > 1:
                arguments = entry["arguments"]
                doubled[arguments["coin"], Decimal(arguments["amount"])] += entry["executions"] - 1
    return doubled


def _looks(row: Withdrawal) -> tuple[str, Any]:
    """As the remote's books show it."""
    return (row.asset_id if row.channel == Channel.HASHDAM else row.address or ""), row.amount


def _unsettled(world: "World", is_quiet: bool) -> list[Violation]:
    from aeghash.simulation.world import unsettled

    if is_quiet:
        reviews = Withdrawal.objects.filter(status=Status.MANUAL_REVIEW, reason="")
        return [Violation("S3", f"withdrawal #{row.pk} stands in review without a reason") for row in reviews]
    left = unsettled(world) or ["a partner's call has no answer"]
    return [Violation("S3", f"{left[0]}, and {len(left) - 1} more")]


def _without_right(world: "World") -> list[Violation]:
    return [
        Violation("S4", f"#{attempt.withdrawal_id} was submitted on the word of {name}")
        for name, at in world.people.lost_rights.items()
        for attempt in WithdrawalAttempt.objects.filter(started_at__gt=DAWN + timedelta(seconds=at + 1))
        if attempt.withdrawal.approvals.filter(round=attempt.round, approver__email=email_of(name)).exists()
    ]


def _partners(world: "World") -> list[Violation]:
    wishes = world.people.wishes
    found = [Violation("S5", f"{wish.path} {wish.key} was never answered") for wish in wishes if not wish.is_settled]
    told: dict[str, set[Any]] = {"withdrawals": set(), "orders": set()}
    for wish in wishes:
        names = {answer.get("id") or answer.get("order_id") for status, answer in wish.answers if status < 300}
        if len(names) > 1:
            found.append(Violation("S5", f"{wish.path} {wish.key} was answered in {len(names)} ways"))
        if wish.path in told:
            told[wish.path] |= names
    there = set(Withdrawal.objects.exclude(status=Status.CANCELLED, hold=None).values_list("pk", flat=True))
    if not found and there != told["withdrawals"]:
        found.append(Violation("S5", f"withdrawals {sorted(there)} are there, {sorted(told['withdrawals'])} were told"))
    orders = set(Order.objects.exclude(source_id__startswith="furniture").values_list("source_id", flat=True))
    if not found and orders != told["orders"]:
        found.append(Violation("S5", f"orders {sorted(orders)} are there, {sorted(told['orders'])} were told"))
    return found
