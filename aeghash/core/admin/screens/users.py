"""People and their roles. Everything here is proposed by one sysadmin and agreed to by another."""

import secrets
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core import rights
from aeghash.core.admin.forms import StaffForm, reason_field
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.kit.tabs import Tab
from aeghash.core.admin.page import page
from aeghash.core.admin.screens.areas import SYSTEM
from aeghash.core.errors import Refusal
from aeghash.core.models import LogIn, TotpDevice, User
from aeghash.core.operations.change_roles import CHANGE_ROLES, roles_of
from aeghash.core.operations.create_user import create_user
from aeghash.core.operations.propose import propose
from aeghash.core.operations.reset_second_factor import RESET_SECOND_FACTOR


class RolesForm(StaffForm):
    groups = forms.MultipleChoiceField(
        label=gettext_lazy("Groups"), choices=list(rights.GROUP_LABELS.items()), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Whoever is in none can't log in here."),
    )  # fmt: skip
    is_active = forms.BooleanField(label=gettext_lazy("May log in"), required=False)
    reason = reason_field()


class ReasonForm(StaffForm):
    reason = reason_field()


class NewPersonForm(StaffForm):
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=150)


def propose_roles(user: User, by: User, given: Given) -> object:
    content = {"email": user.email, "groups": sorted(given["groups"]), "is_active": given["is_active"]}
    return propose(act=CHANGE_ROLES, content=content, by=by, reason=given["reason"])


def propose_reset(user: User, by: User, given: Given) -> object:
    return propose(act=RESET_SECOND_FACTOR, content={"email": user.email}, by=by, reason=given["reason"])


def shown(user: User) -> dict[Any, Any]:
    return {_("Name"): cells.text(user.name), _("E-mail"): cells.email(user.email), _("Groups"): group_names(user)}


def group_names(user: User) -> str:
    """Of the groups as they were fetched: a filtered query would ask once per row."""
    return (
        ", ".join(str(rights.GROUP_LABELS.get(group.name, group.name)) for group in user.groups.all()) or cells.NOTHING
    )


PROPOSE_ROLES = RowAct[User](
    name="roles",
    label=gettext_lazy("Propose other roles"),
    explains=gettext_lazy("Nothing changes until another sysadmin has agreed."),
    done=gettext_lazy("Proposed. Another sysadmin must agree."),
    carry_out=propose_roles,
    right=rights.MANAGE_ROLES,
    form=RolesForm,
    initial=roles_of,
    describes=shown,
    offered=lambda user, viewer: user.pk != viewer.pk,
    for_many=False,
    tone="primary",
)
PROPOSE_RESET = RowAct[User](
    name="reset-authenticator",
    label=gettext_lazy("Propose to reset the authenticator"),
    explains=gettext_lazy("For a lost phone. Once another sysadmin has agreed, the next log-in sets up a new one."),
    done=gettext_lazy("Proposed. Another sysadmin must agree."),
    carry_out=propose_reset,
    right=rights.MANAGE_ROLES,
    form=ReasonForm,
    describes=shown,
    offered=lambda user, viewer: user.pk != viewer.pk and user.is_admin,
    for_many=False,
)


@admin.register(User)
class UserScreen(Screen[User]):
    area = SYSTEM
    place = 10
    may_view = rights.MANAGE_ROLES
    lead = gettext_lazy("Roles change by two people: one sysadmin proposes, another agrees.")
    empty_title = gettext_lazy("Nobody here")
    empty_text = gettext_lazy("Whoever may log in will be listed here, with their roles.")
    tabs = (
        Tab("staff", gettext_lazy("Staff"), Q(is_admin=True, is_active=True), is_counted=False),
        Tab("inactive", gettext_lazy("Inactive"), Q(is_active=False), is_counted=False),
        Tab("all", gettext_lazy("Everybody"), is_counted=False),
    )
    row_acts = (PROPOSE_ROLES, PROPOSE_RESET)
    search_fields = ("email__istartswith", "name__icontains")
    search_help_text = gettext_lazy("E-mail or name")
    list_display = ("who", "address", "roles", "authenticator", "last_log_in", "state")
    change_list_template = "admin/users.html"
    ordering = ("email",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        device = TotpDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        return super().get_queryset(request).prefetch_related("groups").annotate(has_device=Exists(device))

    def more_urls(self) -> list[URLPattern]:
        private = self.admin_site.private  # type: ignore[attr-defined]
        return [path("new/", private(self.new_person), name=f"{self.name}_new")]

    def new_person(self, request: HttpRequest) -> HttpResponse:
        """Makes somebody without any right; the roles are the next proposal. The password is shown this once."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = NewPersonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            password = secrets.token_urlsafe(15)
            if (user := self.made(form, password)) is not None:
                messages.success(request, _("Made, without any role yet: propose one."))
                crumbs = [(self.label(), self.list_url())]
                return page(request, "admin/new_person.html", user.name, person=user, password=password,
                            url=self.row_url(user), crumbs=crumbs)  # fmt: skip
        lead = _("They get a password, which you see once, and no right until two sysadmins give them a role.")
        return page(request, "admin/form.html", _("New person"), form=form, button=_("Make"), lead=lead,
                    crumbs=[(self.label(), self.list_url())])  # fmt: skip

    def made(self, form: NewPersonForm, password: str) -> User | None:
        try:
            return create_user(email=form.cleaned_data["email"], password=password, name=form.cleaned_data["name"])
        except Refusal as refusal:
            form.add_error("email", str(refusal))
            return None

    def title_of(self, row: User) -> str:
        return row.name or cells.email(row.email)

    def badge_of(self, row: User) -> str:
        return self.state(row)

    def sections(self, row: User) -> Sequence[Section]:
        facts = [
            (_("Name"), cells.text(row.name)),
            (_("E-mail"), cells.email(row.email)),
            (_("Groups"), group_names(row)),
            (_("Authenticator"), self.authenticator(row)),
            (_("Last log-in"), cells.moment(row.last_login)),
            (_("Created"), cells.moment(row.created_at)),
        ]
        log_ins = LogIn.objects.active().filter(user=row).order_by("-began_at")[:10]
        active = [(str(log_in), cells.moment(log_in.began_at)) for log_in in log_ins]
        return (
            Section(_("Person"), facts),
            Section(_("Active log-ins"), active, note="" if active else _("None right now.")),
        )

    @admin.display(description=gettext_lazy("name"))
    def who(self, row: User) -> str:
        return self.title_of(row)

    @admin.display(description=gettext_lazy("e-mail"))
    def address(self, row: User) -> str:
        return cells.email(row.email)

    @admin.display(description=gettext_lazy("groups"))
    def roles(self, row: User) -> str:
        return group_names(row)

    @admin.display(description=gettext_lazy("authenticator"))
    def authenticator(self, row: User) -> str:
        has_device = getattr(row, "has_device", False)
        return (
            cells.badge(_("set up"), "ok") if has_device else cells.badge(_("not yet"), "warn" if row.is_admin else "")
        )

    @admin.display(description=gettext_lazy("last log-in"))
    def last_log_in(self, row: User) -> str:
        return cells.moment(row.last_login)

    @admin.display(description=gettext_lazy("status"))
    def state(self, row: User) -> str:
        if not row.is_active:
            return cells.badge(_("inactive"))
        return cells.badge(_("staff"), "ok") if row.is_admin else cells.badge(_("no role"))
