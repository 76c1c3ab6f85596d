"""/api/v1/risk/lists/: blocked and trusted addresses."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django_filters import CharFilter, ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from aeghash.core.api.fields import InstantField, TextField
from aeghash.core.api.filters import FilterSet, InstantFilter
from aeghash.core.api.serializers import RowSerializer, StrictSerializer, given
from aeghash.core.api.views import DetailView, ListView
from risk.api.masks import PersonalField
from risk.models import ListEntry, ListKind, Target
from risk.models.lists import in_effect
from risk.operations.add_list_entry import add_list_entry
from risk.operations.remove_list_entry import remove_list_entry
from risk.rights import EDIT_RISK_LISTS, VIEW_RISK


class ListEntrySerializer(RowSerializer):
    value = PersonalField(read_only=True)
    uid = PersonalField(source="user.uid", default=None, read_only=True)
    removed_at = InstantField(source="deleted_at", read_only=True)

    class Meta:
        model = ListEntry
        fields = (
            "id", "kind", "target", "value", "uid", "note", "valid_from", "valid_until", "created_at", "created_by",
            "removed_at",
        )  # fmt: skip


class EntryFilter(FilterSet):
    kind = ChoiceFilter(choices=ListKind.choices)
    target = ChoiceFilter(choices=Target.choices)
    uid = CharFilter(field_name="user__uid", max_length=255)
    in_effect_at = InstantFilter(method="effective")

    def effective(self, rows: QuerySet[ListEntry], _name: str, at: datetime) -> QuerySet[ListEntry]:
        return rows.filter(in_effect(at))


class NewEntry(StrictSerializer):
    kind = serializers.ChoiceField(choices=ListKind.choices)
    target = serializers.ChoiceField(choices=Target.choices)
    value = TextField(max_length=128, help_text="An IP address, a CIDR, or a payout address.")
    note = TextField(max_length=1000)
    uid = TextField(max_length=255, required=False, allow_null=True, help_text="Left out: for everybody.")
    valid_until = InstantField(required=False, allow_null=True)


class Entries(ListView):
    """Entries of the blocked and the trusted list, removed ones too."""

    rights = {"GET": (VIEW_RISK,), "POST": (EDIT_RISK_LISTS,)}
    queryset = ListEntry.with_deleted.select_related("user")
    serializer_class = ListEntrySerializer
    filterset_class = EntryFilter

    @extend_schema(
        operation_id="risk_lists_create", request=NewEntry, responses={201: ListEntrySerializer}, filters=False
    )
    def post(self, request: Request) -> Response:
        """A block is in effect at once, trust after the policy's delay. 409 `already_listed`."""
        values: dict[str, Any] = given(NewEntry, request)
        kind, target = ListKind(values.pop("kind")), Target(values.pop("target"))
        entry = add_list_entry(kind=kind, target=target, by=self.caller, **values)
        return Response(self.get_serializer(entry).data, status=201)


class Entry(DetailView):
    """One entry of the blocked or the trusted list."""

    rights = {"GET": (VIEW_RISK,), "DELETE": (EDIT_RISK_LISTS,)}
    queryset = ListEntry.with_deleted.select_related("user")
    lookup_url_kwarg = "entry_id"
    serializer_class = ListEntrySerializer

    @extend_schema(operation_id="risk_lists_delete", request=None, responses=ListEntrySerializer)
    def delete(self, _request: Request, entry_id: int) -> Response:
        """Trust ends at once, a block after the policy's delay: see `valid_until`. The row stays."""
        return Response(self.get_serializer(remove_list_entry(entry_id=entry_id, by=self.caller)).data)
