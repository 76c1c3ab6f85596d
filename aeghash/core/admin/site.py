"""The staff's site: Django's admin with its own pages, navigation and log-in."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, include, path, re_path, reverse
from django.utils.translation import gettext as _

from aeghash.core import clock, second_factor
from aeghash.core.admin import account, log_in, preferences
from aeghash.core.admin.dashboard import QUEUES, dashboard
from aeghash.core.admin.kit.periods import LENGTHS, Period, asked_period
from aeghash.core.admin.kit.screens import Screen
from aeghash.core.admin.navigation import Entry, areas_for
from aeghash.core.queries import kill_switch

View = Callable[..., HttpResponse]


class StaffSite(AdminSite):
    """Only what is listed here has an address: none of Django's own views that nobody asked for."""

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only screens of ours: what libraries bring along (Django's own page of the groups) would write around the
        operations, and around the second person."""
        if admin_class is None or not issubclass(admin_class, Screen):
            return
        models: Any = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        for model in models:
            if model._meta.is_composite_pk:
                # Django refuses those for the sake of its forms, which no screen has.
                self._registry[model] = admin_class(model, self)
            else:
                super().register(model, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and second_factor.is_shown(request)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        screens: list[URLPattern | URLResolver] = [
            path(f"{model._meta.app_label}/{model._meta.model_name}/", include(screen.get_urls()))
            for model, screen in self._registry.items()
            if isinstance(screen, Screen)  # Django's own, like that of groups, would let one person change rights
        ]
        return [
            path("", self.private(self.index), name="index"),
            path("login/", log_in.password_step, name="login"),
            path("login/code/", log_in.code_step, name="log_in_code"),
            path("login/authenticator/", log_in.enrolment_step, name="log_in_enrolment"),
            path("logout/", log_in.log_out, name="logout"),
            path("preferences/", preferences.prefer, name="preferences"),
            path("me/log-ins/", self.private(account.log_ins), name="my_log_ins"),
            path("me/password/", self.private(account.password), name="password_change"),
            path("me/authenticator/", self.private(account.authenticator), name="my_authenticator"),
            path("me/recovery-codes/", self.private(account.recovery_codes), name="my_recovery_codes"),
            path("me/tokens/", self.private(account.tokens), name="my_tokens"),
            *screens,
            re_path(r"(?P<url>.*)$", self.private(self.catch_all_view)),
        ]

    def private(self, view: View) -> View:
        """For those who are logged in, with this site at hand for the page's frame."""

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            answer: HttpResponse = self.admin_view(view)(request, *args, **kwargs)
            return answer

        return update_wrapper(guarded, view)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        navigation = areas_for(self, request)
        return {
            "theme": preferences.chosen_theme(request),
            "navigation": navigation,
            "own_pages": own_pages(),
            "submissions_stopped": kill_switch.is_on(),
            "has_permission": True,
            "is_popup": False,
        }

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        shown = dashboard(request)
        context = {
            **self.each_context(request),
            "title": _("Dashboard"),
            "is_dashboard": True,
            "as_of": clock.now(),
            "periods": [(period, period.narrows("")) for period in map(Period, LENGTHS)],
            "shown_period": asked_period(request),
            "queues": shown.pop(QUEUES, []),
            "queues_label": QUEUES.label,
            "parts": list(shown.items()),
        }
        return TemplateResponse(request, "admin/index.html", context)


def own_pages() -> list[Entry]:
    return [
        Entry(_("My log-ins"), reverse("admin:my_log_ins")),
        Entry(_("My API tokens"), reverse("admin:my_tokens")),
        Entry(_("My authenticator"), reverse("admin:my_authenticator")),
        Entry(_("Change password"), reverse("admin:password_change")),
    ]


site = StaffSite()


def the_site() -> StaffSite:
    """What Django calls to make its default site; however often it does, there is one."""
    return site
