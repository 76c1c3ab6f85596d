"""/api/v1/audit/: who did what. Personal data is masked when a row is written; secrets never get there."""

from django.db.models import OuterRef, QuerySet, Subquery
from django_filters import CharFilter, ChoiceFilter
from rest_framework import serializers

from aeghash.core.actors import ActorKind
from aeghash.core.api.filters import FilterSet, InstantFilter
from aeghash.core.api.serializers import RowSerializer
from aeghash.core.api.views import ListView
from aeghash.core.models import AuditRow, AuditSeal
from aeghash.core.rights import VIEW_AUDIT, VIEW_OWN_AUDIT

NUMBER = Subquery(AuditSeal.objects.filter(audit_id=OuterRef("pk")).values("number"))


class AuditSerializer(RowSerializer):
    number = serializers.IntegerField(
        allow_null=True, help_text="Its place in the sealed chain; null until it is sealed."
    )

    class Meta:
        model = AuditRow
        fields = (
            "id", "number", "at", "actor_kind", "actor_id", "actor_label", "verb", "object_type", "object_id", "before",
            "after", "reason", "request_id",
        )  # fmt: skip


class AuditFilter(FilterSet):
    actor_kind = ChoiceFilter(choices=ActorKind.choices)
    actor_id = CharFilter(max_length=100)
    verb = CharFilter(max_length=100)
    object_type = CharFilter(max_length=100)
    object_id = CharFilter(max_length=100)
    request_id = CharFilter(max_length=64)
    since = InstantFilter(field_name="at", lookup_expr="gte")
    before = InstantFilter(field_name="at", lookup_expr="lt")


class AuditList(ListView):
    """The whole trail; for those who may see only their own acts, these."""

    rights = {"GET": (VIEW_AUDIT, VIEW_OWN_AUDIT)}
    serializer_class = AuditSerializer
    filterset_class = AuditFilter
    queryset = AuditRow.objects.annotate(number=NUMBER)

    def get_queryset(self) -> QuerySet[AuditRow]:
        rows = super().get_queryset()
        user = self.caller
        if user.has_perm(VIEW_AUDIT):
            return rows
        return rows.filter(actor_kind=ActorKind.PERSON, actor_id=str(user.pk))
