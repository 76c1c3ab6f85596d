"""The plan, version by version, and the way to another: one proposes, another agrees."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core.admin.forms import StaffForm, reason_field
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.errors import Invalid
from aeghash.core.models import User
from aeghash.core.money import format_amount
from aeghash.core.operations.propose import propose
from bonus.admin.areas import BONUS
from bonus.models import Rule, RuleLine
from bonus.operations.change_rules import CHANGE_RULES, new_version
from bonus.rights import PROPOSE_RULES, VIEW_BONUS

ACTIVE: Final = "active"


class RulesForm(StaffForm):
    lines = forms.CharField(
        label=gettext_lazy("Lines"),
        max_length=20_000,
        widget=forms.Textarea({"rows": 16, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One share a line: type, level (0 without), percent, and what is needed: a rank, active."
        ),
    )
    valid_from = forms.DateTimeField(label=gettext_lazy("Valid from"))
    valid_until = forms.DateTimeField(label=gettext_lazy("Valid until"), required=False)
    reason = reason_field()


def as_text(rule: Rule) -> str:
    return "\n".join(
        " ".join(
            part
            for part in (
                line.type,
                str(line.level),
                format_amount(line.percentage, 0),
                line.lowest_rank,
                ACTIVE if line.needs_active else "",
            )
            if part
        )
        for line in rule.lines.order_by("type", "level")
    )


def as_lines(text: str) -> list[dict[str, Any]]:
    return [_line(number, words.split()) for number, words in enumerate(text.splitlines()) if words.strip()]


def _line(number: int, words: list[str]) -> dict[str, Any]:
    if len(words) < 3 or not (words[1].isascii() and words[1].isdigit()):
        raise Invalid(field=f"lines.{number}", reason=_("A line is a type, a level, a percentage, and what is needed."))
    needs = words[3:]
    return {
        "type": words[0],
        "level": int(words[1][:6]),
        "percentage": words[2],
        "needs_active": ACTIVE in needs,
        "lowest_rank": " ".join(word for word in needs if word != ACTIVE),
    }


def propose_version(_rule: Rule, by: User, given: Given) -> object:
    content = new_version(
        lines=as_lines(given["lines"]),
        valid_from=given["valid_from"],
        valid_until=given["valid_until"],
        reason=given["reason"],
    )
    return propose(act=CHANGE_RULES, content=content, by=by, reason=given["reason"])


PROPOSE = RowAct[Rule](
    name="propose",
    label=gettext_lazy("Propose another version"),
    explains=gettext_lazy("Nothing changes until another person has agreed. Orders already paid keep their version."),
    done=gettext_lazy("Proposed. Another person must agree."),
    carry_out=propose_version,
    right=PROPOSE_RULES,
    form=RulesForm,
    initial=lambda rule: {"lines": as_text(rule)},
    describes=lambda rule: {_("Version"): f"#{rule.pk}"},
    for_many=False,
    tone="primary",
)


@admin.register(Rule)
class RuleScreen(Screen[Rule]):
    area = BONUS
    place = 50
    may_view = VIEW_BONUS
    lead = gettext_lazy("An order goes by the version that held when it was paid. A change takes two people.")
    row_acts = (PROPOSE,)
    list_display = ("named", "begins", "ends", "total", "reason_shown")
    ordering = ("-valid_from",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rule]:
        return super().get_queryset(request).prefetch_related("lines")

    def title_of(self, row: Rule) -> str:
        return _("Bonus rules, version %(number)s") % {"number": row.pk}

    def sections(self, row: Rule) -> Sequence[Section]:
        facts = [
            (_("Valid from"), self.begins(row)),
            (_("Valid until"), self.ends(row)),
            (_("Percent of PV in all"), self.total(row)),
            (_("Reason"), self.reason_shown(row)),
        ]
        lines = [self.line(line) for line in row.lines.order_by("type", "level")]
        html = render_to_string("admin/bonus/rule_lines.html", {"lines": lines})
        return (Section(_("Version"), facts), Section(_("Lines"), html=html))

    def line(self, line: RuleLine) -> dict[str, Any]:
        return {
            "type": line.get_type_display(),
            "level": line.level or "",
            "percentage": cells.money(line.percentage, "%"),
            "rank": line.lowest_rank,
            "active": _("active") if line.needs_active else "",
        }

    @admin.display(description=gettext_lazy("version"))
    def named(self, row: Rule) -> str:
        return f"#{row.pk}"

    @admin.display(description=gettext_lazy("valid from"))
    def begins(self, row: Rule) -> str:
        return cells.moment(row.valid_from)

    @admin.display(description=gettext_lazy("valid until"))
    def ends(self, row: Rule) -> str:
        return cells.moment(row.valid_until)

    @admin.display(description=gettext_lazy("percent of PV"))
    def total(self, row: Rule) -> str:
        return cells.money(row.total_percentage, "%")

    total.is_number = True  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("reason"))
    def reason_shown(self, row: Rule) -> str:
        return cells.text(row.reason)
