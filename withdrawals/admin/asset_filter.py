from functools import cache
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from wallets.models import Asset


@cache
def symbols() -> tuple[str, ...]:
    """Migrations alone make assets, so a process asks for them once."""
    return tuple(Asset.objects.order_by("kind", "symbol").values_list("symbol", flat=True))


class AssetFilter(SimpleListFilter):
    title = gettext_lazy("asset")
    parameter_name = "asset"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(symbol, symbol) for symbol in symbols()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(asset=self.value()) if self.value() in symbols() else queryset
