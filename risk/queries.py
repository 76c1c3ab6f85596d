"""What others may ask risk: which policy is in force, what the lists hold, what has been blocked."""

from datetime import datetime

from django.db.models import Q, QuerySet

from risk.addresses import IP, canonical_payout_address
from risk.models import ListEntry, ListKind, Policy, RiskEvent, Target
from risk.models.lists import in_effect
from risk.severities import Decision


def policy_at(at: datetime) -> Policy:
    return Policy.objects.filter(valid_from__lte=at).latest("version")


def newest_policy() -> Policy:
    """The one a change is measured against, although it may still be to begin."""
    return Policy.objects.latest("version")


def entries_holding(*, user_id: int, ip: IP | None, address: str | None, at: datetime) -> QuerySet[ListEntry]:
    """Entries in effect that hold one of these, for this member or for everybody."""
    wanted = Q(pk__in=[])
    if ip is not None:
        wanted |= Q(target=Target.IP, network__holds=str(ip))
    if address is not None:
        wanted |= Q(target=Target.ADDRESS, address=address)
    of_member = Q(user__isnull=True) | Q(user_id=user_id)
    return ListEntry.with_deleted.filter(in_effect(at), of_member, wanted).order_by("pk")


def blocking_entry(*, user_id: int, address: str, at: datetime) -> ListEntry | None:
    """Of the blocked list, for a payout address. Raises Invalid for what can't be one."""
    return _entry(ListKind.BLOCKED, user_id, address, at)


def trusting_entry(*, user_id: int, address: str, at: datetime) -> ListEntry | None:
    """Of the trusted list (the whitelist), once its delay is over. Raises Invalid for what can't be an address."""
    return _entry(ListKind.TRUSTED, user_id, address, at)


def _entry(kind: ListKind, user_id: int, address: str, at: datetime) -> ListEntry | None:
    canonical = canonical_payout_address(address)
    return entries_holding(user_id=user_id, ip=None, address=canonical, at=at).filter(kind=kind).first()


def blocks_since(*, user_id: int, since: datetime) -> QuerySet[RiskEvent]:
    """Decisions from `since` on that blocked the member: to be asked again before a payout that was allowed earlier."""
    return RiskEvent.objects.filter(user_id=user_id, decision=Decision.BLOCK, decided_at__gte=since).order_by("pk")


def events_of(*, kind: str, number: str) -> QuerySet[RiskEvent]:
    """All decisions about one request, the oldest first."""
    return RiskEvent.objects.filter(subject_kind=kind, subject_id=number).select_related("policy").order_by("pk")


def is_known_ip(*, user_id: int, ip: IP) -> bool:
    """Whether the member was seen there before, other than being blocked."""
    return RiskEvent.objects.filter(user_id=user_id, ip=str(ip)).exclude(decision=Decision.BLOCK).exists()
