"""Whether a log-in has shown its second factor. It is written in the session, by the step that checked the code."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest

SHOWN: Final = "second_factor"


def is_shown(request: HttpRequest) -> bool:
    return bool(request.session.get(SHOWN)) or not settings.APPROVAL_OTP_REQUIRED
