"""GET /api/from/: the mall's first API, kept for it."""

import hashlib
from typing import Final

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET
from rest_framework.exceptions import APIException

from aeghash.core.api.problems import problem_of, respond
from aeghash.core.errors import Invalid, Refusal
from aeghash.core.money import parse_amount
from partners.api.authentication import (
    check_address,
    check_time,
    is_worth_a_line,
    known_key,
    line_of,
    printable,
)
from partners.api.signed import response_of
from partners.inbound import Answer, Asked, Context, Inbound, register
from partners.models import PartnerKey
from partners.operations.admit_legacy_call import admit_legacy_call
from partners.operations.answer_once import answer_once
from partners.operations.log_call import log_outcome, log_refusal
from partners.operations.take_hash_power import take_hash_power
from partners.operations.touch_key import touch_key
from partners.refusals import InvalidKey, InvalidSignature
from partners.signing import NONCE, is_signed_by, legacy_text

PARAMETERS: Final = ("from", "uid", "app", "hash", "key", "ts", "nonce", "sig")
MOST_PLACES: Final = 18


def read(body: bytes) -> dict[str, object]:
    """What was signed, line by line: so it is kept."""
    uid, app, power, event = body.decode().split("\n")
    if not uid or len(uid) > 255:
        raise Invalid(field="uid", reason="A member's number has 1 to 255 characters.")
    if len(app) > 100:
        raise Invalid(field="app", reason="At most 100 characters.")
    return {"uid": uid, "app": app, "hash": parse_amount(power, places=MOST_PLACES, field="hash"), "event_id": event}


def work(context: Context, **values: object) -> Answer:
    """A GET answers 200."""
    answer = take_hash_power(context, **values)  # type: ignore[arg-type]
    return Answer(200 if answer.status == 201 else answer.status, answer.body, answer.resource)


LEGACY: Final = register(Inbound("legacy", read, work))


@require_GET
def legacy(request: HttpRequest) -> HttpResponse:
    """The nonce is the idempotency key: the same call again gets the first answer."""
    given = {name: request.GET.get(name, "") for name in PARAMETERS}
    line = line_of(request)
    key: PartnerKey | None = None
    call: int | None = None
    try:
        key = known_key(given["key"])
        check(key, given, request)
        call = admit_legacy_call(key=key, line=line)
        touch_key(key=key)
        check_parameters(request)
        reply = answer_once(asked=asked(key, given, line.path, call))
        if reply.is_replay:
            log_outcome(call=call, status=reply.status, code=reply.code)
        return response_of(reply)
    except (Refusal, APIException, DatabaseError) as error:
        problem = problem_of(error)
        if call is not None:
            log_outcome(call=call, status=problem.status, code=problem.code)
        elif key is not None or is_worth_a_line(line.address):
            log_refusal(key=key, line=line, status=problem.status, code=problem.code)
        response = respond(problem, request)
        if isinstance(error, Refusal) and "retry_after" in error.parameters:
            response["Retry-After"] = str(error.parameters["retry_after"])
        return response


def check(key: PartnerKey, given: dict[str, str], request: HttpRequest) -> None:
    """In the same order as the other calls; whoever isn't switched on has no key for this."""
    if not key.partner.allows_legacy_get:
        raise InvalidKey
    check_address(key, request)
    check_time(given["ts"])
    text = legacy_text(
        ts=given["ts"], nonce=given["nonce"], source=given["from"], uid=given["uid"], app=given["app"],
        amount=given["hash"],
    )  # fmt: skip
    if not (is_signed_by(key.secret.reveal(), text, given["sig"]) and NONCE.fullmatch(given["nonce"])):
        raise InvalidSignature


def check_parameters(request: HttpRequest) -> None:
    for name in request.GET:
        if name not in PARAMETERS:
            raise Invalid(field=printable(name)[:100], reason="There is no such parameter.")
        if len(request.GET.getlist(name)) > 1:
            raise Invalid(field=name, reason="This parameter is given more than once.")


def asked(key: PartnerKey, given: dict[str, str], path: str, call: int) -> Asked:
    event = f"legacy:{key.key_id}:{given['nonce']}"
    values = (given["uid"], given["app"], given["hash"], event)
    if any("\n" in value for value in values):
        raise Invalid(field="uid", reason="A line end can't be a part of it.")
    text = "\n".join((given["ts"], given["from"], *values)).encode()
    return Asked(
        key=key,
        idempotency_key=event,
        fingerprint=hashlib.sha256(text).hexdigest(),
        inbound=LEGACY,
        path=path.partition("?")[0],
        body="\n".join(values).encode(),
        call=call,
    )
