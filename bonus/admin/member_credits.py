"""What closings came to, member by member; those that failed wait here to be retried."""

from collections.abc import Mapping, Sequence
from typing import Final

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.row_acts import RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.kit.tabs import Tab
from aeghash.core.rights import WORK_JOBS
from bonus.admin.areas import BONUS
from bonus.admin.entries import row_link
from bonus.admin.formats import report_formats
from bonus.models import ClosingMember, CreditState
from bonus.operations.retry_credit import retry_by_hand
from bonus.rights import VIEW_BONUS
from organization.admin.names import member_link, member_number

TONES: Final = {CreditState.CREDITED: "ok", CreditState.RETRYING: "warn", CreditState.FAILED: "bad"}

RETRY = RowAct[ClosingMember](
    name="retry",
    label=gettext_lazy("Retry"),
    explains=gettext_lazy("The credit goes back into the queue, with all its attempts."),
    done=gettext_lazy("Queued again."),
    carry_out=lambda credit, _by, _given: retry_by_hand(credit_id=credit.pk),
    right=WORK_JOBS,
    describes=lambda credit: {_("Amount"): cells.money(credit.amount, "POINT"), _("Error"): credit.error},
    offered=lambda credit, _user: credit.status == CreditState.FAILED,
)


@admin.register(ClosingMember)
class CreditScreen(Screen[ClosingMember]):
    area = BONUS
    place = 40
    may_view = VIEW_BONUS
    empty_title = gettext_lazy("No credits yet")
    empty_text = gettext_lazy("A closing credits each member once.")
    tabs = (
        Tab("waiting", gettext_lazy("Waiting"), Q(status__in=("retrying", "failed"))),
        Tab("all", gettext_lazy("All"), is_counted=False),
    )
    search_fields = ("member__user__uid",)
    search_help_text = gettext_lazy("How a member number begins")
    row_acts = (RETRY,)
    list_display = ("named", "state", "of_closing", "member_shown", "points", "tried", "why")
    ordering = ("-id",)
    sortable_by = ()
    export = {
        gettext_lazy("Closing"): lambda row: row.closing_id,
        gettext_lazy("Member"): lambda row: member_number(row.member),
        gettext_lazy("New bonus"): lambda row: row.gross,
        gettext_lazy("Taken back"): lambda row: row.clawed_back,
        gettext_lazy("Amount (POINT)"): lambda row: row.amount,
        gettext_lazy("Status"): lambda row: row.get_status_display(),
    }

    def formats(self) -> Mapping[str, str]:
        return report_formats()

    def get_queryset(self, request: HttpRequest) -> QuerySet[ClosingMember]:
        return super().get_queryset(request).select_related("member__user", "closing").defer("entry_ids", "amounts")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ClosingMember], search_term: str
    ) -> tuple[QuerySet[ClosingMember], bool]:
        term = search_term.strip()
        if "\0" in term:
            return queryset.none(), False
        return (queryset.filter(member__user__uid__startswith=term) if term else queryset), False

    def waiting(self) -> QuerySet[ClosingMember]:
        return ClosingMember.objects.filter(status=CreditState.FAILED)

    def title_of(self, row: ClosingMember) -> str:
        return _("Credit %(number)s") % {"number": row.pk}

    def badge_of(self, row: ClosingMember) -> str:
        return self.state(row)

    def sections(self, row: ClosingMember) -> Sequence[Section]:
        facts = [
            (_("Closing"), self.of_closing(row)),
            (_("Member"), self.member_shown(row)),
            (_("New bonus"), cells.money(row.gross, "POINT")),
            (_("Taken back"), cells.money(row.clawed_back, "POINT")),
            (_("Amount"), self.points(row)),
            (_("Reference"), row.reference),
            (_("Attempts"), self.tried(row)),
            (_("Error"), self.why(row)),
        ]
        return (Section(_("Credit"), facts),)

    @admin.display(description=gettext_lazy("number"))
    def named(self, row: ClosingMember) -> str:
        return f"#{row.pk}"

    @admin.display(description=gettext_lazy("status"))
    def state(self, row: ClosingMember) -> str:
        return cells.badge(row.get_status_display(), TONES[CreditState(row.status)])

    @admin.display(description=gettext_lazy("closing"))
    def of_closing(self, row: ClosingMember) -> str:
        return row_link("closing", row.closing_id, f"#{row.closing_id}")

    @admin.display(description=gettext_lazy("member"))
    def member_shown(self, row: ClosingMember) -> str:
        return member_link(row.member)

    @admin.display(description=gettext_lazy("amount"))
    def points(self, row: ClosingMember) -> str:
        return cells.money(row.amount, "POINT")

    points.is_number = True  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("attempts"))
    def tried(self, row: ClosingMember) -> str:
        return str(row.attempts)

    @admin.display(description=gettext_lazy("error"))
    def why(self, row: ClosingMember) -> str:
        return cells.text(row.error)
