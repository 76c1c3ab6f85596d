"""/api/v1/balances/ and /api/v1/transfers/: what members have, and every movement of it."""

from typing import Any

from django.db.models import Q, QuerySet
from django_filters import CharFilter, ChoiceFilter, NumberFilter

from aeghash.core.api.fields import LARGEST
from aeghash.core.api.filters import FilterSet, InstantFilter
from aeghash.core.api.views import DetailView, ListView
from aeghash.core.rights import permission
from wallets.api.serializers import BalanceSerializer, TransferSerializer
from wallets.models import Balance, Transfer, TransferKind

VIEW_BALANCES = permission("view_balances")


class BalanceFilter(FilterSet):
    user = NumberFilter(field_name="user_id", min_value=0, max_value=LARGEST)
    uid = CharFilter(field_name="user__uid", max_length=255)
    asset = CharFilter(field_name="asset_id", max_length=10)


class BalanceList(ListView):
    """What members have: one row per member and asset."""

    rights = {"GET": (VIEW_BALANCES,)}
    queryset = Balance.objects.select_related("user")
    serializer_class = BalanceSerializer
    filterset_class = BalanceFilter


class TransferFilter(FilterSet):
    user = NumberFilter(method="of_member", min_value=0, max_value=LARGEST)
    uid = CharFilter(method="of_member", max_length=255)
    asset = CharFilter(field_name="asset_id", max_length=10)
    kind = ChoiceFilter(choices=TransferKind.choices)
    reference = CharFilter(max_length=255)
    since = InstantFilter(field_name="at", lookup_expr="gte")
    before = InstantFilter(field_name="at", lookup_expr="lt")

    def of_member(self, rows: QuerySet[Transfer], name: str, value: Any) -> QuerySet[Transfer]:
        """Out of or into any of the member's balances: they are few, and an index finds the transfers of each."""
        field = {"user": "user_id", "uid": "user__uid"}[name]
        balances = list(Balance.objects.filter(**{field: value}).values_list("pk", flat=True))
        return rows.filter(Q(source__in=balances) | Q(target__in=balances))


TRANSFERS = Transfer.objects.select_related("source__user", "target__user")


class TransferList(ListView):
    """Every movement of money there ever was."""

    rights = {"GET": (VIEW_BALANCES,)}
    queryset = TRANSFERS
    serializer_class = TransferSerializer
    filterset_class = TransferFilter


class TransferDetail(DetailView):
    """One transfer."""

    rights = {"GET": (VIEW_BALANCES,)}
    queryset = TRANSFERS
    lookup_url_kwarg = "transfer_id"
    serializer_class = TransferSerializer
