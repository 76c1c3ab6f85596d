"""What we have of one partner's day, to be held against its own books."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q, Sum

from mining.models import Direction, Grant
from organization.models import Order, Refund
from partners.models import Partner, PartnerMember
from partners.queries.shown import NOTHING, amount
from withdrawals.models import Withdrawal


def control_totals(partner: Partner, day: date) -> dict[str, Any]:
    """By when we took it in, UTC."""
    begin = datetime.combine(day, time(), UTC)
    within = (begin, begin + timedelta(days=1))
    orders = Order.objects.filter(source=partner.slug, **between("created_at", within)).aggregate(
        count=Count("pk"), total=Sum("total_amount"), pv=Sum("pv_amount")
    )
    refunds = Refund.objects.filter(order__source=partner.slug, **between("refunded_at", within)).aggregate(
        count=Count("pk"), total=Sum("order__total_amount")
    )
    power = Grant.objects.filter(source=partner.slug, **between("created_at", within)).aggregate(
        count=Count("pk"),
        credited=Sum("hash", filter=Q(direction=Direction.CREDIT)),
        debited=Sum("hash", filter=Q(direction=Direction.DEBIT)),
    )
    return {
        "day": day.isoformat(),
        "members": PartnerMember.objects.filter(partner=partner, **between("created_at", within)).count(),
        "orders": {
            "count": orders["count"],
            "total_amount": amount(orders["total"] or NOTHING),
            "pv_amount": amount(orders["pv"] or NOTHING),
        },
        "refunds": {"count": refunds["count"], "total_amount": amount(refunds["total"] or NOTHING)},
        "hash_power": {
            "count": power["count"],
            "credited": amount(power["credited"] or NOTHING),
            "debited": amount(power["debited"] or NOTHING),
        },
        "withdrawals": withdrawals(partner, within),
    }


def withdrawals(partner: Partner, within: tuple[datetime, datetime]) -> list[dict[str, Any]]:
    rows = (
        Withdrawal.objects.filter(source=partner.slug, **between("requested_at", within))
        .order_by("asset_id")
        .values("asset_id")
        .annotate(count=Count("pk"), total=Sum("amount"))
    )
    return [{"asset": row["asset_id"], "count": row["count"], "amount": amount(row["total"])} for row in rows]


def between(field: str, within: tuple[datetime, datetime]) -> dict[str, datetime]:
    return {f"{field}__gte": within[0], f"{field}__lt": within[1]}
