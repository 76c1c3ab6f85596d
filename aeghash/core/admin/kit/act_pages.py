"""The pages of an act: what would happen to each of the chosen rows, and what did."""

from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from aeghash.core.admin.forms import StaffForm
from aeghash.core.admin.kit.row_acts import CODE, MOST_ROWS, Confirmation, RowAct, carry_out, foresee
from aeghash.core.errors import Refusal
from aeghash.core.models import User
from aeghash.core.operations.prove_presence import prove_presence

if TYPE_CHECKING:
    from aeghash.core.admin.kit.screens import Screen  # which imports this module

M = TypeVar("M", bound=Model)


def act_page(screen: "Screen[M]", request: HttpRequest, name: str) -> HttpResponse:
    """Asks on GET, does it on POST; without the right, neither."""
    act: RowAct[M] | None = next((act for act in screen.row_acts if act.name == name), None)
    if act is None:
        raise Http404
    if not (screen.has_view_permission(request) and act.may(request.user)):
        raise PermissionDenied
    rows = chosen_rows(screen, request, act)
    if not rows:
        messages.warning(request, _("Nothing was chosen."))
        return HttpResponseRedirect(screen.list_url())
    form = act.make_form(request.POST if request.method == "POST" else None, rows)
    if request.method == "POST" and form.is_valid() and is_present(request, act, form):
        return answer(screen, request, act, rows, form)
    return confirmation_page(screen, request, foresee(act, rows), form)


def chosen_rows(screen: "Screen[M]", request: HttpRequest, act: RowAct[M]) -> list[M]:
    """Of those that this person sees at all."""
    given = request.POST if request.method == "POST" else request.GET
    keys = given.getlist("row")[: MOST_ROWS if act.for_many else 1]
    known = [key for key in keys if is_key(screen, key)]
    return list(screen.get_queryset(request).filter(pk__in=known).order_by("pk"))


def is_key(screen: "Screen[M]", text: str) -> bool:
    try:
        screen.opts.pk.to_python(text)
    except ValidationError:
        return False
    return "\0" not in text


def is_present(request: HttpRequest, act: RowAct[Any], form: StaffForm) -> bool:
    """Before the rows are touched, and outside of any transaction: a code that was shown is used up."""
    if not act.asks_code():
        return True
    try:
        prove_presence(person=person_of(request), code=form.cleaned_data[CODE])
    except Refusal as refusal:
        form.add_error(CODE, str(refusal))
        return False
    return True


def answer(screen: "Screen[M]", request: HttpRequest, act: RowAct[M], rows: list[M], form: StaffForm) -> HttpResponse:
    confirmation = carry_out(act, rows, person_of(request), form.cleaned_data)
    if len(rows) > 1:
        return confirmation_page(screen, request, confirmation, None)
    (outcome,) = confirmation.outcomes
    if outcome.refusal is not None:
        form.add_error(None, str(outcome.refusal))
        return confirmation_page(screen, request, foresee(act, rows), form)
    messages.success(request, str(act.done))
    return HttpResponseRedirect(screen.row_url(outcome.row))


def confirmation_page(
    screen: "Screen[M]", request: HttpRequest, confirmation: Confirmation[M], form: StaffForm | None
) -> HttpResponse:
    """Before with a form, afterwards without: the same rows, and what became of each."""
    context = {
        **screen.admin_site.each_context(request),
        "title": confirmation.act.label,
        "lead": confirmation.act.explains if form else "",
        "screen": screen,
        "crumbs": crumbs_of(screen, confirmation),
        "confirmation": confirmation,
        "act": confirmation.act,
        "form": form,
    }
    return TemplateResponse(request, "admin/kit/confirmation.html", context)


def crumbs_of(screen: "Screen[M]", confirmation: Confirmation[M]) -> list[tuple[str, str]]:
    crumbs = [(screen.label(), screen.list_url())]
    if len(confirmation.outcomes) == 1:
        row = confirmation.outcomes[0].row
        crumbs.append((screen.title_of(row), screen.row_url(row)))
    return crumbs


def person_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
