"""Which URLs may be called at all."""

import re
from dataclasses import dataclass
from typing import Final

from aeghash.core.egress.failures import Reason, Stopped

# What is allowed, rather than what isn't: no credentials (`@` before the path), no fragment, no backslash,
# nothing outside ASCII, so that no two parsers can disagree on which host is meant.
_URL: Final = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r'(?P<path>/[!"$->@-\[\]-~]*)?'
    r"(?P<query>\?[!\"$-\[\]-~]*)?"
)


@dataclass(frozen=True, slots=True)
class Target:
    """The parts of a URL that a log line may show. Its query isn't one."""

    host: str
    path: str


def target_of(url: str, *, https_only: bool) -> Target:
    match = _URL.fullmatch(url)
    if match is None or int(match["port"] or 1) not in range(1, 65536):
        raise Stopped(Reason.INVALID_URL)
    if https_only and match["scheme"] != "https":
        raise Stopped(Reason.INVALID_URL, "https is required")
    return Target(host=match["host"].lower(), path=match["path"] or "/")
