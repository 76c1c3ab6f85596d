"""What an answer to a call that moves value means: one function, total over whatever may come back.

Only two things say that nothing has moved: that no byte has left, and a refusal out of a closed list. Everything that
isn't exactly one of the four known forms is unknown.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from aeghash.core.egress import EgressFailure
from aeghash.core.errors import Invalid
from aeghash.core.money import MOST_PLACES, parse_amount
from aeghash.core.payouts import Accepted, NotSent, Outcome, Refused, Unknown

# The contract's closed list, as of 2026-11-20; passing are those that somebody can mend without the request.
PASSING: Final[Mapping[str, bool]] = {
    "Not Found API Key": True,
    "Invalid API Key": True,
    "Invalid access from an unauthorized IP Address": True,
    "No API Permission": False,
}
# Printable ASCII without blanks: what can be stored, compared and shown.
ID: Final = re.compile(r"[!-~]{1,128}")


@dataclass(frozen=True, slots=True)
class Echo:
    """What the pool must say back: the name of its id, and the fields that must be those of the request."""

    id_name: str
    amount: Decimal
    texts: Mapping[str, str] = field(default_factory=dict)


def classify(answer: object, echo: Echo) -> Outcome:
    """Of a parsed body, or of the failure that came instead. Never raises.

    That an id isn't used already nobody can see in an answer: the database refuses it where it is written.
    """
    if isinstance(answer, EgressFailure):
        return Unknown(str(answer)) if answer.sent else NotSent(str(answer.reason))
    if not isinstance(answer, dict):
        return Unknown("not an object")
    code = answer.get("code")
    if type(code) is not int:  # True is an int to Python, and "0" a promise of nothing
        return Unknown("no code")
    if code == 1:
        return _refusal(answer.get("message"))
    return _acceptance(answer.get("data"), echo) if code == 0 else Unknown("another code")


def _refusal(message: object) -> Outcome:
    if isinstance(message, str) and message in PASSING:
        return Refused(message, passing=PASSING[message])
    return Unknown("another message")


def _acceptance(data: object, echo: Echo) -> Outcome:
    if not isinstance(data, dict):
        return Unknown("no data")
    remote_id = data.get(echo.id_name)
    if not (isinstance(remote_id, str) and is_id(remote_id)):
        return Unknown("no id")
    if any(data.get(name) != text for name, text in echo.texts.items()):
        return Unknown("another echo")
    if _amount(data.get("amount")) != echo.amount:
        return Unknown("another amount")
    return Accepted(remote_id)


def is_id(text: str) -> bool:
    return ID.fullmatch(text) is not None


def _amount(value: Any) -> Decimal | None:
    try:
        return parse_amount(value, places=MOST_PLACES)
    except Invalid:
        return None
