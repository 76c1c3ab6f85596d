"""The desk: every request, what is asked of whom, and the way to decide it."""

from collections.abc import Sequence
from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from aeghash.core.admin.kit import viewer
from aeghash.core.admin.kit.act_pages import person_of
from aeghash.core.admin.kit.periods import by_moment
from aeghash.core.admin.kit.row_acts import seen_name
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.kit.tabs import PARAMETER, Tab
from aeghash.core.admin.kit.time_line import Event
from aeghash.core.errors import Refusal
from withdrawals.admin import columns
from withdrawals.admin.acts import ACTS, KEYS, not_approvable
from withdrawals.admin.areas import WITHDRAWALS
from withdrawals.admin.asset_filter import AssetFilter
from withdrawals.admin.sections import member, sections
from withdrawals.admin.seen import ChangedMeanwhile, check_unchanged, seen
from withdrawals.admin.steps import time_line_of
from withdrawals.admin.texts import short_address
from withdrawals.models import CLOSED, UNDECIDED, Status, Withdrawal
from withdrawals.operations.take_up_withdrawal import MAY_TAKE_UP, take_up_withdrawal
from withdrawals.queries.desk import found, looked_at_by, neighbours, on_the_desk
from withdrawals.rights import APPROVE, VIEW

FLAGGED: Final = Q(is_flagged=True, status__in=UNDECIDED)
UNDER_WAY: Final = (Status.APPROVED, Status.SUBMITTING, Status.SUBMITTED)
FOR_PEOPLE: Final = (*UNDECIDED, Status.MANUAL_REVIEW, Status.FORWARDING)
FINISHED: Final = Q(status__in=(Status.COMPLETED, Status.REJECTED, Status.CANCELLED))
TABS: Final = (
    Tab("flagged", gettext_lazy("Flagged"), FLAGGED),
    Tab("first", gettext_lazy("First approval"), Q(status=Status.PENDING)),
    Tab("second", gettext_lazy("Second approval"), Q(status=Status.APPROVED_PENDING)),
    Tab("under-way", gettext_lazy("Under way"), Q(status__in=UNDER_WAY)),
    Tab("retrying", gettext_lazy("To be sent again"), Q(status=Status.RETRYING)),
    Tab("unknown", gettext_lazy("Unknown"), Q(status=Status.UNKNOWN)),
    Tab("manual-review", gettext_lazy("Manual review"), Q(status=Status.MANUAL_REVIEW)),
    Tab("forwarding", gettext_lazy("Forwarding"), Q(status=Status.FORWARDING)),
    Tab("failed", gettext_lazy("Failed"), Q(status=Status.FAILED)),
    Tab("paid", gettext_lazy("Paid out"), Q(status=Status.COMPLETED), is_counted=False),
    Tab("done", gettext_lazy("Done"), FINISHED, is_counted=False),
    Tab("all", gettext_lazy("All"), Q(), is_counted=False),
)
TAB_NAMES: Final = {
    Status.PENDING: "first",
    Status.APPROVED_PENDING: "second",
    Status.RETRYING: "retrying",
    Status.UNKNOWN: "unknown",
    Status.MANUAL_REVIEW: "manual-review",
    Status.FORWARDING: "forwarding",
    Status.FAILED: "failed",
}
NEWEST_FIRST: Final = ("failed", "paid", "done", "all")


@admin.register(Withdrawal)
class Desk(Screen[Withdrawal]):
    area = WITHDRAWALS
    place = 10
    may_view = VIEW
    empty_title = gettext_lazy("Nothing waits here")
    empty_text = gettext_lazy(
        "Requests for withdrawals come from the mall, or are filed by staff; each is listed from its first second on."
    )
    tabs = TABS
    filters = (AssetFilter, "channel", by_moment("requested_at"))
    row_acts = ACTS
    search_fields = ("pk",)  # which shows the box; what it finds is said below
    search_help_text = gettext_lazy("Number, member, address, reference or transaction")
    change_list_template = "admin/withdrawals/queue.html"
    detail_template = "admin/withdrawals/request.html"
    list_display = ("number", "asked", "whom", "where", "risk", "state", "approved_by", "since")
    sortable_by = ()
    export = {
        gettext_lazy("Number"): lambda row: row.pk,
        gettext_lazy("Requested"): lambda row: row.requested_at,
        gettext_lazy("Member"): lambda row: columns.member_number(row.user),
        gettext_lazy("Asset"): lambda row: row.asset_id,
        gettext_lazy("Amount"): lambda row: row.amount,
        gettext_lazy("Fee on top"): lambda row: row.fee,
        gettext_lazy("Paid as"): lambda row: row.paid_as,
        gettext_lazy("Address"): columns.address_text,
        gettext_lazy("Channel"): lambda row: row.get_channel_display(),
        gettext_lazy("Status"): lambda row: row.get_status_display(),
        gettext_lazy("Risk"): columns.plain_findings,
        gettext_lazy("Number at the remote"): lambda row: row.remote_id or "",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Withdrawal]:
        return on_the_desk(super().get_queryset(request), person_of(request).pk)

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Who has waited longest comes first; of what is over, the newest."""
        return ("-pk",) if request.GET.get(PARAMETER) in NEWEST_FIRST else ("pk",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Withdrawal], search_term: str
    ) -> tuple[QuerySet[Withdrawal], bool]:
        return found(queryset, search_term, in_full=viewer.sees_personal_data()), False

    def waiting(self) -> QuerySet[Withdrawal]:
        return Withdrawal.objects.filter(status__in=FOR_PEOPLE)

    def more_urls(self) -> list[URLPattern]:
        private = self.admin_site.private  # type: ignore[attr-defined]
        return [path("<int:number>/take-up/", private(self.take_up_view), name=f"{self.name}_take_up")]

    def label(self) -> str:
        return _("Approval desk")

    def title_of(self, row: Withdrawal) -> str:
        return _("Withdrawal #%(number)s") % {"number": row.pk}

    def badge_of(self, row: Withdrawal) -> str:
        return format_html("{} {}", columns.status_badge(row), columns.looker(row))

    def sections(self, row: Withdrawal) -> Sequence[Section]:
        return sections(row)

    def time_line(self, row: Withdrawal) -> list[Event]:
        return time_line_of(row)

    @method_decorator(require_safe)
    def detail_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        response: Any = super().detail_view(request, object_id)
        row: Withdrawal = response.context_data["row"]
        before, after = neighbours(row, Withdrawal.objects.filter(tab_of(row).where))
        response.context_data |= {
            "member": member(row),
            "seen": urlencode({seen_name(row): seen(row)}),
            "keys": KEYS,
            "before": columns.row_url(before) if before else "",
            "after": columns.row_url(after) if after else "",
            "tab_url": f"{self.list_url()}?{PARAMETER}={tab_of(row).name}",
            "take_up_url": take_up_url(row) if self.is_to_be_taken_up(request, row) else "",
            "why_not": why_not(request, row),
        }
        return response  # type: ignore[no-any-return]

    def is_to_be_taken_up(self, request: HttpRequest, row: Withdrawal) -> bool:
        """By opening it, if it waits for people and nobody else is there."""
        claim = looked_at_by(row)
        may = any(map(request.user.has_perm, MAY_TAKE_UP))
        return may and row.status in FOR_PEOPLE and (claim is None or claim.by_id == request.user.pk)

    def act_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Whoever comes from a page that is no longer true is told so before deciding anything."""
        if request.method == "GET" and self.has_view_permission(request):
            for row in self.get_queryset(request).filter(pk__in=asked_about(request)):
                try:
                    check_unchanged(row, request.GET[seen_name(row)])
                except ChangedMeanwhile as changed:
                    messages.warning(request, str(changed))
                except Refusal:
                    continue
        response: Any = super().act_view(request, name)
        if getattr(response, "template_name", "") == "admin/kit/confirmation.html":
            response.template_name = "admin/withdrawals/confirmation.html"
        return response  # type: ignore[no-any-return]

    @method_decorator(require_POST)
    def take_up_view(self, request: HttpRequest, number: int) -> HttpResponse:
        try:
            take_up_withdrawal(withdrawal_id=number, by=person_of(request))
        except Refusal as refusal:
            messages.warning(request, str(refusal))
            return HttpResponseRedirect(self.list_url() if refusal.status == 404 else columns.row_url(number))
        return HttpResponseRedirect(columns.row_url(number))

    @admin.display(description=gettext_lazy("number"))
    def number(self, row: Withdrawal) -> str:
        return f"#{row.pk}"

    @admin.display(description=gettext_lazy("what"))
    def asked(self, row: Withdrawal) -> str:
        return columns.asked_for(row)

    @admin.display(description=gettext_lazy("member"))
    def whom(self, row: Withdrawal) -> str:
        return columns.member_name(row.user)

    @admin.display(description=gettext_lazy("to"))
    def where(self, row: Withdrawal) -> str:
        return short_address(row.address)

    @admin.display(description=gettext_lazy("risk"))
    def risk(self, row: Withdrawal) -> str:
        return columns.risk_in_short(row)

    @admin.display(description=gettext_lazy("status"))
    def state(self, row: Withdrawal) -> str:
        return format_html("{} {}", columns.status_badge(row), columns.looker(row))

    @admin.display(description=gettext_lazy("approvals"))
    def approved_by(self, row: Withdrawal) -> str:
        return columns.who_approved(row)

    @admin.display(description=gettext_lazy("age"))
    def since(self, row: Withdrawal) -> str:
        return columns.age(row)

    asked.is_number = True  # type: ignore[attr-defined]


def take_up_url(row: Withdrawal) -> str:
    return reverse("admin:withdrawals_withdrawal_take_up", args=[row.pk])


def tab_of(row: Withdrawal) -> Tab:
    """Where it stands in the queue: next and previous are those of the same tab."""
    names = dict.fromkeys(CLOSED, "done") | dict.fromkeys(UNDER_WAY, "under-way") | TAB_NAMES
    return next(tab for tab in TABS if tab.name == names[Status(row.status)])


def asked_about(request: HttpRequest) -> list[int]:
    """The rows whose state the page before told of."""
    prefix = "seen-"
    named = [name.removeprefix(prefix) for name in request.GET if name.startswith(prefix)]
    return [int(key) for key in named if key.isascii() and key.isdecimal() and len(key) <= 18]


def why_not(request: HttpRequest, row: Withdrawal) -> str:
    """Why somebody who may approve isn't offered to."""
    if row.status not in UNDECIDED or not request.user.has_perm(APPROVE):
        return ""
    refusal = not_approvable(row)
    return str(refusal) if refusal else ""
