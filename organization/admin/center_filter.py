from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from organization.admin.names import member_name
from organization.models import Member

LONGEST_NUMBER = 18


class CenterFilter(SimpleListFilter):
    """The orders of one center. It is offered by links to the list; the list itself can't name all centers."""

    title = gettext_lazy("center")
    parameter_name = "center"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        given = request.GET.get(self.parameter_name, "")
        if not (given.isascii() and given.isdecimal() and len(given) <= LONGEST_NUMBER):
            return []
        center = Member.objects.select_related("user").filter(pk=int(given)).first()
        return [(str(center.pk), member_name(center))] if center else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known = [choice for choice, _name in self.lookup_choices]
        return queryset.filter(center=self.value()) if self.value() in known else queryset
