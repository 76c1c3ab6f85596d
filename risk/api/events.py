"""/api/v1/risk/events/: what was decided, and why."""

from typing import Any

from django.utils import translation
from django_filters import CharFilter, ChoiceFilter
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from aeghash.core.api.fields import AmountField
from aeghash.core.api.filters import FilterSet, InstantFilter
from aeghash.core.api.serializers import RowSerializer
from aeghash.core.api.views import DetailView, ListView
from risk.api.masks import PersonalField
from risk.findings import Finding
from risk.models import RiskEvent
from risk.rights import VIEW_RISK
from risk.severities import Decision, Severity


class FindingSerializer(serializers.Serializer[Any]):
    rule = serializers.CharField()
    severity = serializers.ChoiceField(choices=Severity.choices)
    text = serializers.CharField(help_text="In English.")
    text_ko = serializers.CharField(help_text="In Korean.")
    found = serializers.CharField(help_text="What was compared; empty where nothing was.")
    limit = serializers.CharField(help_text="The policy's figure; empty where there is none.")


class EventSerializer(RowSerializer):
    uid = PersonalField(source="user.uid", read_only=True)
    policy_version = serializers.IntegerField(source="policy_id", read_only=True)
    amount = AmountField(read_only=True)
    address = PersonalField(read_only=True)
    ip = PersonalField(read_only=True)
    findings = serializers.SerializerMethodField()

    class Meta:
        model = RiskEvent
        fields = (
            "id", "decision", "policy_version", "uid", "asset", "amount", "address", "ip", "device_id", "subject_kind",
            "subject_id", "findings", "requested_at", "decided_at",
        )  # fmt: skip

    @extend_schema_field(FindingSerializer(many=True))
    def get_findings(self, event: RiskEvent) -> list[dict[str, str]]:
        return [shown(finding) for finding in event.found()]


def shown(finding: Finding) -> dict[str, str]:
    said = {}
    for language in ("en", "ko"):
        with translation.override(language):
            said[language] = finding.text()
    return {
        "rule": finding.rule, "severity": finding.severity.value, "text": said["en"], "text_ko": said["ko"],
        "found": finding.found, "limit": finding.limit,
    }  # fmt: skip


class EventFilter(FilterSet):
    decision = ChoiceFilter(choices=Decision.choices)
    uid = CharFilter(field_name="user__uid", max_length=255)
    subject_kind = CharFilter(max_length=50)
    subject_id = CharFilter(max_length=64)
    decided_since = InstantFilter(field_name="decided_at", lookup_expr="gte")
    decided_before = InstantFilter(field_name="decided_at", lookup_expr="lt")


class EventList(ListView):
    """All decisions, those that allowed too."""

    rights = {"GET": (VIEW_RISK,)}
    queryset = RiskEvent.objects.select_related("user")
    serializer_class = EventSerializer
    filterset_class = EventFilter


class EventDetail(DetailView):
    """One decision with its findings."""

    rights = {"GET": (VIEW_RISK,)}
    queryset = RiskEvent.objects.select_related("user")
    lookup_url_kwarg = "event_id"
    serializer_class = EventSerializer
