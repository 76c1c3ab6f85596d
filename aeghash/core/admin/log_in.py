"""The way in: e-mail and password, then a code, or the enrolment that makes codes possible.

Nobody is logged in before the last step: what is known so far stands in a session that opens nothing.
"""

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Final

from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from aeghash.core import clock, second_factor
from aeghash.core.admin.enrolment import confirmed, enrolment_facts, has_authenticator
from aeghash.core.admin.forms import StaffForm, code_field
from aeghash.core.admin.preferences import chosen_theme, safe_next
from aeghash.core.authentication import AnotherTryAtHand, checked_person
from aeghash.core.models import User
from aeghash.core.operations.end_log_ins import end_log_in
from aeghash.core.operations.note_log_in import note_log_in
from aeghash.core.operations.prove_presence import accepts_code, accepts_recovery_code
from aeghash.core.sources import source_address

BACKEND: Final = "aeghash.core.authentication.StaffBackend"
PENDING: Final = "pending_log_in"
TIME_FOR_CODE: Final = timedelta(minutes=10)


class PasswordForm(StaffForm):
    username = forms.CharField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )


class CodeForm(StaffForm):
    code = code_field(gettext_lazy("The six digits your authenticator shows now, or one of your recovery codes."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["autofocus"] = True


@dataclass(frozen=True)
class Pending:
    """Somebody who has shown their password, and not yet a code."""

    user_id: int
    fingerprint: str
    until: float
    next: str


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def password_step(request: HttpRequest) -> HttpResponse:
    next_url = safe_next(request, request.GET.get("next", ""))
    if request.method != "POST":
        if request.user.is_authenticated and second_factor.is_shown(request):
            return HttpResponseRedirect(next_url)
        return password_page(request, PasswordForm())
    form = PasswordForm(request.POST)
    if not form.is_valid():
        return password_page(request, form)
    try:
        user = checked_person(request, form.cleaned_data["username"], form.cleaned_data["password"])
    except AnotherTryAtHand as refusal:
        form.add_error(None, str(refusal))
        return password_page(request, form, status=refusal.status)
    if user is None:
        return refused_password(request, form)
    return after_password(request, user, next_url)


def refused_password(request: HttpRequest, form: PasswordForm) -> HttpResponse:
    """The same words for a person who doesn't exist, isn't staff, or has another password."""
    if is_locked(request):
        form.add_error(None, locked_sentence())
        return password_page(request, form, status=429)
    form.add_error(None, _("E-mail and password don't match. Mind capitals, and try again."))
    return password_page(request, form)


def after_password(request: HttpRequest, user: User, next_url: str) -> HttpResponse:
    enrolled = has_authenticator(user)
    if not (enrolled or settings.APPROVAL_OTP_REQUIRED):
        return let_in(request, user, next_url, with_code=False)
    # A new session id, whoever's session this browser carried: nobody can have prepared it.
    request.session.flush()
    until = (clock.now() + TIME_FOR_CODE).timestamp()
    request.session[PENDING] = asdict(Pending(user.pk, user.get_session_auth_hash(), until, next_url))
    return redirect("admin:log_in_code" if enrolled else "admin:log_in_enrolment")


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code_step(request: HttpRequest) -> HttpResponse:
    pending, user = pending_person(request)
    if pending is None or user is None or not has_authenticator(user):
        return redirect("admin:login")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if is_right_code(request, user, form.cleaned_data["code"]):
            return let_in(request, user, pending.next, with_code=True)
        if is_locked(request):
            return start_anew(request)
        form.add_error("code", _("This code is wrong or was used before. Wait for the next one."))
    return code_page(request, form)


def is_right_code(request: HttpRequest, user: User, code: str) -> bool:
    """Wrong codes count as wrong passwords do, and a lock-out holds here too: there may be many such pages open."""
    credentials = {"username": user.email}
    if not AxesProxyHandler.is_allowed(request, credentials):
        request.axes_locked_out = True  # type: ignore[attr-defined]
        return False
    is_right = accepts_code(user, code) or accepts_recovery_code(user, code)
    if not is_right:
        user_login_failed.send(__name__, credentials=credentials, request=request)
    return is_right


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enrolment_step(request: HttpRequest) -> HttpResponse:
    pending, user = pending_person(request)
    if pending is None or user is None or has_authenticator(user):
        return redirect("admin:login")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        codes = confirmed(user, form)
        if codes:
            let_in(request, user, pending.next, with_code=True)
            return recovery_page(request, codes, pending.next)
    return enrolment_page(request, user, form)


@never_cache
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User) and request.session.session_key:
        end_log_in(user=request.user, session_key=request.session.session_key)
    logout(request)
    return redirect("admin:login")


def let_in(request: HttpRequest, user: User, next_url: str, *, with_code: bool) -> HttpResponse:
    request.session.pop(PENDING, None)
    login(request, user, backend=BACKEND)
    request.session[second_factor.SHOWN] = with_code
    request.session.save()
    note_log_in(
        user=user,
        session_key=request.session.session_key or "",
        address=str(address) if (address := source_address(request)) else None,
        user_agent=request.headers.get("User-Agent", ""),
    )
    return HttpResponseRedirect(next_url)


def pending_person(request: HttpRequest) -> tuple[Pending | None, User | None]:
    """Not after ten minutes, nor after a change of the password."""
    kept = request.session.get(PENDING)
    if kept is None:
        return None, None
    pending = Pending(**kept)
    user = User.objects.filter(pk=pending.user_id, is_active=True, is_admin=True).first()
    if user is None or clock.now().timestamp() > pending.until:
        return None, None
    if not constant_time_compare(pending.fingerprint, user.get_session_auth_hash()):
        return None, None
    return pending, user


def is_locked(request: HttpRequest) -> bool:
    return bool(getattr(request, "axes_locked_out", False))


def locked_sentence() -> str:
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    return _("Too many tries. Wait %(minutes)s minutes and try again.") % {"minutes": minutes}


def start_anew(request: HttpRequest) -> HttpResponse:
    request.session.flush()
    form = PasswordForm({})
    form.errors.clear()
    form.add_error(None, locked_sentence())
    return password_page(request, form, status=429)


def password_page(request: HttpRequest, form: PasswordForm, status: int = 200) -> HttpResponse:
    return door_page(request, "admin/login.html", form, _("Log in"), _("Next"), status=status)


def code_page(request: HttpRequest, form: CodeForm) -> HttpResponse:
    return door_page(request, "admin/log_in_code.html", form, _("Enter your code"), _("Log in"))


def enrolment_page(request: HttpRequest, user: User, form: CodeForm) -> HttpResponse:
    form.fields["code"].help_text = _("The six digits it shows now.")
    lead = _("Every log-in and every approval takes a code from your phone. This is set up once.")
    return door_page(
        request, "admin/log_in_enrolment.html", form, _("Set up your authenticator"), _("Confirm"),
        lead=lead, **enrolment_facts(user),
    )  # fmt: skip


def recovery_page(request: HttpRequest, codes: list[str], next_url: str) -> HttpResponse:
    context = {"theme": chosen_theme(request), "title": _("Your recovery codes"), "codes": codes, "next": next_url}
    return render(request, "admin/log_in_recovery.html", context)


def door_page(
    request: HttpRequest, template: str, form: StaffForm, title: str, button: str, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"theme": chosen_theme(request), "form": form, "title": title, "button": button, **more}
    return render(request, template, context, status=status)
