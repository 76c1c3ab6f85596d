"""Bodies that look like an answer and aren't the JSON of the contract."""

from collections.abc import Callable, Mapping
from typing import Any

from aeghash.sandbox.jsontext import JsonObject, to_json
from aeghash.sandbox.model import Model

DEPTH = 100_000
_PLACE = "\x00"
_PLACE_TEXT = to_json(_PLACE)

RAW_AMOUNTS = {
    "nan": "NaN",
    "infinity": "Infinity",
    "1e400": "1e400",
    "deep": "[" * DEPTH + "]" * DEPTH,
    "lone-surrogate": '"\\ud800"',
}


def poisoned(how: str, answer: JsonObject, model: Model) -> bytes:
    if how in RAW_AMOUNTS:
        return _with_raw_amount(answer, model, RAW_AMOUNTS[how].encode())
    if how == "bad-utf8":
        return _with_raw_amount(answer, model, b'"\xff\xfe"')
    if how == "duplicate-keys":
        return _both_verdicts(answer, model)
    return to_json(_CHANGED[how](answer, model)).encode() if how != "empty" else b""


def _with_raw_amount(answer: JsonObject, model: Model, raw: bytes) -> bytes:
    model.fields(answer)["amount"] = _PLACE
    return to_json(answer).encode().replace(_PLACE_TEXT.encode(), raw)


def _both_verdicts(answer: JsonObject, model: Model) -> bytes:
    """Return an answer that says no first and yes later: parsers differ in which of the two they keep."""
    refusal = to_json(model.refusal("Invalid API Key"))
    return f"{refusal[:-1]},{to_json(answer)[1:]}".encode()


def _verdict_as_text(answer: JsonObject, model: Model) -> JsonObject:
    verdict = model.verdict
    return {**answer, verdict: to_json(answer[verdict])}


def _without_verdict(answer: JsonObject, model: Model) -> JsonObject:
    return {name: value for name, value in answer.items() if name != model.verdict}


def _fields_as_list(answer: JsonObject, model: Model) -> JsonObject:
    return {model.verdict: answer[model.verdict], "data": [model.fields(answer)]}


def _without_fields(answer: JsonObject, model: Model) -> JsonObject:
    return {model.verdict: answer[model.verdict]}


_CHANGED: Mapping[str, Callable[[JsonObject, Model], Any]] = {
    "verdict-as-text": _verdict_as_text,
    "verdict-missing": _without_verdict,
    "array": lambda answer, model: [answer],
    "string": lambda answer, model: "ok",
    "null": lambda answer, model: None,
    "fields-as-list": _fields_as_list,
    "fields-missing": _without_fields,
    "text-type": lambda answer, model: answer,
}
