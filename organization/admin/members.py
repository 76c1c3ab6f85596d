"""Members: the list, and everything about one."""

from collections.abc import Sequence
from typing import Final

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core.admin.kit import cells, viewer
from aeghash.core.admin.kit.charts import Series, bar_chart
from aeghash.core.admin.kit.periods import by_moment
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.kit.tabs import Tab
from organization.admin.areas import ORGANIZATION
from organization.admin.member_acts import ACTS
from organization.admin.names import member_link, member_name, member_number
from organization.admin.rank_steps import rank_steps
from organization.admin.tree import tree_url
from organization.admin.why_here import why_here
from organization.models import Member, Node, Tree
from organization.queries.found_members import found_members
from organization.queries.kpis import daily_figures, kpis, rank_history
from organization.rights import VIEW_ORGANIZATION

DAYS: Final = 30
STEPS: Final = 20


@admin.register(Member)
class MemberScreen(Screen[Member]):
    area = ORGANIZATION
    place = 10
    may_view = VIEW_ORGANIZATION
    empty_title = gettext_lazy("No members yet")
    empty_text = gettext_lazy(
        "Members come from the mall, or are imported; each is listed here from its first second on."
    )
    tabs = (
        Tab("all", gettext_lazy("Everybody"), is_counted=False),
        Tab("centers", gettext_lazy("Centers"), Q(is_center=True), is_counted=False),
        Tab("inactive", gettext_lazy("Inactive"), Q(is_active=False), is_counted=False),
    )
    filters = ("rank", "is_center", "is_active", by_moment("created_at"))
    row_acts = ACTS
    search_fields = ("user__uid",)  # which shows the box; what it finds is said below
    search_help_text = gettext_lazy("Member number, code, e-mail or name")
    list_display = ("who", "number", "referral_code", "rank", "sponsor_shown", "joined", "state")
    ordering = ("-pk",)
    sortable_by = ()
    export = {
        gettext_lazy("Member number"): lambda row: member_number(row),
        gettext_lazy("Name"): lambda row: row.user.name,
        gettext_lazy("E-mail"): lambda row: cells.email(row.user.email),
        gettext_lazy("Referral code"): lambda row: row.referral_code,
        gettext_lazy("Rank"): lambda row: row.rank,
        gettext_lazy("Sponsor"): lambda row: member_number(row.sponsor) if row.sponsor else "",
        gettext_lazy("Center"): lambda row: row.is_center,
        gettext_lazy("Active"): lambda row: row.is_active,
        gettext_lazy("Joined"): lambda row: row.created_at,
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        return super().get_queryset(request).select_related("user", "sponsor__user", "center_referrer__user")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Member], search_term: str
    ) -> tuple[QuerySet[Member], bool]:
        return found_members(queryset, search_term, in_full=viewer.sees_personal_data()), False

    def title_of(self, row: Member) -> str:
        return member_name(row)

    def badge_of(self, row: Member) -> str:
        return format_html("{} {}", cells.badge(row.rank, "info"), self.state(row))

    def sections(self, row: Member) -> Sequence[Section]:
        nodes = Node.objects.filter(member=row).select_related("parent__member__user").order_by("tree")
        return (person(row), *(place(row, node) for node in nodes), *figures(row), ranks(row))

    @admin.display(description=gettext_lazy("name"))
    def who(self, row: Member) -> str:
        return member_name(row)

    @admin.display(description=gettext_lazy("member number"))
    def number(self, row: Member) -> str:
        return member_number(row)

    @admin.display(description=gettext_lazy("sponsor"))
    def sponsor_shown(self, row: Member) -> str:
        return member_link(row.sponsor)

    @admin.display(description=gettext_lazy("joined"))
    def joined(self, row: Member) -> str:
        return cells.moment(row.created_at)

    @admin.display(description=gettext_lazy("status"))
    def state(self, row: Member) -> str:
        if not row.is_active:
            return cells.badge(_("inactive"), "warn")
        return cells.badge(_("center"), "info") if row.is_center else cells.badge(_("active"), "ok")


def person(row: Member) -> Section:
    facts = [
        (_("Name"), cells.text(row.user.name)),
        (_("Member number"), member_number(row)),
        (_("E-mail"), cells.email(row.user.email)),
        (_("Referral code"), format_html('<span class="code">{}</span>', row.referral_code)),
        (_("Sponsor"), member_link(row.sponsor)),
        (_("Rank"), _("%(rank)s, held by hand") % {"rank": row.rank} if row.is_rank_held else row.rank),
        (_("Joined"), cells.moment(row.created_at)),
    ]
    if row.is_center:
        facts.append((_("Center, referred by"), member_link(row.center_referrer)))
    return Section(_("Member"), facts)


def place(row: Member, node: Node) -> Section:
    facts = [
        (_("Above"), member_link(node.parent.member) if node.parent else cells.NOTHING),
        (_("Side"), node.get_side_display() if node.side else cells.NOTHING),
        (_("Depth"), node.depth),
        (_("Placed"), cells.moment(node.created_at)),
        (_("Why here?"), " ".join(why_here(row, node))),
        (_("Tree"), format_html('<a href="{}">{}</a>', tree_url(node), _("Show the tree from here"))),
    ]
    title = _("Place in the binary tree") if node.tree == Tree.BINARY else _("Place in the unilevel tree")
    return Section(title, facts)


def figures(row: Member) -> tuple[Section, ...]:
    found, days = kpis(member=row, days=DAYS), daily_figures(member=row, days=DAYS)
    labels = [f"{day:%m-%d}" for day in days]
    sums = found.figures
    facts = [
        (_("Personal volume"), cells.money(sums.personal, "PV")),
        (_("Group volume"), cells.money(sums.group, "PV")),
        (_("Left volume"), cells.money(sums.left, "PV")),
        (_("Right volume"), cells.money(sums.right, "PV")),
        (_("Orders"), sums.orders),
        (_("New members below"), sums.new_members),
        (_("Spillovers"), found.spillovers),
        (_("Ranks below"), ", ".join(f"{rank} {count:,}" for rank, count in found.rank_mix.items() if count)),
    ]
    rows = list(days.values())
    sides: Series = {_("Left volume"): [day.left for day in rows], _("Right volume"): [day.right for day in rows]}
    own: Series = {_("Personal volume"): [day.personal for day in rows], _("Group volume"): [day.group for day in rows]}
    return (
        Section(_("Figures of 30 days"), facts),
        Section(_("Binary tree, per day"), html=bar_chart(_("Left and right volume per day"), labels, sides)),
        Section(_("Unilevel tree, per day"), html=bar_chart(_("Personal and group volume per day"), labels, own)),
    )


def ranks(row: Member) -> Section:
    events = rank_steps(rank_history(row)[:STEPS])
    html = render_to_string("admin/kit/time_line.html", {"events": events}) if events else ""
    return Section(_("Rank history"), html=html, note="" if events else _("The rank has not changed yet."))
