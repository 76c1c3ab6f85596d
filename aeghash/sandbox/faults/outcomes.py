"""What the network shows of a call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from aeghash.sandbox.amounts import milliseconds
from aeghash.sandbox.faults.kinds import TIMED_OUT, Fault
from aeghash.sandbox.faults.poisons import poisoned
from aeghash.sandbox.jsontext import JsonObject, to_json
from aeghash.sandbox.model import Model

JSON_TYPE = "application/json"
HTML_TYPE = "text/html; charset=utf-8"
HTML_PAGE = b"<!doctype html><title>Maintenance</title><h1>We will be back soon</h1>"


@dataclass(frozen=True)
class Outcome:
    """`answered`: the whole response came. `cut`: the connection ended before the announced length.
    `reset`: it broke. `timeout`: nothing came, and nothing will.
    """

    kind: Literal["answered", "cut", "reset", "timeout"]
    status: int = 200
    content_type: str = JSON_TYPE
    body: bytes = b""
    location: str | None = None
    sent: int | None = None
    """How many bytes came: of the body in a `cut`, of the whole response in a `reset`."""
    delay_ms: int = 0
    pace_ms: int = 0
    """Milliseconds for each byte of the body."""
    executions: int = 0
    """How often the deed had been done when this was shown; the caller can't know."""
    callbacks_first: bool = False
    """Whether the callbacks that are due reach our side before this answer does."""

    @property
    def executed(self) -> bool:
        return self.executions > 0


Shape = Callable[[Fault, JsonObject, Model], Outcome]
Wordless = Callable[[Fault, Model], Outcome]


def answered(answer: JsonObject) -> Outcome:
    return Outcome("answered", body=to_json(answer).encode())


def show(fault: Fault | None, answer: JsonObject | None, model: Model) -> Outcome:
    """Return what is seen of an answer; there is none if the deed was not done, or not yet."""
    if fault is None:
        return Outcome("timeout") if answer is None else answered(answer)
    if fault.kind in WITHOUT_ANSWER:
        return WITHOUT_ANSWER[fault.kind](fault, model)
    if answer is None and fault.kind not in ("reset", "status"):
        return Outcome("timeout")
    return SHAPES[fault.kind](fault, model.refusal("Internal Error") if answer is None else answer, model)


def _timeout(_fault: Fault, _model: Model) -> Outcome:
    return Outcome("timeout")


def _redirect(fault: Fault, _model: Model) -> Outcome:
    return Outcome("answered", status=fault["status"], content_type=HTML_TYPE, location=_one_line(fault["location"]))


def _one_line(text: str) -> str:
    return "".join(sign for sign in text if sign.isascii() and sign.isprintable())


def _html(_fault: Fault, _model: Model) -> Outcome:
    return Outcome("answered", content_type=HTML_TYPE, body=HTML_PAGE)


def _refusal(fault: Fault, model: Model) -> Outcome:
    return answered(model.refusal(fault["message"]))


def _rpc_error(fault: Fault, model: Model) -> Outcome:
    return answered(model.refusal(f"RPCError: {fault['message']}"))


def _request_timeout(_fault: Fault, model: Model) -> Outcome:
    return answered(model.refusal(TIMED_OUT))


def _reset(fault: Fault, answer: JsonObject, _model: Model) -> Outcome:
    return Outcome("reset", body=to_json(answer).encode(), sent=fault["bytes"])


def _status(fault: Fault, answer: JsonObject, _model: Model) -> Outcome:
    if fault["with_answer"]:
        return Outcome("answered", status=fault["status"], body=to_json(answer).encode())
    return Outcome("answered", status=fault["status"], content_type=HTML_TYPE, body=HTML_PAGE)


def _trickle(fault: Fault, answer: JsonObject, _model: Model) -> Outcome:
    pace = milliseconds(fault["seconds"]) or 0
    return Outcome("answered", body=to_json(answer).encode(), pace_ms=pace)


def _truncated(fault: Fault, answer: JsonObject, _model: Model) -> Outcome:
    body = to_json(answer).encode()
    length = len(body) // 2 if fault["bytes"] is None else min(fault["bytes"], len(body))
    if fault["declared"]:
        return Outcome("answered", body=body[:length])
    return Outcome("cut", body=body, sent=length)


def _poisoned(fault: Fault, answer: JsonObject, model: Model) -> Outcome:
    content_type = "text/plain" if fault["as"] == "text-type" else JSON_TYPE
    return Outcome("answered", content_type=content_type, body=poisoned(fault["as"], answer, model))


def _huge(fault: Fault, answer: JsonObject, _model: Model) -> Outcome:
    body = to_json(answer).encode()
    return Outcome("answered", body=body + b" " * (fault["bytes"] - len(body)))


WITHOUT_ANSWER: Mapping[str, Wordless] = {
    "timeout": _timeout,
    "redirect": _redirect,
    "html": _html,
    "refusal": _refusal,
    "rpc-error": _rpc_error,
    "request-timeout": _request_timeout,
}
SHAPES: Mapping[str, Shape] = {
    "reset": _reset,
    "status": _status,
    "trickle": _trickle,
    "truncated": _truncated,
    "poisoned": _poisoned,
    "huge": _huge,
}
