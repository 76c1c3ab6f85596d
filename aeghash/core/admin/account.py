"""A person's own pages: log-ins, password, authenticator, tokens."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from aeghash.core.admin.enrolment import confirmed, enrolment_facts, has_authenticator
from aeghash.core.admin.forms import StaffForm, code_field
from aeghash.core.admin.page import page
from aeghash.core.errors import Refusal
from aeghash.core.models import ApiToken, LogIn, User
from aeghash.core.operations.change_password import change_password
from aeghash.core.operations.end_log_ins import end_other_log_ins
from aeghash.core.operations.enrol_second_factor import renew_recovery_codes
from aeghash.core.operations.issue_api_token import issue_api_token
from aeghash.core.operations.prove_presence import prove_presence
from aeghash.core.operations.revoke_api_token import revoke_api_token

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


def me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


@GET_OR_POST
def log_ins(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        count = end_other_log_ins(user=me(request), session_key=own_key(request))
        text = ngettext("%(count)s other log-in was ended.", "%(count)s other log-ins were ended.", count)
        messages.success(request, text % {"count": count})
        return redirect("admin:my_log_ins")
    rows = list(LogIn.objects.active().filter(user=me(request)).order_by("-began_at"))
    return page(
        request,
        "admin/my_log_ins.html",
        _("My log-ins"),
        lead=_(
            "Everything you are logged in with right now. If you don't recognise one, end it and change your password."
        ),
        log_ins=rows,
        own_key=own_key(request),
    )


class NewPasswordForm(StaffForm):
    old = forms.CharField(
        label=gettext_lazy("Old password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput({"autocomplete": "current-password", "autofocus": True}),
    )
    new = forms.CharField(
        label=gettext_lazy("New password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=gettext_lazy("New password again"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["new"].help_text = " ".join(password_validators_help_texts())

    def clean_old(self) -> str:
        old: str = self.cleaned_data["old"]
        if not self.user.check_password(old):
            raise ValidationError(_("This isn't your password."))
        return old

    def clean_new(self) -> str:
        new: str = self.cleaned_data["new"]
        validate_password(new, self.user)
        return new

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if "new" in given and "again" in given and given["new"] != given["again"]:
            self.add_error("again", _("This isn't the same as above."))
        return given


@sensitive_post_parameters()
@GET_OR_POST
def password(request: HttpRequest) -> HttpResponse:
    form = NewPasswordForm(request.POST or None, user=me(request))
    if request.method == "POST" and form.is_valid():
        change_password(user=me(request), password=form.cleaned_data["new"], session_key=own_key(request))
        keep_this_log_in(request)
        messages.success(request, _("Your password is changed. All your other log-ins have ended."))
        return redirect("admin:my_log_ins")
    lead = _("All your other log-ins end with the change.")
    return page(request, "admin/form.html", _("Change password"), form=form, button=_("Change password"), lead=lead)


def keep_this_log_in(request: HttpRequest) -> None:
    """It gets a new session id, as after a log-in."""
    log_in = LogIn.objects.filter(session_key=own_key(request))
    update_session_auth_hash(request, me(request))
    request.session.save()
    log_in.update(session_key=own_key(request))


class CodeForm(StaffForm):
    code = code_field()


@sensitive_post_parameters()
@GET_OR_POST
def authenticator(request: HttpRequest) -> HttpResponse:
    """Whoever has one gets another by their recovery codes or two colleagues, not by a screen left open."""
    if has_authenticator(me(request)):
        unused = me(request).recovery_codes.filter(used_at=None).count()
        return page(request, "admin/my_authenticator.html", _("My authenticator"), unused=unused)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (codes := confirmed(me(request), form)):
        return page(request, "admin/my_recovery_codes.html", _("Your recovery codes"), codes=codes)
    return page(
        request,
        "admin/my_enrolment.html",
        _("Set up your authenticator"),
        form=form,
        button=_("Confirm"),
        **enrolment_facts(me(request)),
    )


@sensitive_post_parameters()
@GET_OR_POST
def recovery_codes(request: HttpRequest) -> HttpResponse:
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and is_present(request, form):
        codes = renew_recovery_codes(person=me(request))
        return page(request, "admin/my_recovery_codes.html", _("Your recovery codes"), codes=codes)
    lead = _("The old ones stop working at once.")
    return page(request, "admin/form.html", _("New recovery codes"), form=form, button=_("Make new codes"), lead=lead)


def is_present(request: HttpRequest, form: StaffForm) -> bool:
    try:
        prove_presence(person=me(request), code=form.cleaned_data.get("code", ""))
    except Refusal as refusal:
        form.add_error("code", str(refusal))
        return False
    return True


class TokenForm(StaffForm):
    days = forms.IntegerField(label=gettext_lazy("Lasts, in days"), min_value=1, max_value=366, initial=90)
    code = code_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not settings.APPROVAL_OTP_REQUIRED:
            del self.fields["code"]


@sensitive_post_parameters()
@GET_OR_POST
def tokens(request: HttpRequest) -> HttpResponse:
    if "revoke" in request.POST:
        return revoke(request, request.POST["revoke"])
    form, issued = TokenForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid() and is_present(request, form):
        issued = issue_api_token(user=me(request), lasts=timedelta(days=form.cleaned_data["days"]))
        form = TokenForm()
    rows = list(ApiToken.objects.filter(user=me(request)).order_by("-created_at", "-pk")[:100])
    lead = _("With a token a program does in your name what you may do. Give each program its own.")
    return page(request, "admin/my_tokens.html", _("My API tokens"), lead=lead, tokens=rows, form=form, issued=issued)


def revoke(request: HttpRequest, public_id: str) -> HttpResponse:
    """Only one's own: another's id is as unknown as one that never was."""
    if ApiToken.objects.filter(user=me(request), public_id=public_id).exists():
        revoke_api_token(public_id=public_id)
        messages.success(request, _("The token %(id)s is revoked.") % {"id": public_id})
    return redirect("admin:my_tokens")


def own_key(request: HttpRequest) -> str:
    return request.session.session_key or ""
