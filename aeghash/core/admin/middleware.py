"""Language and time of the staff's screens. Everything else answers in English and UTC, whoever asks."""

from collections.abc import Callable
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from aeghash.core.admin.kit.viewer import viewed_by

SCREENS: Final = "/admin/"


class StaffScreensMiddleware:
    """Korean unless the switch says otherwise: a browser's own language is no wish of its user's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(SCREENS):
            with translation.override("en"):
                return self.get_response(request)
        language = chosen_language(request)
        zone = ZoneInfo(settings.STAFF_TIME_ZONE)
        with translation.override(language), timezone.override(zone), viewed_by(lambda: request.user):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


def chosen_language(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
