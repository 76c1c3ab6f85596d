"""/api/v1/alerts/: what a person must know of."""

from django_filters import CharFilter, ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from aeghash.core.api.filters import FilterSet, InstantFilter
from aeghash.core.api.serializers import RowSerializer, StrictSerializer, given
from aeghash.core.api.views import ApiView, DetailView, ListView
from aeghash.core.models import Alert, AlertState, Severity
from aeghash.core.operations.acknowledge_alert import acknowledge_alert
from aeghash.core.rights import VIEW_JOBS, WORK_JOBS


class AlertSerializer(RowSerializer):
    class Meta:
        model = Alert
        fields = (
            "id", "key", "severity", "sentence", "details", "state", "count", "first_seen_at", "last_seen_at",
            "told_at", "acknowledged_at", "acknowledged_by",
        )  # fmt: skip


class AlertFilter(FilterSet):
    state = ChoiceFilter(choices=AlertState.choices)
    severity = ChoiceFilter(choices=Severity.choices)
    key = CharFilter(max_length=200)
    seen_since = InstantFilter(field_name="last_seen_at", lookup_expr="gte")
    seen_before = InstantFilter(field_name="last_seen_at", lookup_expr="lt")


class AlertList(ListView):
    """All alerts, acknowledged ones too."""

    rights = {"GET": (VIEW_JOBS,)}
    queryset = Alert.objects.all()
    serializer_class = AlertSerializer
    filterset_class = AlertFilter


class AlertDetail(DetailView):
    """One alert."""

    rights = {"GET": (VIEW_JOBS,)}
    queryset = Alert.objects.all()
    lookup_url_kwarg = "alert_id"
    serializer_class = AlertSerializer


class AcknowledgeAlert(ApiView):
    """The same person again changes nothing; 409 `invalid_state` once somebody else has acknowledged it."""

    rights = {"POST": (WORK_JOBS,)}

    @extend_schema(operation_id="alerts_acknowledge", request=None, responses=AlertSerializer)
    def post(self, request: Request, alert_id: int) -> Response:
        given(StrictSerializer, request)
        return Response(AlertSerializer(acknowledge_alert(alert_id=alert_id, by=self.caller)).data)
