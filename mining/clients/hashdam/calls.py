"""One call: how a method is asked, and what an answer is when nothing moves."""

from typing import Final

from django.conf import settings

from aeghash.core.egress import Answer, Call, EgressFailure, Reason, post_once, read
from aeghash.core.payouts import Outcome
from aeghash.core.strict_json import JsonValue
from mining.clients.hashdam.classifier import Echo, classify

READ_CAP: Final = 1024 * 1024  # a thousand rows of a history
MONEY_DEADLINE: Final = 10.0
MASK: Final = "***"
LEAST_SECRET: Final = 8  # shorter ones are of test pools, and parts of common words

# A body that no reader could take is the pool's mistake, not the line's: asked again it would say the same.
UNREADABLE: Final = frozenset({Reason.BAD_JSON, Reason.CONTENT_TYPE, Reason.TOO_LARGE})


class Remark(Exception):
    """The pool has answered, and says no."""

    def __init__(self, method: str, message: str) -> None:
        super().__init__(f"{method}: {message}")
        self.message = message


class Unreadable(Exception):
    """What came back isn't an answer of HashDam's. `excerpt` is for a person."""

    def __init__(self, method: str, reason: str, excerpt: str = "") -> None:
        super().__init__(f"{method}: {reason}")
        self.reason = reason
        self.excerpt = excerpt


def ask(method: str, **arguments: JsonValue) -> dict[str, JsonValue]:
    """The whole answer of a reading that succeeded. Raises Remark, Unreadable, or an EgressFailure that may pass."""
    try:
        answer = _said(read(_call(method, arguments, body_cap=READ_CAP)))
    except EgressFailure as failure:
        if failure.reason in UNREADABLE:
            excerpt = failure.excerpt.decode("utf-8", "replace")
            raise Unreadable(method, str(failure.reason), str(_without_key(excerpt))) from None
        raise
    if not isinstance(answer, dict) or type(answer.get("code")) is not int:
        raise Unreadable(method, "shape", str(answer)[:500])
    if answer["code"] != 0:
        raise Remark(method, str(answer.get("message", "")))
    return answer


def submit(method: str, echo: Echo, *, deadline: float = MONEY_DEADLINE, **arguments: JsonValue) -> Outcome:
    """A call that moves value: over a connection of its own, at most once. Never raises for what the pool does."""
    try:
        answer = post_once(_call(method, arguments, deadline=deadline))
    except EgressFailure as failure:
        return classify(failure, echo)
    return classify(_said(answer), echo)


def _said(answer: Answer) -> JsonValue:
    """What comes back is stored, shown and logged: a pool that quotes our key must not bring it there."""
    key = settings.HASHDAM_API_KEY.encode()
    return _without_key(answer.json) if len(key) >= LEAST_SECRET and key in answer.body else answer.json


def _without_key(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {name: _without_key(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_without_key(part) for part in value]
    key: str = settings.HASHDAM_API_KEY
    return value.replace(key, MASK) if len(key) >= LEAST_SECRET and isinstance(value, str) else value


def _call(method: str, arguments: dict[str, JsonValue], **options: float | int) -> Call:
    headers = {"X-HASHDAM-Key": settings.HASHDAM_API_KEY} if settings.HASHDAM_API_KEY else {}
    body: dict[str, JsonValue] = {"method": method, **arguments}
    url = settings.HASHDAM_API_BASE_URL
    return Call(purpose=f"hashdam.{method}", url=url, json=body, headers=headers, **options)  # type: ignore[arg-type]
