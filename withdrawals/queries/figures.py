"""What a request is judged by: the member's earlier requests, and who else shows the same address."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.db.models import Sum
from django.db.models.functions import Coalesce

from aeghash.core.models import User
from risk.context import RiskContext
from wallets.models import Asset
from withdrawals.models import Status, Withdrawal

NOTHING: Final = Decimal(0)
DAY: Final = timedelta(hours=24)
WEEK: Final = timedelta(days=7)
NEVER_PAID: Final = (Status.CANCELLED, Status.REJECTED)

# All that risk wants to know of earlier requests, in one question. Counts are over all assets, sums of this one; members
# who show the same address are counted with this one.
FIGURES: Final = """
    WITH earlier AS (
        SELECT asset_id = %(asset)s AS same_asset, requested_at > %(day)s AS in_a_day, amount
        FROM withdrawal_requests
        WHERE user_id = %(user)s AND requested_at > %(week)s AND requested_at <= %(at)s AND status <> ALL (%(never_paid)s)
    )
    SELECT
        count(*) FILTER (WHERE in_a_day),
        count(*),
        coalesce(sum(amount) FILTER (WHERE in_a_day AND same_asset), 0),
        coalesce(sum(amount) FILTER (WHERE same_asset), 0),
        (SELECT coalesce(sum(amount), 0) FROM debts WHERE user_id = %(user)s AND asset_id = %(asset)s),
        (SELECT usable_from FROM withdrawal_addresses
         WHERE user_id = %(user)s AND asset_id = %(asset)s AND address = %(address)s AND deleted_at IS NULL),
        (SELECT count(DISTINCT user_id) + 1 FROM withdrawal_requests WHERE ip = %(ip)s::inet AND user_id <> %(user)s),
        (SELECT count(DISTINCT user_id) + 1 FROM withdrawal_requests
         WHERE address = %(address)s AND user_id <> %(user)s),
        (SELECT min(requested_at) FROM withdrawal_requests
         WHERE user_id = %(user)s AND address = %(address)s AND status = %(completed)s)
    FROM earlier
"""
NAMES: Final = (
    "count_24h",
    "count_7d",
    "sum_24h",
    "sum_7d",
    "debt",
    "address_usable_from",
    "members_from_ip",
    "members_with_address",
    "address_first_used_at",
)


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
    wanted: dict[str, Any] = {"user": user.pk, "asset": asset.symbol, "address": address or None, "ip": ip or None}
    since = {"at": at, "day": at - DAY, "week": at - WEEK}
    fixed = {"never_paid": [status.value for status in NEVER_PAID], "completed": Status.COMPLETED.value}
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, wanted | since | fixed)
        figures = dict(zip(NAMES, cursor.fetchone(), strict=True))
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
        **figures,
    )
