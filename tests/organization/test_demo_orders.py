from datetime import timedelta

import pytest
from django.db.models import Count

from aeghash.core import clock
from organization import days
from organization.demo_orders import DAYS, seed_orders
from organization.models import Member, Order, Refund
from organization.queries.kpis import daily_figures
from tests.organization.planting import planted

pytestmark = pytest.mark.django_db(transaction=True)


def test_ninety_days_of_orders_are_seeded_once() -> None:
    members = planted([None, 0, 0, 1, 1, 2, 2])
    Member.objects.update(created_at=clock.now() - timedelta(days=200))
    seed_orders(list(Member.objects.select_related("sponsor").order_by("pk")))
    orders = list(Order.objects.order_by("paid_at"))
    assert len(orders) > 1500
    assert {days.day_of(order.paid_at) for order in orders} >= {
        days.today() - timedelta(days=n) for n in range(1, DAYS)
    }
    quarter = len([order for order in orders if order.paid_at < clock.now() - timedelta(days=60)])
    assert quarter < len([order for order in orders if order.paid_at > clock.now() - timedelta(days=30)])
    assert 0 < Refund.objects.count() < len(orders) / 20
    assert orders[-1].paid_at <= clock.now()
    assert Order.objects.filter(center__isnull=False).aggregate(n=Count("center", distinct=True))["n"] == 6
    seed_orders(members)
    assert Order.objects.count() == len(orders)
    root = daily_figures(member=members[0], days=90)
    assert len(root) == 90
