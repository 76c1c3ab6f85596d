"""Closings: the draft with what it comes to, its confirmation by two, how far it has come, the report and its hash."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.contrib import admin
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core.admin.forms import StaffForm, reason_field
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.periods import by_moment
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.errors import Refusal
from aeghash.core.models import User
from aeghash.core.operations.propose import propose
from bonus.admin.areas import BONUS
from bonus.admin.formats import report_formats
from bonus.models import BonusType, Closing, ClosingState
from bonus.operations.confirm_closing import CONFIRM_CLOSING
from bonus.operations.draft_closing import draft_closing
from bonus.queries.canonical import differences
from bonus.queries.warnings import last_closed, times_the_usual
from bonus.rights import DRAFT_CLOSINGS, VIEW_BONUS

TONES: Final = {ClosingState.DRAFT: "info", ClosingState.RUNNING: "warn", ClosingState.CLOSED: "ok"}


class ConfirmForm(StaffForm):
    reason = reason_field()


def propose_to_confirm(closing: Closing, by: User, given: Given) -> object:
    return propose(act=CONFIRM_CLOSING, content={"closing": closing.pk}, by=by, reason=given["reason"])


def described(closing: Closing) -> dict[Any, Any]:
    now = closing.report or closing.figures
    return {
        _("Period"): period(closing),
        _("Members"): now.get("members"),
        _("Amount"): cells.money(Decimal(now.get("total", "0")), "POINT"),
    }


def period(closing: Closing) -> str:
    return format_html("{} – {}", cells.moment(closing.starts_at), cells.moment(closing.ends_at))


class ClosedPeriodDiffers(Refusal):
    code = "closed_period_differs"
    sentence = gettext_lazy("%(count)s differences, the first: %(first)s")


def verify(closing: Closing) -> None:
    if found := differences(closing.pk):
        raise ClosedPeriodDiffers(count=len(found), first=found[0])


def is_draft(closing: Closing, _user: User) -> bool:
    return closing.status == ClosingState.DRAFT


CONFIRM = RowAct[Closing](
    name="confirm",
    label=gettext_lazy("Propose to confirm"),
    explains=gettext_lazy("Nothing is paid until another person has agreed to these figures."),
    done=gettext_lazy("Proposed. Another person must agree."),
    carry_out=propose_to_confirm,
    right=DRAFT_CLOSINGS,
    form=ConfirmForm,
    describes=described,
    offered=is_draft,
    for_many=False,
    tone="primary",
)
REDRAFT = RowAct[Closing](
    name="redraft",
    label=gettext_lazy("Count anew"),
    explains=gettext_lazy("The draft's figures are counted again, as of now."),
    done=gettext_lazy("Counted anew."),
    carry_out=lambda closing, _by, _given: draft_closing(as_of=closing.ends_at),
    right=DRAFT_CLOSINGS,
    describes=described,
    offered=is_draft,
    for_many=False,
)
VERIFY = RowAct[Closing](
    name="verify",
    label=gettext_lazy("Verify"),
    explains=gettext_lazy(
        "Each entry is compared with what it was when the period was closed, and the hash with the rows."
    ),
    done=gettext_lazy("The period is what it was, entry by entry."),
    carry_out=lambda closing, _by, _given: verify(closing),
    right=VIEW_BONUS,
    describes=described,
    offered=lambda closing, _user: closing.status == ClosingState.CLOSED,
    for_many=False,
)


@admin.register(Closing)
class ClosingScreen(Screen[Closing]):
    area = BONUS
    place = 10
    may_view = VIEW_BONUS
    lead = gettext_lazy("A draft of each period appears by itself when it is over. Paying it out takes two people.")
    empty_title = gettext_lazy("No closings yet")
    empty_text = gettext_lazy("The first draft appears when a period is over.")
    filters = ("status", by_moment("ends_at"))
    row_acts = (CONFIRM, REDRAFT, VERIFY)
    list_display = ("named", "state", "when", "members", "amount", "how_far", "hash_shown")
    ordering = ("-ends_at",)
    sortable_by = ()
    export = {
        gettext_lazy("Number"): lambda row: row.pk,
        gettext_lazy("Beginning"): lambda row: row.starts_at,
        gettext_lazy("End"): lambda row: row.ends_at,
        gettext_lazy("Status"): lambda row: row.get_status_display(),
        gettext_lazy("Members"): lambda row: (row.report or row.figures).get("members"),
        gettext_lazy("Amount (POINT)"): lambda row: Decimal((row.report or row.figures).get("total", "0")),
        gettext_lazy("SHA-256"): lambda row: row.sha256,
    }

    def formats(self) -> Mapping[str, str]:
        return report_formats()

    def title_of(self, row: Closing) -> str:
        return _("Closing %(number)s") % {"number": row.pk}

    def badge_of(self, row: Closing) -> str:
        return self.state(row)

    def sections(self, row: Closing) -> Sequence[Section]:
        facts = [
            *described(row).items(),
            (_("Details"), details(row)),
            (_("Orders paid before"), cells.moment(row.cutoff)),
            (_("Pool"), cells.money(row.pool, "POINT")),
            (_("Carried from the last pool"), cells.money(row.pool_carried_in, "POINT")),
            (_("Carried to the next pool"), cells.money(row.pool_carried_out, "POINT")),
            (_("Progress"), self.how_far(row)),
            (_("Confirmed"), cells.moment(row.confirmed_at)),
            (_("Closed"), cells.moment(row.closed_at)),
            (_("SHA-256"), format_html("<code>{}</code>", row.sha256) if row.sha256 else cells.NOTHING),
        ]
        return (Section(_("Closing"), facts), Section(_("Totals"), html=totals(row), note=note(row)))

    @admin.display(description=gettext_lazy("number"))
    def named(self, row: Closing) -> str:
        return f"#{row.pk}"

    @admin.display(description=gettext_lazy("status"))
    def state(self, row: Closing) -> str:
        return cells.badge(row.get_status_display(), TONES[ClosingState(row.status)])

    @admin.display(description=gettext_lazy("end"))
    def when(self, row: Closing) -> str:
        return cells.moment(row.ends_at)

    @admin.display(description=gettext_lazy("members"))
    def members(self, row: Closing) -> str:
        return str((row.report or row.figures).get("members", 0))

    @admin.display(description=gettext_lazy("amount"))
    def amount(self, row: Closing) -> str:
        return cells.money(Decimal((row.report or row.figures).get("total", "0")), "POINT")

    @admin.display(description=gettext_lazy("progress"))
    def how_far(self, row: Closing) -> str:
        return f"{row.progress} %"

    @admin.display(description=gettext_lazy("SHA-256"))
    def hash_shown(self, row: Closing) -> str:
        return cells.address(row.sha256)

    members.is_number = True  # type: ignore[attr-defined]
    amount.is_number = True  # type: ignore[attr-defined]


def details(closing: Closing) -> str:
    """Member by member, where the files are taken."""
    address = f"{reverse('admin:bonus_closingmember_changelist')}?tab=all&closing__id__exact={closing.pk}"
    return format_html('<a href="{}">{}</a>', address, _("Credits of this closing"))


def note(closing: Closing) -> str:
    before = last_closed(closing)
    return _("The period before is closing %(number)s.") % {"number": before.pk} if before else ""


def totals(closing: Closing) -> str:
    now, before = closing.report or closing.figures, last_closed(closing)
    warnings = times_the_usual(closing)
    kinds = [kind for kind in BonusType.values if kind in now.get("types", {})]
    lines = [
        line(str(BonusType(kind).label), kind, now, closing.figures_before, before.report if before else {}, warnings)
        for kind in kinds
    ]
    return render_to_string("admin/bonus/totals.html", {"lines": lines})


def line(
    label: str,
    kind: str,
    now: dict[str, Any],
    draft: dict[str, Any],
    before: dict[str, Any],
    warnings: dict[str, Decimal],
) -> dict[str, Any]:
    amount = amount_of(now, kind)
    times = warnings.get(kind)
    return {
        "type": label,
        "entries": now["types"][kind]["entries"],
        "amount": cells.money(amount, "POINT"),
        "to_draft": cells.money(amount - amount_of(draft, kind), "POINT") if draft else cells.NOTHING,
        "to_period": cells.money(amount - amount_of(before, kind), "POINT") if before else cells.NOTHING,
        "warning": cells.badge(_("%(times)s times the usual") % {"times": times}, "warn") if times else "",
    }


def amount_of(figures: dict[str, Any], kind: str) -> Decimal:
    return Decimal(figures.get("types", {}).get(kind, {}).get("amount", "0"))
