"""Why a call to the outside failed, for people. What was stored stays beside it: support at the remote asks for it."""

import re
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core.egress import Reason

STORED: Final = re.compile(r"(?P<sent>sent|not sent): (?P<reason>\w+)\b")
SENTENCES: Final[dict[Reason, str | Promise]] = {
    Reason.INVALID_URL: gettext_lazy("the address is invalid"),
    Reason.INVALID_HEADERS: gettext_lazy("the headers are invalid"),
    Reason.INVALID_BODY: gettext_lazy("the content can't be sent"),
    Reason.ADDRESS_REFUSED: gettext_lazy("the address isn't public"),
    Reason.DNS: gettext_lazy("the name wasn't found"),
    Reason.DNS_TIMEOUT: gettext_lazy("looking up the name took too long"),
    Reason.REFUSED: gettext_lazy("the connection was refused"),
    Reason.UNREACHABLE: gettext_lazy("the remote can't be reached"),
    Reason.CONNECT_TIMEOUT: gettext_lazy("connecting took too long"),
    Reason.TLS: gettext_lazy("the encrypted connection failed"),
    Reason.TLS_TIMEOUT: gettext_lazy("the encrypted connection took too long"),
    Reason.TIMEOUT: gettext_lazy("no answer came in time"),
    Reason.RESET: gettext_lazy("the connection broke before an answer"),
    Reason.TRUNCATED: gettext_lazy("the connection broke within the answer"),
    Reason.PROTOCOL: gettext_lazy("the answer wasn't HTTP"),
    Reason.REDIRECT: gettext_lazy("the remote pointed elsewhere"),
    Reason.HTTP_STATUS: gettext_lazy("the remote answered with an error"),
    Reason.CONTENT_TYPE: gettext_lazy("the answer was of the wrong type"),
    Reason.CONTENT_ENCODING: gettext_lazy("the answer was encoded in an unknown way"),
    Reason.TOO_LARGE: gettext_lazy("the answer was too large"),
    Reason.BAD_JSON: gettext_lazy("the answer can't be read"),
    Reason.INTERNAL: gettext_lazy("a defect of ours"),
}


def failure_in_words(stored: str) -> str:
    """Anything else than a failed call's reason stays as it is."""
    found = STORED.match(stored)
    if found is None or found["reason"] not in SENTENCES:
        return stored
    sentence = SENTENCES[Reason(found["reason"])]
    if found["sent"] == "sent":
        return _("It was sent, but %(why)s (%(stored)s).") % {"why": sentence, "stored": stored}
    return _("It was not sent: %(why)s (%(stored)s).") % {"why": sentence, "stored": stored}
