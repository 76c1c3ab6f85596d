"""Whether a call is what a partner sent, asked in the contract's order."""

from typing import Final

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from aeghash.core import clock
from aeghash.core.api.throttles import spend
from aeghash.core.errors import Refusal
from aeghash.core.prepared import Prepared
from aeghash.core.sources import source_address
from partners import reading_rate
from partners.caller import Caller
from partners.diagnosis import diagnose
from partners.models import PartnerKey
from partners.operations.admit_call import Line, admit_call
from partners.operations.log_call import log_outcome, log_refusal
from partners.operations.touch_key import touch_key
from partners.refusals import (
    AddressNotAllowed,
    DiagnosedSignature,
    InvalidKey,
    InvalidSignature,
    StaleTimestamp,
)
from partners.signing import NONCE, SECONDS, SHA256, V2, Signed, is_signed_by

MOST_SECONDS_OFF: Final = 300
LONGEST_KEY: Final = 64
KEY: Final = Prepared[PartnerKey](
    lambda key_id: PartnerKey.objects.select_related("partner").filter(key_id=key_id), values=1
)


class SignedAuthentication(BaseAuthentication):
    """The view says in `scopes` what each of its methods takes, and in `diagnoses` whether a bad signature is explained."""

    def authenticate(self, request: Request) -> tuple[Caller, None]:
        plain = request._request
        line = line_of(plain)
        key: PartnerKey | None = None
        try:
            key = known_key(line.key_given)
            check_address(key, plain)
            signed = signed_by_headers(plain)
            check_time(signed.timestamp)
            check_signature(key, signed, plain, explain=getattr(request.parser_context["view"], "diagnoses", False))
        except Refusal as refusal:
            if key is not None or is_worth_a_line(line.address):
                log_refusal(key=key, line=line, status=refusal.status, code=refusal.code)
            raise
        return admitted(key, signed.nonce, line, request), None


def admitted(key: PartnerKey, nonce: str, line: Line, request: Request) -> Caller:
    scope = request.parser_context["view"].scopes.get(str(request.method), "")
    is_writing = request.method not in ("GET", "HEAD")
    call = None
    try:
        call = admit_call(key=key, nonce=nonce, line=line, scope=scope, is_writing=is_writing)
        if not is_writing:
            reading_rate.spend(key)
    except Refusal as refusal:
        if (row := call or refusal.parameters.get("call")) is not None:
            log_outcome(call=row, status=refusal.status, code=refusal.code)
        else:
            log_refusal(key=key, line=line, status=refusal.status, code=refusal.code)
        raise
    touch_key(key=key)
    return Caller(key, call)


def line_of(request: HttpRequest) -> Line:
    address = source_address(request)
    given = request.headers.get("X-AEG-Key", "")
    return Line(str(request.method), path_of(request), str(address) if address else None, printable(given))


def printable(text: str) -> str:
    return text if text.isascii() and text.isprintable() else ascii(text)


def is_worth_a_line(address: str | None) -> bool:
    """Whoever knocks without any key of ours shall not fill the log."""
    allowance = spend("failures", f"partners {address}")
    return allowance is None or not allowance.is_overdrawn


def known_key(key_id: str) -> PartnerKey:
    key = KEY.first(key_id) if key_id else None
    if key is None or not key.is_live or not key.partner.is_active or key.partner.deleted_at is not None:
        raise InvalidKey
    return key


def check_address(key: PartnerKey, request: HttpRequest) -> None:
    if not key.partner.lets_in(source_address(request)):
        raise AddressNotAllowed


def signed_by_headers(request: HttpRequest) -> Signed:
    return Signed(
        timestamp=request.headers.get("X-AEG-Timestamp", ""),
        nonce=request.headers.get("X-AEG-Nonce", ""),
        method=str(request.method),
        path=path_of(request),
        body=request.body,
    )


def path_of(request: HttpRequest) -> str:
    """As it stood in the request's first line: the server's own reading of it has lost how it was escaped."""
    raw = request.META.get("RAW_URI") or request.META.get("REQUEST_URI")
    if not raw:
        return request.get_full_path()
    if raw.startswith("/"):
        return str(raw)
    return "/" + str(raw).partition("://")[2].partition("/")[2]  # a proxy's absolute form


def check_time(timestamp: str) -> None:
    if not SECONDS.fullmatch(timestamp) or abs(int(timestamp) - clock.now().timestamp()) > MOST_SECONDS_OFF:
        raise StaleTimestamp


def check_signature(key: PartnerKey, call: Signed, request: HttpRequest, *, explain: bool) -> None:
    given = request.headers.get("X-AEG-Signature", "")
    scheme, _, signature = given.partition("=")
    secret = key.secret.reveal()
    text = {V2: call.text, SHA256: call.older_text}.get(scheme, call.text)()
    is_right = is_signed_by(secret, text, signature) and may_use(scheme, key, call) and NONCE.fullmatch(call.nonce)
    if is_right:
        return
    if explain:
        found = diagnose(secret, call, given)
        raise DiagnosedSignature(hint=found.hint, string_to_sign=found.string_to_sign, body_sha256=found.body_sha256)
    raise InvalidSignature


def may_use(scheme: str, key: PartnerKey, call: Signed) -> bool:
    return scheme == V2 or (scheme == SHA256 and call.method == "POST" and key.partner.allows_sha256)
