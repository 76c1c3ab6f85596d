"""What is written once and never again: spillovers, and changes of ranks."""

from collections.abc import Sequence
from typing import ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core.admin.kit import cells, viewer
from aeghash.core.admin.kit.periods import by_moment
from aeghash.core.admin.kit.screens import M, Screen, Section
from aeghash.core.admin.kit.tabs import Tab
from organization.admin.areas import ORGANIZATION
from organization.admin.names import member_link, member_name
from organization.admin.rank_steps import grounds, who
from organization.models import Member, Rank, RankCause, RankChange, Spillover
from organization.queries.found_members import found_members
from organization.rights import VIEW_ORGANIZATION


class HistoryScreen(Screen[M]):
    """Searched by the members that a row names."""

    area = ORGANIZATION
    may_view = VIEW_ORGANIZATION
    search_fields = ("member",)
    search_help_text = gettext_lazy("Member number, code, e-mail or name")
    ordering: ClassVar[tuple[str, ...]] = ("-pk",)
    sortable_by = ()
    names_members: Sequence[str] = ("member",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        return super().get_queryset(request).select_related(*(f"{name}__user" for name in self.names_members))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[M], search_term: str
    ) -> tuple[QuerySet[M], bool]:
        if not search_term.strip():
            return queryset, False
        found = found_members(Member.objects.all(), search_term, in_full=viewer.sees_personal_data()).values("pk")
        which = Q()
        for name in self.names_members:
            which |= Q(**{f"{name}__in": found})
        return queryset.filter(which), False


@admin.register(Spillover)
class SpilloverScreen(HistoryScreen[Spillover]):
    place = 40
    lead = gettext_lazy("Members whose place in the binary tree is not directly under their sponsor.")
    empty_title = gettext_lazy("No spillovers yet")
    empty_text = gettext_lazy("They begin when a sponsor's two slots are taken.")
    filters = ("side", by_moment("created_at"))
    list_display = ("who", "sponsor_shown", "parent_shown", "side", "level", "placed")
    names_members = ("member", "sponsor", "parent")

    def title_of(self, row: Spillover) -> str:
        return member_name(row.member)

    def sections(self, row: Spillover) -> Sequence[Section]:
        facts = [
            (_("Member"), member_link(row.member)),
            (_("Sponsor"), member_link(row.sponsor)),
            (_("Placed under"), member_link(row.parent)),
            (_("Side"), row.get_side_display()),
            (_("Levels below the sponsor"), row.level),
            (_("Placed"), cells.moment(row.created_at)),
        ]
        return (Section(_("Spillover"), facts),)

    @admin.display(description=gettext_lazy("member"))
    def who(self, row: Spillover) -> str:
        return member_name(row.member)

    @admin.display(description=gettext_lazy("sponsor"))
    def sponsor_shown(self, row: Spillover) -> str:
        return member_link(row.sponsor)

    @admin.display(description=gettext_lazy("placed under"))
    def parent_shown(self, row: Spillover) -> str:
        return member_link(row.parent)

    @admin.display(description=gettext_lazy("placed"))
    def placed(self, row: Spillover) -> str:
        return cells.moment(row.created_at)


@admin.register(RankChange)
class RankChangeScreen(HistoryScreen[RankChange]):
    place = 50
    empty_title = gettext_lazy("No rank has changed yet")
    empty_text = gettext_lazy("Each step is listed here with the figures, or the word, it rests on.")
    tabs = (
        Tab("all", gettext_lazy("All"), is_counted=False),
        Tab("by-hand", gettext_lazy("By hand"), Q(cause=RankCause.BY_HAND), is_counted=False),
        Tab("by-rule", gettext_lazy("By the rules"), Q(cause=RankCause.RULE), is_counted=False),
    )
    filters = ("after",)
    list_display = ("whose", "step", "why", "by", "when")

    def title_of(self, row: RankChange) -> str:
        return f"{member_name(row.member)} {row}"

    def sections(self, row: RankChange) -> Sequence[Section]:
        facts = [
            (_("Member"), member_link(row.member)),
            (_("Before"), Rank(row.before).label),
            (_("After"), Rank(row.after).label),
            (_("Cause"), who(row)),
            (_("Reason"), grounds(row.reason)),
            (_("Time"), cells.moment(row.changed_at)),
        ]
        return (Section(_("Rank change"), facts),)

    @admin.display(description=gettext_lazy("member"))
    def whose(self, row: RankChange) -> str:
        return member_name(row.member)

    @admin.display(description=gettext_lazy("change"))
    def step(self, row: RankChange) -> str:
        return str(row)

    @admin.display(description=gettext_lazy("reason"))
    def why(self, row: RankChange) -> str:
        return grounds(row.reason) or cells.NOTHING

    @admin.display(description=gettext_lazy("cause"))
    def by(self, row: RankChange) -> str:
        return who(row)

    @admin.display(description=gettext_lazy("time"))
    def when(self, row: RankChange) -> str:
        return cells.moment(row.changed_at)
