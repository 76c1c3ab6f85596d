"""What the pool says of its days, what it brought, and what becomes of a day that is said anew."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core.admin.forms import StaffForm, reason_field
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.periods import by_pool_day
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.kit.tabs import Tab
from aeghash.core.models import User
from aeghash.core.rights import permission
from mining.admin.areas import MINING, VIEW_MINING, table
from mining.models import Allocation, DayFacts, Income, Verdict
from mining.operations.decide_restatement import propose_decision
from mining.queries.restatements import effects, member_effects, undecided

MOST_SHOWN = 100
MOST_OF_A_COIN = 20


class DecisionForm(StaffForm):
    verdict = forms.ChoiceField(label=gettext_lazy("Decision"), choices=Verdict.choices)
    reason = reason_field()


def decide(facts: DayFacts, by: User, given: Given) -> object:
    return propose_decision(facts_id=facts.pk, verdict=Verdict(given["verdict"]), reason=given["reason"], by=by)


def effect_lines(facts: DayFacts) -> dict[Any, Any]:
    return {effect.coin: cells.money(effect.difference, effect.coin) for effect in effects(facts)}


DECIDE = RowAct[DayFacts](
    name="decide",
    label=gettext_lazy("Propose a decision on the restatement"),
    explains=gettext_lazy(
        "Corrected, members get what is missing, and give back what was too much: what they have spent becomes a debt."
        " Another person must agree."
    ),
    done=gettext_lazy("Proposed. Another person must agree."),
    carry_out=decide,
    right=permission("adjust_balances"),
    form=DecisionForm,
    describes=effect_lines,
    offered=lambda facts, _user: undecided().filter(pk=facts.pk).exists(),
    for_many=False,
)


@admin.register(DayFacts)
class DayScreen(Screen[DayFacts]):
    area = MINING
    place = 10
    may_view = VIEW_MINING
    lead = gettext_lazy("What the pool reports of each day (UTC). A day it restates is listed once more.")
    empty_title = gettext_lazy("Nothing has been read of the pool yet")
    empty_text = gettext_lazy("It is read every hour; `manage.py sync_mining` reads it now.")
    tabs = (
        Tab("all", gettext_lazy("All"), is_counted=False),
        Tab("flawed", gettext_lazy("Not believed"), ~Q(flaw="")),
        Tab("undecided", gettext_lazy("To be decided"), Q(pk__in=undecided())),
        Tab("restated", gettext_lazy("Restated"), Q(version__gt=1)),
    )
    filters = (by_pool_day("day"),)
    row_acts = (DECIDE,)
    export = {
        gettext_lazy("Day"): lambda row: row.day,
        gettext_lazy("Version"): lambda row: row.version,
        gettext_lazy("Hash rate (MH/s)"): lambda row: row.hash_rate,
        gettext_lazy("Efficiency (%)"): lambda row: row.efficiency,
        gettext_lazy("Reject rate (%)"): lambda row: row.reject,
        gettext_lazy("Flaw"): lambda row: row.flaw,
    }
    list_display = ("named", "hash_rate_shown", "efficiency_shown", "reject_shown", "state")
    ordering = ("-day", "-version")
    sortable_by = ()

    def waiting(self) -> QuerySet[DayFacts]:
        return undecided()

    def badge_of(self, row: DayFacts) -> str:
        return self.state(row)

    def sections(self, row: DayFacts) -> Sequence[Section]:
        facts: list[tuple[Any, Any]] = [
            (_("Hash rate (MH/s)"), cells.money(row.hash_rate)),
            (_("Hash rate per MH/s"), cells.money(row.hash_rate_mega)),
            (_("Efficiency (%)"), cells.money(row.efficiency)),
            (_("Reject rate (%)"), cells.money(row.reject)),
            (_("Flaw"), cells.text(row.flaw)),
            (_("Read"), cells.moment(row.read_at)),
        ]
        raw = _("As it came")
        sections = [Section(_("Day"), facts)]
        if row.is_sound:
            sections.append(Section(_("Income"), html=_incomes(row)))
        if undecided().filter(pk=row.pk).exists():
            sections += [_changes(row), _changes_of_members(row)]
        sections.append(Section(raw, html=render_to_string("admin/kit/data.html", {"value": row.raw, "label": raw})))
        return sections

    @admin.display(description=gettext_lazy("day"))
    def named(self, row: DayFacts) -> str:
        return str(row)

    @admin.display(description=gettext_lazy("hash rate (MH/s)"))
    def hash_rate_shown(self, row: DayFacts) -> str:
        return cells.money(row.hash_rate)

    @admin.display(description=gettext_lazy("efficiency (%)"))
    def efficiency_shown(self, row: DayFacts) -> str:
        return cells.money(row.efficiency)

    @admin.display(description=gettext_lazy("reject rate (%)"))
    def reject_shown(self, row: DayFacts) -> str:
        return cells.money(row.reject)

    @admin.display(description=gettext_lazy("status"))
    def state(self, row: DayFacts) -> str:
        if row.flaw:
            return cells.badge(_("not believed"), "bad")
        return cells.badge(_("restated"), "warn") if row.version > 1 else cells.badge(_("read"), "ok")

    hash_rate_shown.is_number = True  # type: ignore[attr-defined]
    efficiency_shown.is_number = True  # type: ignore[attr-defined]
    reject_shown.is_number = True  # type: ignore[attr-defined]


def _changes(row: DayFacts) -> Section:
    lines = [
        [e.coin, e.total_before, e.total, e.given, e.members, e.difference, e.gaining, e.losing, e.debt]
        for e in effects(row)
    ]
    heads = [
        _("Coin"), _("Total before"), _("Total now"), _("Given out"), _("Due now"), _("Difference"),
        _("Members who get more"), _("Members who give back"), _("Becomes debt"),
    ]  # fmt: skip
    return Section(_("What the restatement changes"), html=table(heads, lines))


def _changes_of_members(row: DayFacts) -> Section:
    lines = [
        [f"{e.member} · {e.coin}", e.power, e.given, e.due, e.difference, e.debt]
        for e in member_effects(row, MOST_OF_A_COIN)
    ]
    heads = [
        _("Member"), _("Power (MH/s)"), _("Given out"), _("Due now"), _("Difference"), _("Becomes debt"),
    ]  # fmt: skip
    note = _("Of each coin the members for whom it changes most.")
    return Section(_("What it changes for members"), html=table(heads, lines), note=note)


def _incomes(row: DayFacts) -> str:
    lines = [[coin.coin_id, coin.total, coin.per_mega, coin.price] for coin in row.coins.order_by("coin")]
    return table([_("Coin"), _("Income of the project"), _("Income per MH/s"), _("Price (USDT)")], lines)


@admin.register(Allocation)
class AllocationScreen(Screen[Allocation]):
    area = MINING
    place = 20
    may_view = VIEW_MINING
    lead = gettext_lazy("What members got of each day and coin, and what is the company's.")
    empty_title = gettext_lazy("No income has been given out yet")
    empty_text = gettext_lazy("It is given out every day, as soon as the pool's facts of the day before are there.")
    filters = ("coin", by_pool_day("day"))
    export = {
        gettext_lazy("Day"): lambda row: row.day,
        gettext_lazy("Coin"): lambda row: row.coin_id,
        gettext_lazy("Income of the project"): lambda row: row.total,
        gettext_lazy("Members' part"): lambda row: row.members,
        gettext_lazy("Company's part"): lambda row: row.total - row.members,
        gettext_lazy("Members"): lambda row: row.members_count,
    }
    list_display = ("named", "total_shown", "members_shown", "company_shown", "count_shown", "state")
    ordering = ("-day", "coin", "-sequence")
    sortable_by = ()

    def badge_of(self, row: Allocation) -> str:
        return self.state(row)

    def sections(self, row: Allocation) -> Sequence[Section]:
        facts: list[tuple[Any, Any]] = [
            (_("Income of the project"), self.total_shown(row)),
            (_("Income per MH/s"), cells.money(row.per_mega, row.coin_id)),
            (_("Members' power (MH/s)"), cells.money(row.power)),
            (_("Members' part"), self.members_shown(row)),
            (_("Company's part"), self.company_shown(row)),
            (_("Version of the day"), str(row.facts)),
            (_("Given out"), cells.moment(row.allocated_at)),
        ]
        incomes = Income.objects.filter(allocation=row).select_related("user").order_by("-amount")[:MOST_SHOWN]
        lines = [[income.user.uid or cells.email(income.user.email), income.power, income.amount] for income in incomes]
        note = _("The largest are shown. Each is power times income per MH/s, rounded down.")
        heads = [_("Member"), _("Power (MH/s)"), _("Amount")]
        return Section(_("Allocation"), facts), Section(_("Members"), html=table(heads, lines), note=note)

    @admin.display(description=gettext_lazy("day and coin"))
    def named(self, row: Allocation) -> str:
        return str(row)

    @admin.display(description=gettext_lazy("income of the project"))
    def total_shown(self, row: Allocation) -> str:
        return cells.money(row.total, row.coin_id)

    @admin.display(description=gettext_lazy("members' part"))
    def members_shown(self, row: Allocation) -> str:
        return cells.money(row.members, row.coin_id)

    @admin.display(description=gettext_lazy("company's part"))
    def company_shown(self, row: Allocation) -> str:
        return cells.money(row.total - row.members, row.coin_id)

    @admin.display(description=gettext_lazy("members"))
    def count_shown(self, row: Allocation) -> str:
        return f"{row.members_count:,}"

    @admin.display(description=gettext_lazy("status"))
    def state(self, row: Allocation) -> str:
        if row.sequence:
            return cells.badge(_("corrected"), "info")
        return cells.badge(_("scaled down"), "warn") if row.is_scaled else cells.badge(_("given out"), "ok")

    total_shown.is_number = True  # type: ignore[attr-defined]
    members_shown.is_number = True  # type: ignore[attr-defined]
    company_shown.is_number = True  # type: ignore[attr-defined]
    count_shown.is_number = True  # type: ignore[attr-defined]
