"""Who may call us, what they brought, and how their calls went."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core import clock
from aeghash.core.admin.forms import StaffForm, reason_field
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.page import page
from aeghash.core.errors import Refusal
from aeghash.core.models import User
from aeghash.core.money import MoneyField
from aeghash.core.operations.propose import propose
from partners.admin.areas import PARTNERS
from partners.diagnosis import diagnose, first_difference
from partners.models import Call, Partner, PartnerKey
from partners.operations.assign_members import ASSIGN_MEMBERS, members_for
from partners.operations.change_partner import CHANGE_PARTNER, CHANGEABLE, change_of_partner
from partners.operations.create_partner import create_partner
from partners.operations.issue_key import ISSUE_KEY, new_key
from partners.queries.control_totals import control_totals
from partners.rights import MANAGE_PARTNERS
from partners.scopes import SCOPES
from partners.signing import Signed

DAYS_SHOWN = 7


class NewPartnerForm(StaffForm):
    slug = forms.CharField(label=gettext_lazy("Short name"), max_length=64)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=150, required=False)


class KeyForm(StaffForm):
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Scopes"), choices=[(scope, scope) for scope in SCOPES], required=False,
        help_text=gettext_lazy("None chosen: all of them."),
    )  # fmt: skip
    overlap_days = forms.IntegerField(
        label=gettext_lazy("Older keys end after (days)"), required=False, min_value=0, max_value=90,
        help_text=gettext_lazy("Empty: they go on."),
    )  # fmt: skip
    reason = reason_field()


class ChangeForm(StaffForm):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=150, required=False)
    is_active = forms.BooleanField(label=gettext_lazy("Active"), required=False)
    networks = forms.CharField(
        label=gettext_lazy("Networks"), required=False, widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("A line each, such as 203.0.113.0/24. Empty: from anywhere."),
    )  # fmt: skip
    allows_sha256 = forms.BooleanField(label=gettext_lazy("Older signatures (sha256)"), required=False)
    allows_legacy_get = forms.BooleanField(label=gettext_lazy("First API (GET /api/from/)"), required=False)
    reads_a_minute = forms.IntegerField(label=gettext_lazy("Reading calls a minute"), min_value=1)
    writes_a_minute = forms.IntegerField(label=gettext_lazy("Writing calls a minute"), min_value=1)
    burst = forms.IntegerField(label=gettext_lazy("Calls at once"), min_value=1)
    hash_a_day = MoneyField().formfield(label=gettext_lazy("Hash power a day (MH/s)"), required=False)
    pv_a_day = MoneyField().formfield(label=gettext_lazy("PV a day"), required=False)
    reason = reason_field()


class MembersForm(StaffForm):
    uids = forms.CharField(
        label=gettext_lazy("Members' numbers"), widget=forms.Textarea({"rows": 8}),
        help_text=gettext_lazy("A line each. A whole file is assigned by manage.py partner_assign_members."),
    )  # fmt: skip
    reason = reason_field()


class DebugForm(StaffForm):
    key_id = forms.CharField(label="X-AEG-Key", max_length=64)
    timestamp = forms.CharField(label="X-AEG-Timestamp", max_length=20)
    nonce = forms.CharField(label="X-AEG-Nonce", max_length=64)
    method = forms.CharField(label=gettext_lazy("Method"), max_length=8, initial="POST")
    path = forms.CharField(label=gettext_lazy("Path with its query"), max_length=2000)
    body = forms.CharField(label=gettext_lazy("Body"), required=False, strip=False, widget=forms.Textarea({"rows": 4}))
    signature = forms.CharField(label="X-AEG-Signature", max_length=100)
    theirs = forms.CharField(
        label=gettext_lazy("Text the partner signed, if known"), required=False, strip=False,
        widget=forms.Textarea({"rows": 6}),
    )  # fmt: skip


def current(row: Partner) -> dict[str, Any]:
    return {name: getattr(row, name) for name in CHANGEABLE} | {"networks": "\n".join(row.networks)}


def ask_for_key(row: Partner, by: User, given: Given) -> object:
    content = new_key(slug=row.slug, scopes=given["scopes"], overlap_days=given["overlap_days"])
    return propose(act=ISSUE_KEY, content=content, by=by, reason=given["reason"])


def ask_for_change(row: Partner, by: User, given: Given) -> object:
    """Only what differs is proposed, so that nobody agrees to more than was meant."""
    wanted = {name: given[name] for name in CHANGEABLE} | {"networks": given["networks"].split()}
    changed = {name: value for name, value in wanted.items() if value != getattr(row, name)}
    content = change_of_partner(slug=row.slug, **changed)
    return propose(act=CHANGE_PARTNER, content=content, by=by, reason=given["reason"])


def ask_for_members(row: Partner, by: User, given: Given) -> object:
    content = members_for(slug=row.slug, uids=given["uids"].splitlines())
    return propose(act=ASSIGN_MEMBERS, content=content, by=by, reason=given["reason"])


ISSUE = RowAct[Partner](
    name="issue-key",
    label=gettext_lazy("Issue a key…"),
    explains=gettext_lazy("Another person must agree. Then the secret can be shown once, on the key's page."),
    done=gettext_lazy("Proposed: another person must agree."),
    carry_out=ask_for_key,
    right=MANAGE_PARTNERS,
    form=KeyForm,
    for_many=False,
    tone="primary",
)
CHANGE = RowAct[Partner](
    name="change",
    label=gettext_lazy("Change…"),
    explains=gettext_lazy("Another person must agree."),
    done=gettext_lazy("Proposed: another person must agree."),
    carry_out=ask_for_change,
    right=MANAGE_PARTNERS,
    form=ChangeForm,
    initial=current,
    for_many=False,
)
ASSIGN = RowAct[Partner](
    name="assign-members",
    label=gettext_lazy("Assign members…"),
    explains=gettext_lazy(
        "Another person must agree. Then the partner sees these members with their balances and bonuses, and can ask for "
        "withdrawals for them. This can't be taken back."
    ),
    done=gettext_lazy("Proposed: another person must agree."),
    carry_out=ask_for_members,
    right=MANAGE_PARTNERS,
    form=MembersForm,
    for_many=False,
)


@admin.register(Partner)
class PartnerScreen(Screen[Partner]):
    area = PARTNERS
    place = 10
    may_view = MANAGE_PARTNERS
    lead = gettext_lazy("Each partner sees and touches only what it brought itself.")
    empty_title = gettext_lazy("There is no partner yet")
    empty_text = gettext_lazy("Make one, then issue a key to it.")
    row_acts = (ISSUE, CHANGE, ASSIGN)
    search_fields = ("slug__startswith", "name")
    list_display = ("slug", "name", "active", "live_keys", "calls_today", "refused_today")
    change_list_template = "admin/partners.html"
    ordering = ("slug",)
    sortable_by = ()

    def complete(self, rows: list[Partner]) -> None:
        today = Q(at__gte=clock.now() - timedelta(days=1))
        counts = {
            count["key__partner"]: count
            for count in Call.objects.filter(today, key__partner__in=rows)
            .order_by()
            .values("key__partner")
            .annotate(all=Count("pk"), refused=Count("pk", filter=~Q(code="")))
        }
        for key in PartnerKey.objects.filter(partner__in=rows):
            row = next(row for row in rows if row.pk == key.partner_id)
            row.live = getattr(row, "live", 0) + int(key.is_live)  # type: ignore[attr-defined]
        for row in rows:
            row.counted = counts.get(row.pk, {"all": 0, "refused": 0})  # type: ignore[attr-defined]

    def more_urls(self) -> list[URLPattern]:
        private = self.admin_site.private  # type: ignore[attr-defined]
        return [
            path("new/", private(self.new_partner), name=f"{self.name}_new"),
            path("debugger/", private(self.debugger), name=f"{self.name}_debugger"),
        ]

    def new_partner(self, request: HttpRequest) -> HttpResponse:
        self.check_right(request)
        form = NewPartnerForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                partner = create_partner(**form.cleaned_data)
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Recorded."))
                return HttpResponseRedirect(self.row_url(partner))
        crumbs = [(self.label(), self.list_url())]
        lead = _("Without a key, nobody calls yet.")
        return page(
            request, "admin/form.html", _("New partner"), form=form, button=_("Record"), lead=lead, crumbs=crumbs
        )

    def debugger(self, request: HttpRequest) -> HttpResponse:
        """What we would hash of a call, and where it differs from what the partner did; the secret never shows."""
        self.check_right(request)
        form = DebugForm(request.POST or None)
        found = diagnosed(form) if request.method == "POST" and form.is_valid() else None
        crumbs = [(self.label(), self.list_url())]
        lead = _("What our side hashes of a call, and where it first differs.")
        words: dict[str, Any] = {"button": _("Compare"), "lead": lead, "crumbs": crumbs, "found": found}
        return page(request, "admin/partner_debugger.html", _("Signature debugger"), form=form, **words)

    def check_right(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def sections(self, row: Partner) -> Sequence[Section]:
        facts: list[tuple[Any, Any]] = [
            (_("Name"), cells.text(row.name)),
            (_("Active"), cells.words(row.is_active)),
            (_("Networks"), cells.text(", ".join(row.networks))),
            (_("Older signatures (sha256)"), cells.words(row.allows_sha256)),
            (_("First API (GET /api/from/)"), cells.words(row.allows_legacy_get)),
            (_("Reading calls a minute"), row.reads_a_minute),
            (_("Writing calls a minute"), row.writes_a_minute),
            (_("Calls at once"), row.burst),
            (_("Hash power a day (MH/s)"), cells.money(row.hash_a_day)),
            (_("PV a day"), cells.money(row.pv_a_day)),
        ]
        return Section(_("Partner"), facts), Section(_("Control totals by day (UTC)"), html=totals_table(row))

    @admin.display(description=gettext_lazy("active"))
    def active(self, row: Partner) -> str:
        return cells.words(row.is_active)

    @admin.display(description=gettext_lazy("live keys"))
    def live_keys(self, row: Partner) -> int:
        return int(getattr(row, "live", 0))

    @admin.display(description=gettext_lazy("calls in 24 hours"))
    def calls_today(self, row: Partner) -> int:
        return int(row.counted["all"])  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("of them refused"))
    def refused_today(self, row: Partner) -> int:
        return int(row.counted["refused"])  # type: ignore[attr-defined]


def totals_table(row: Partner) -> str:
    today = clock.today()
    days = [control_totals(row, today - timedelta(days=back)) for back in range(DAYS_SHOWN)]
    heads = [_("Day"), _("Members"), _("Orders"), _("Paid (USD)"), "PV", _("Refunds"), _("Hash power (MH/s)")]
    lines = [
        [
            day["day"], day["members"], day["orders"]["count"], day["orders"]["total_amount"], day["orders"]["pv_amount"],
            day["refunds"]["count"], day["hash_power"]["credited"],
        ]
        for day in days
    ]  # fmt: skip
    return render_to_string("admin/partner_table.html", {"heads": heads, "lines": lines})


def diagnosed(form: DebugForm) -> dict[str, Any] | None:
    given = form.cleaned_data
    key = PartnerKey.objects.filter(key_id=given["key_id"]).first()
    if key is None:
        form.add_error("key_id", _("There is no such key."))
        return None
    body = given["body"].replace("\r\n", "\n").encode()  # browsers send every line end so
    call = Signed(given["timestamp"], given["nonce"], given["method"], given["path"], body)
    found = diagnose(key.secret.reveal(), call, given["signature"])
    theirs = given["theirs"].replace("\r\n", "\n")
    place = first_difference(found.string_to_sign, theirs) if theirs else None
    return {"hint": found.hint, "text": found.string_to_sign, "place": place, "has_theirs": bool(theirs)}
