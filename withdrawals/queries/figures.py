"""What a request is judged by: the member's earlier requests, and who else shows the same address."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, Min, Q, Sum
from django.db.models.functions import Coalesce

from aeghash.core.models import User
from risk.context import RiskContext
from wallets.models import Asset, Debt
from withdrawals.models import PayoutAddress, Status, Withdrawal

NOTHING: Final = Decimal(0)
DAY: Final = timedelta(hours=24)
WEEK: Final = timedelta(days=7)
NEVER_PAID: Final = (Status.CANCELLED, Status.REJECTED)


def asked_in_a_day(user: User, asset: Asset, until: datetime) -> Decimal:
    """What was asked for in the 24 hours up to then, and not taken back, refused or failed."""
    requests = Withdrawal.objects.filter(user=user, asset=asset, requested_at__gt=until - DAY, requested_at__lte=until)
    counted = requests.exclude(status__in=(*NEVER_PAID, Status.FAILED))
    return Decimal(counted.aggregate(sum=Coalesce(Sum("amount"), NOTHING))["sum"])


def asked_for_ever(user_id: int, asset: str) -> Decimal:
    """What was paid or may yet be: all that was asked for, but what was taken back, refused or failed."""
    requests = Withdrawal.objects.filter(user=user_id, asset=asset)
    counted = requests.exclude(status__in=(*NEVER_PAID, Status.FAILED))
    return Decimal(counted.aggregate(sum=Coalesce(Sum("amount"), NOTHING))["sum"])


def risk_context(
    *, user: User, asset: Asset, amount: Decimal, address: str | None, ip: str | None, device_id: str, at: datetime
) -> RiskContext:
    book = PayoutAddress.objects.filter(user=user, asset=asset, address=address).first() if address else None
    return RiskContext(
        user_id=user.pk,
        uid=user.uid or user.email,
        asset=asset.symbol,
        amount=amount,
        address=address,
        ip=ip,
        device_id=device_id or None,
        account_created_at=user.created_at,
        at=at,
        address_usable_from=book.usable_from if book else None,
        debt=Debt.objects.filter(user=user, asset=asset).aggregate(sum=Coalesce(Sum("amount"), NOTHING))["sum"],
        members_from_ip=_members_with(user, ip=ip) if ip else 1,
        members_with_address=_members_with(user, address=address) if address else 1,
        address_first_used_at=_first_paid_to(user, address),
        **_earlier(user, asset, at),
    )


def _earlier(user: User, asset: Asset, at: datetime) -> dict[str, Any]:
    """Counts over all assets, sums of this one."""
    requests = Withdrawal.objects.filter(user=user, requested_at__gt=at - WEEK, requested_at__lte=at)
    day, same = Q(requested_at__gt=at - DAY), Q(asset=asset)
    return requests.exclude(status__in=NEVER_PAID).aggregate(
        count_24h=Count("pk", filter=day),
        count_7d=Count("pk"),
        sum_24h=Coalesce(Sum("amount", filter=day & same), NOTHING),
        sum_7d=Coalesce(Sum("amount", filter=same), NOTHING),
    )


def _members_with(user: User, **same: str) -> int:
    """Distinct members, this one included."""
    others = Withdrawal.objects.filter(**same).exclude(user=user)
    return int(others.aggregate(count=Count("user", distinct=True))["count"]) + 1


def _first_paid_to(user: User, address: str | None) -> datetime | None:
    paid = Withdrawal.objects.filter(user=user, address=address, status=Status.COMPLETED)
    return paid.aggregate(first=Min("requested_at"))["first"] if address else None
