"""What the desk asks: whose turn it is, and what is known of the member beside a request."""

from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value

from aeghash.core import clock
from aeghash.core.models import Proposal, User
from aeghash.core.models.proposals import ProposalStatus
from withdrawals.models import (
    UNDECIDED,
    Approval,
    AssetPolicy,
    Channel,
    DeskClaim,
    PayoutAddress,
    Status,
    Withdrawal,
    WithdrawalLog,
)

MOST_MEMBERS: Final = 100
LONGEST_NUMBER: Final = 18
LATEST: Final = 8
RESOLUTIONS: Final = "withdrawals.resolve"


def on_the_desk(rows: QuerySet[Withdrawal], viewer_id: int) -> QuerySet[Withdrawal]:
    """With all that a line says and that an act looks ahead by, so that a page of them asks no more than one does."""
    policy = AssetPolicy.objects.filter(asset=OuterRef("asset"))
    return (
        rows.annotate(paid_as=Subquery(policy.values("paid_as")[:1]), viewer_id=Value(viewer_id))
        .select_related("user", "requested_by", "desk_claim__by")
        .prefetch_related(Prefetch("approvals", Approval.objects.select_related("approver").order_by("pk")))
    )


def current_approvals(row: Withdrawal) -> list[Approval]:
    """Those that count: of the round it is in."""
    return [approval for approval in row.approvals.all() if approval.round == row.round]


def looked_at_by(row: Withdrawal) -> DeskClaim | None:
    claim: DeskClaim | None = getattr(row, "desk_claim", None)
    return claim if claim is not None and claim.until > clock.now() else None


def waiting_for(user: User) -> QuerySet[Withdrawal]:
    """What this person may approve and hasn't, oldest first."""
    approved = Approval.objects.filter(withdrawal=OuterRef("pk"), round=OuterRef("round"), approver=user)
    rows = Withdrawal.objects.filter(~Exists(approved), status__in=UNDECIDED).exclude(user=user)
    return rows.filter(Q(requested_by__isnull=True) | ~Q(requested_by=user)).order_by("pk")


def found(rows: QuerySet[Withdrawal], text: str, *, in_full: bool) -> QuerySet[Withdrawal]:
    """By number, address, reference, number at the remote or transaction, and of members by the beginning of theirs; whoever
    doesn't see personal data finds members by the whole of it alone."""
    term = text.strip()
    if not term or "\0" in term:
        return rows if not term else rows.none()
    wanted = Q(user__in=members_found(term, in_full=in_full)) | Q(remote_id=term) | Q(address=term)
    wanted |= (Q(reference_id=term) & ~Q(reference_id="")) | (Q(forwarding_txid=term) & ~Q(forwarding_txid=""))
    number = term.removeprefix("#")
    if number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER:
        wanted |= Q(pk=int(number))
    return rows.filter(wanted)


def members_found(term: str, *, in_full: bool) -> list[int]:
    """Apart from what is searched: over both tables at once no index would help."""
    named = Q(uid__startswith=term) if in_full else Q(uid=term)
    return list(User.objects.filter(named | Q(email=term.lower())).values_list("pk", flat=True)[:MOST_MEMBERS])


def neighbours(row: Withdrawal, rows: QuerySet[Withdrawal]) -> tuple[int | None, int | None]:
    """The numbers before and after it among those rows."""
    before = rows.filter(pk__lt=row.pk).order_by("-pk").values_list("pk", flat=True).first()
    after = rows.filter(pk__gt=row.pk).order_by("pk").values_list("pk", flat=True).first()
    return before, after


def latest_of(row: Withdrawal) -> list[Withdrawal]:
    others = Withdrawal.objects.filter(user=row.user_id).exclude(pk=row.pk)
    return list(others.order_by("-pk")[:LATEST])


def book_entry(row: Withdrawal) -> PayoutAddress | None:
    if not row.address:
        return None
    entries = PayoutAddress.with_deleted.filter(user=row.user_id, asset=row.asset_id, address=row.address)
    return entries.order_by(F("deleted_at").desc(nulls_first=True)).first()


def paid_there_before(row: Withdrawal) -> dict[str, int]:
    """How often this member, and how many others, have asked for something to this address. Bounded: it is a hint."""
    if not row.address:
        return {"own": 0, "others": 0}
    same = Withdrawal.objects.filter(address=row.address).exclude(pk=row.pk)
    own = same.filter(user=row.user_id, status=Status.COMPLETED)
    others = same.exclude(user=row.user_id).values("user").distinct()
    return {"own": own[:LATEST].count(), "others": others[:LATEST].count()}


def waiting_resolution(row: Withdrawal) -> Proposal | None:
    waiting = resolutions_of(row).filter(status=ProposalStatus.WAITING, expires_at__gt=clock.now())
    return waiting.last()


def resolutions_of(row: Withdrawal) -> QuerySet[Proposal]:
    proposals = Proposal.objects.select_related("proposed_by", "decided_by").order_by("pk")
    return proposals.filter(kind=RESOLUTIONS, content__withdrawal=row.pk)


def steps_of(row: Withdrawal) -> list[WithdrawalLog]:
    return list(WithdrawalLog.objects.filter(withdrawal=row.pk).order_by("pk").defer("canonical"))


def names_of(actor_ids: Iterable[str]) -> dict[str, str]:
    """The log keeps people by number; what they are called comes from the users, in one question."""
    keys = {int(key) for key in actor_ids if key.isdecimal()}
    people: Any = User.objects.filter(pk__in=keys).values_list("pk", "name", "email")
    return {str(pk): name or email for pk, name, email in people}


def pays_to_the_house(row: Withdrawal) -> bool:
    return row.channel == Channel.HASHDAM
