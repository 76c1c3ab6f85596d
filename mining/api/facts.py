"""The pool's facts as lists: what we read of it, newest first."""

import django_filters

from aeghash.core.api.filters import FilterSet
from aeghash.core.api.views import ListView
from aeghash.core.rights import permission
from mining.api.serializers import HashBalanceSerializer, HashRateSerializer, HoldingSerializer, ProfitSerializer
from mining.models import CoinFacts, DayFacts, HashBalance, PoolHolding

VIEW_MINING = permission("view_mining")


class DayFilter(FilterSet):
    since = django_filters.DateFilter(field_name="day", lookup_expr="gte")
    until = django_filters.DateFilter(field_name="day", lookup_expr="lte")


class HashBalanceList(ListView):
    """Credit and power of the project, day by day."""

    rights = {"GET": (VIEW_MINING,)}
    queryset = HashBalance.objects.all()
    serializer_class = HashBalanceSerializer
    filterset_class = DayFilter


class HashRateList(ListView):
    """What the pool said of each day. A day it has restated has a row a version; `flaw` says why one isn't believed."""

    rights = {"GET": (VIEW_MINING,)}
    queryset = DayFacts.objects.all()
    serializer_class = HashRateSerializer
    filterset_class = DayFilter


class ProfitFilter(FilterSet):
    since = django_filters.DateFilter(field_name="facts__day", lookup_expr="gte")
    until = django_filters.DateFilter(field_name="facts__day", lookup_expr="lte")
    coin = django_filters.CharFilter(field_name="coin_id", max_length=10)


class ProfitList(ListView):
    """What each coin brought, day by day and version by version."""

    rights = {"GET": (VIEW_MINING,)}
    queryset = CoinFacts.objects.select_related("facts")
    serializer_class = ProfitSerializer
    filterset_class = ProfitFilter


class HoldingFilter(DayFilter):
    coin = django_filters.CharFilter(field_name="coin_id", max_length=10)


class AssetList(ListView):
    """What the pool held for us of each coin, as of 00:00 UTC of the day."""

    rights = {"GET": (VIEW_MINING,)}
    queryset = PoolHolding.objects.all()
    serializer_class = HoldingSerializer
    filterset_class = HoldingFilter
