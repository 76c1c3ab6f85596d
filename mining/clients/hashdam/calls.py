"""One call: how a method is asked, and what an answer is when nothing moves."""

from typing import Final

from django.conf import settings

from aeghash.core.egress import Call, EgressFailure, Reason, post_once, read
from aeghash.core.payouts import Outcome
from aeghash.core.strict_json import JsonValue
from mining.clients.hashdam.classifier import Echo, classify

READ_CAP: Final = 1024 * 1024  # a thousand rows of a history
MONEY_DEADLINE: Final = 10.0

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
        answer = read(_call(method, arguments, body_cap=READ_CAP)).json
    except EgressFailure as failure:
        if failure.reason in UNREADABLE:
            raise Unreadable(method, str(failure.reason), failure.excerpt.decode("utf-8", "replace")) from None
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
    return classify(answer.json, echo)


def _call(method: str, arguments: dict[str, JsonValue], **options: float | int) -> Call:
    headers = {"X-HASHDAM-Key": settings.HASHDAM_API_KEY} if settings.HASHDAM_API_KEY else {}
    body: dict[str, JsonValue] = {"method": method, **arguments}
    url = settings.HASHDAM_API_BASE_URL
    return Call(purpose=f"hashdam.{method}", url=url, json=body, headers=headers, **options)  # type: ignore[arg-type]
