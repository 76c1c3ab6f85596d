"""Language and appearance, kept in the browser: they are needed before anybody has logged in."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

THEME_COOKIE: Final = "theme"
THEMES: Final = ("light", "dark")
YEAR: Final = 365 * 24 * 3600


@never_cache
@require_POST
def prefer(request: HttpRequest) -> HttpResponse:
    response = HttpResponseRedirect(safe_next(request, request.POST.get("next", "")))
    if request.POST.get("language") in dict(settings.LANGUAGES):
        keep(response, settings.LANGUAGE_COOKIE_NAME, request.POST["language"])
    if "theme" in request.POST:
        theme = request.POST["theme"]
        keep(response, THEME_COOKIE, theme if theme in THEMES else "")
    return response


def keep(response: HttpResponse, name: str, value: str) -> None:
    if not value:
        response.delete_cookie(name, samesite="Lax")
        return
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(name, value, max_age=YEAR, secure=secure, httponly=True, samesite="Lax")


def chosen_theme(request: HttpRequest) -> str:
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return theme if theme in THEMES else ""


def safe_next(request: HttpRequest, url: str) -> str:
    """Never away from here: a link to the log-in may come from anybody."""
    is_safe = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if is_safe else reverse("admin:index")
