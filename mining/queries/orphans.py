"""Withdrawals the pool made that nobody of us asked for: theft, until somebody explains them."""

from django.db.models import QuerySet

from mining.models import PoolWithdrawal


def orphans() -> QuerySet[PoolWithdrawal]:
    return PoolWithdrawal.objects.orphans()
