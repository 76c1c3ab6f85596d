"""Proposing to correct what a member has: from a balance, or of an asset the member has had nothing of yet."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core.admin.forms import StaffForm, reason_field
from aeghash.core.admin.kit.act_pages import person_of
from aeghash.core.admin.page import page
from aeghash.core.errors import Invalid, Refusal
from aeghash.core.models import Proposal, User
from aeghash.core.operations.propose import propose
from wallets.models import Asset, UnknownMember
from wallets.operations.adjust_balance import ADJUST_BALANCE, adjustment


class AdjustForm(StaffForm):
    amount = forms.CharField(
        label=gettext_lazy("Amount"),
        max_length=100,
        help_text=gettext_lazy("What is added; with a minus, what is taken."),
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )
    reason = reason_field()


class AdjustMemberForm(AdjustForm):
    uid = forms.CharField(label=gettext_lazy("Member number"), max_length=255)
    asset = forms.ModelChoiceField(Asset.objects.order_by("pk"), label=gettext_lazy("Asset"))
    field_order = ("uid", "asset", "amount", "reason")


def propose_adjustment(*, uid: str, asset: str, amount: str, reason: str, by: User) -> Proposal:
    content = adjustment(uid=uid, asset=asset, amount=amount.strip(), reason=reason)
    return propose(act=ADJUST_BALANCE, content=content, by=by, reason=reason)


def adjust_member_page(request: HttpRequest, crumbs: list[tuple[str, str]]) -> HttpResponse:
    form = AdjustMemberForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (proposal := proposed(form, person_of(request))) is not None:
        messages.success(request, _("Proposed. Another person must agree."))
        return HttpResponseRedirect(reverse("admin:core_proposal_change", args=[proposal.pk]))
    lead = _("Nothing changes until another person has agreed. A balance that isn't there yet is opened then.")
    title = _("Propose an adjustment")
    return page(request, "admin/form.html", title, form=form, button=_("Propose"), lead=lead, crumbs=crumbs)


def proposed(form: AdjustMemberForm, by: User) -> Proposal | None:
    given: dict[str, Any] = {**form.cleaned_data, "asset": form.cleaned_data["asset"].pk}
    try:
        return propose_adjustment(**given, by=by)
    except Refusal as refusal:
        form.add_error(field_of(refusal, form), str(refusal))
        return None


def field_of(refusal: Refusal, form: AdjustMemberForm) -> str | None:
    if isinstance(refusal, UnknownMember):
        return "uid"
    named = refusal.parameters.get("field") if isinstance(refusal, Invalid) else None
    return named if named in form.fields else None
