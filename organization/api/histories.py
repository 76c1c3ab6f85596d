"""/api/v1/organization/: orders, spillovers, rank changes."""

from typing import Any

from django import forms
from django_filters import CharFilter, ChoiceFilter, NumberFilter
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from aeghash.core.api.fields import AmountField, InstantField
from aeghash.core.api.filters import FilterSet, InstantFilter
from aeghash.core.api.paths import LARGEST_ID
from aeghash.core.api.serializers import RowSerializer
from aeghash.core.api.views import ListView
from organization.api.shown import uid_for
from organization.models import Channel, Order, Rank, RankCause, RankChange, Spillover
from organization.rights import VIEW_ORGANIZATION


@extend_schema_field({"type": ["string", "null"]})
class UidField(serializers.RelatedField[Any, Any, Any]):
    """A member by number, masked where it is an e-mail that the caller may not see."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def use_pk_only_optimization(self) -> bool:
        return False

    def to_representation(self, value: Any) -> str | None:
        return uid_for(self.context["request"].user, value.user.uid)


class OrderSerializer(RowSerializer):
    buyer_uid = UidField(source="buyer")
    center_uid = UidField(source="center")
    total_amount = AmountField()
    pv_amount = AmountField()
    refunded_at = InstantField(source="refund.refunded_at", default=None, allow_null=True)

    class Meta:
        model = Order
        fields = (
            "id", "source", "source_id", "buyer_uid", "center_uid", "channel", "total_amount", "pv_amount", "paid_at",
            "refunded_at", "created_at",
        )  # fmt: skip


class OrderFilter(FilterSet):
    source = CharFilter(max_length=64)
    source_id = CharFilter(max_length=255)
    buyer_uid = CharFilter(field_name="buyer__user__uid", max_length=255)
    channel = ChoiceFilter(choices=Channel.choices)
    paid_since = InstantFilter(field_name="paid_at", lookup_expr="gte")
    paid_before = InstantFilter(field_name="paid_at", lookup_expr="lt")


class OrderList(ListView):
    """Paid orders, each with the time of its refund if there was one."""

    rights = {"GET": (VIEW_ORGANIZATION,)}
    queryset = Order.objects.select_related("buyer__user", "center__user", "refund")
    serializer_class = OrderSerializer
    filterset_class = OrderFilter


class SpilloverSerializer(RowSerializer):
    sponsor_uid = UidField(source="sponsor")
    member_uid = UidField(source="member")
    parent_uid = UidField(source="parent")

    class Meta:
        model = Spillover
        fields = ("id", "sponsor_uid", "member_uid", "parent_uid", "side", "level", "created_at")


class SpilloverFilter(FilterSet):
    sponsor_uid = CharFilter(field_name="sponsor__user__uid", max_length=255)
    member_uid = CharFilter(field_name="member__user__uid", max_length=255)


class SpilloverList(ListView):
    """Members whose place in the binary tree is not directly under their sponsor."""

    rights = {"GET": (VIEW_ORGANIZATION,)}
    queryset = Spillover.objects.select_related("sponsor__user", "member__user", "parent__user")
    serializer_class = SpilloverSerializer
    filterset_class = SpilloverFilter


class RankChangeSerializer(RowSerializer):
    member_uid = UidField(source="member")

    class Meta:
        model = RankChange
        fields = ("id", "member_uid", "before", "after", "cause", "reason", "changed_at")


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": LARGEST_ID})
class IdFilter(NumberFilter):  # type: ignore[misc]  # no stubs
    """The library's own would take a fraction, and find the row it is rounded to."""

    field_class = forms.IntegerField


class RankChangeFilter(FilterSet):
    member = IdFilter(min_value=1, max_value=LARGEST_ID)
    member_uid = CharFilter(field_name="member__user__uid", max_length=255)
    after = ChoiceFilter(choices=Rank.choices)
    cause = ChoiceFilter(choices=RankCause.choices)


class RankChangeList(ListView):
    """Every change of a rank, with what it rests on."""

    rights = {"GET": (VIEW_ORGANIZATION,)}
    queryset = RankChange.objects.select_related("member__user")
    serializer_class = RankChangeSerializer
    filterset_class = RankChangeFilter
