"""Whether the pool holds what we owe."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.periods import by_pool_day
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.kit.tabs import Tab
from mining.admin.areas import MINING, VIEW_MINING
from mining.models import (
    ReserveProof,
)


@admin.register(ReserveProof)
class ReserveScreen(Screen[ReserveProof]):
    area = MINING
    place = 70
    may_view = VIEW_MINING
    lead = gettext_lazy("What we owe of each coin against what the pool holds, as of 00:00 UTC.")
    empty_title = gettext_lazy("Nothing has been compared yet")
    empty_text = gettext_lazy("It is compared every day, once the pool's balances are read.")
    tabs = (
        Tab("all", gettext_lazy("All"), is_counted=False),
        Tab("short", gettext_lazy("Not enough"), Q(at_the_pool__lt=F("held") + F("under_way")), is_counted=False),
    )
    filters = ("coin", by_pool_day("day"))
    list_display = ("named", "held_shown", "under_way_shown", "pool_shown", "difference_shown")
    ordering = ("-day", "coin")
    sortable_by = ()

    def sections(self, row: ReserveProof) -> Sequence[Section]:
        facts: list[tuple[Any, Any]] = [
            (_("Held by members"), self.held_shown(row)),
            (_("Under way"), self.under_way_shown(row)),
            (_("At the pool"), self.pool_shown(row)),
            (_("Difference"), self.difference_shown(row)),
            (_("Made"), cells.moment(row.made_at)),
        ]
        return (Section(_("Reserve proof"), facts),)

    @admin.display(description=gettext_lazy("coin and day"))
    def named(self, row: ReserveProof) -> str:
        return str(row)

    @admin.display(description=gettext_lazy("held by members"))
    def held_shown(self, row: ReserveProof) -> str:
        return cells.money(row.held, row.coin_id)

    @admin.display(description=gettext_lazy("under way"))
    def under_way_shown(self, row: ReserveProof) -> str:
        return cells.money(row.under_way, row.coin_id)

    @admin.display(description=gettext_lazy("at the pool"))
    def pool_shown(self, row: ReserveProof) -> str:
        return cells.money(row.at_the_pool, row.coin_id)

    @admin.display(description=gettext_lazy("difference"))
    def difference_shown(self, row: ReserveProof) -> str:
        return cells.money(row.difference, row.coin_id)

    held_shown.is_number = True  # type: ignore[attr-defined]
    under_way_shown.is_number = True  # type: ignore[attr-defined]
    pool_shown.is_number = True  # type: ignore[attr-defined]
    difference_shown.is_number = True  # type: ignore[attr-defined]
