"""/api/v1/partners/: keys and events, for staff's programs."""

from django_filters import CharFilter, ChoiceFilter
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from aeghash.core.actors import acting_as, person
from aeghash.core.api.fields import InstantField, TextField, WholeNumberField
from aeghash.core.api.filters import FilterSet, InstantFilter
from aeghash.core.api.serializers import RowSerializer, StrictSerializer, given
from aeghash.core.api.views import ApiView, DetailView, ListView
from aeghash.core.operations.propose import propose
from partners.models import EventState, InboundEvent, Partner, PartnerKey
from partners.operations.issue_key import ISSUE_KEY, new_key
from partners.operations.reprocess_event import drop_event, reprocess_event
from partners.operations.revoke_key import revoke_key
from partners.rights import MANAGE_PARTNERS
from partners.scopes import SCOPES


class PartnerSerializer(RowSerializer):
    class Meta:
        model = Partner
        fields = (
            "id", "slug", "name", "is_active", "networks", "allows_sha256", "allows_legacy_get", "reads_a_minute",
            "writes_a_minute", "burst", "created_at",
        )  # fmt: skip


class PartnerKeySerializer(RowSerializer):
    partner = serializers.CharField(source="partner.slug")
    is_live = serializers.BooleanField()
    rotation_due_at = InstantField()

    class Meta:
        model = PartnerKey
        fields = (
            "key_id", "partner", "scopes", "is_live", "created_at", "rotation_due_at", "expires_at", "revoked_at",
            "last_used_at",
        )  # fmt: skip


class InboundEventSerializer(RowSerializer):
    partner = serializers.CharField(source="partner.slug")

    class Meta:
        model = InboundEvent
        fields = (
            "id", "partner", "call", "path", "idempotency_key", "state", "reason", "attempts", "created_at", "settled_at",
        )  # fmt: skip


class KeyFilter(FilterSet):
    partner = CharFilter(field_name="partner__slug", max_length=64)


class EventFilter(FilterSet):
    partner = CharFilter(field_name="partner__slug", max_length=64)
    state = ChoiceFilter(choices=EventState.choices)
    created_since = InstantFilter(field_name="created_at", lookup_expr="gte")
    created_before = InstantFilter(field_name="created_at", lookup_expr="lt")


class IssuingKey(StrictSerializer):
    partner = TextField(max_length=64)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=SCOPES), required=False, max_length=len(SCOPES)
    )
    overlap_days = WholeNumberField(min_value=0, max_value=90, required=False)
    reason = TextField(max_length=1000)


class SayingWhy(StrictSerializer):
    reason = TextField(max_length=1000)


PROPOSED = inline_serializer("ProposedKey", {"proposal": serializers.IntegerField(), "key_id": serializers.CharField()})


class PartnerList(ListView):
    """Who may call us."""

    rights = {"GET": (MANAGE_PARTNERS,)}
    queryset = Partner.objects.all()
    serializer_class = PartnerSerializer


class KeyList(ListView):
    """All keys, also those that have ended."""

    rights = {"GET": (MANAGE_PARTNERS,), "POST": (MANAGE_PARTNERS,)}
    queryset = PartnerKey.objects.select_related("partner")
    page_by = "key_id"
    serializer_class = PartnerKeySerializer
    filterset_class = KeyFilter

    @extend_schema(operation_id="partner_keys_propose", request=IssuingKey, responses={202: PROPOSED})
    def post(self, request: Request) -> Response:
        """Proposes a new key, to which another person must agree."""
        asked = given(IssuingKey, request)
        content = new_key(
            slug=asked["partner"], scopes=asked.get("scopes", ()), overlap_days=asked.get("overlap_days")
        )  # fmt: skip
        proposal = propose(act=ISSUE_KEY, content=content, by=self.caller, reason=asked["reason"])
        return Response({"proposal": proposal.pk, "key_id": content["key_id"]}, status=202)


class RevokeKey(ApiView):
    """Ends a key at once; again, it changes nothing."""

    rights = {"POST": (MANAGE_PARTNERS,)}

    @extend_schema(operation_id="partner_keys_revoke", request=SayingWhy, responses=PartnerKeySerializer)
    def post(self, request: Request, key_id: str) -> Response:
        reason = given(SayingWhy, request)["reason"]
        with acting_as(person(self.caller)):
            return Response(PartnerKeySerializer(revoke_key(key_id=key_id, reason=reason)).data)


class EventList(ListView):
    """Calls that failed, or wait for a decision."""

    rights = {"GET": (MANAGE_PARTNERS,)}
    queryset = InboundEvent.objects.select_related("partner")
    serializer_class = InboundEventSerializer
    filterset_class = EventFilter


class EventDetail(DetailView):
    """One call that failed or waits for a decision."""

    rights = {"GET": (MANAGE_PARTNERS,)}
    queryset = InboundEvent.objects.select_related("partner")
    lookup_url_kwarg = "event_id"
    serializer_class = InboundEventSerializer


class ReprocessEvent(ApiView):
    """Works the call again, under its own key; settled already, it changes nothing."""

    rights = {"POST": (MANAGE_PARTNERS,)}

    @extend_schema(operation_id="partner_events_reprocess", request=None, responses=InboundEventSerializer)
    def post(self, request: Request, event_id: int) -> Response:
        given(StrictSerializer, request)
        with acting_as(person(self.caller)):
            return Response(InboundEventSerializer(reprocess_event(event_id=event_id)).data)


class DropEvent(ApiView):
    """Sets the call aside for good."""

    rights = {"POST": (MANAGE_PARTNERS,)}

    @extend_schema(operation_id="partner_events_drop", request=SayingWhy, responses=InboundEventSerializer)
    def post(self, request: Request, event_id: int) -> Response:
        reason = given(SayingWhy, request)["reason"]
        with acting_as(person(self.caller)):
            return Response(InboundEventSerializer(drop_event(event_id=event_id, reason=reason)).data)
