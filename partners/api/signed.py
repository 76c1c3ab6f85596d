"""What every signed call goes through."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django.http import HttpResponse
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from aeghash.core.api.filters import check_query
from aeghash.core.api.problems import MEDIA_TYPE
from aeghash.core.errors import Refusal
from partners.api.authentication import SignedAuthentication, path_of
from partners.caller import Caller
from partners.inbound import Asked, Inbound
from partners.models import Partner
from partners.operations.answer_once import Reply, answer_once
from partners.operations.log_call import log_outcome
from partners.refusals import IdempotencyKeyInvalid, IdempotencyKeyMissing

IDEMPOTENCY_KEY: Final = re.compile(r"[\x20-\x7e]{1,255}", re.ASCII)
JSON: Final = "application/json"


class SignedView(APIView):
    """Says in `scopes` what a key needs for which method; "" is for all keys."""

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    authentication_classes = (SignedAuthentication,)
    permission_classes = ()
    throttle_classes = ()
    scopes: ClassVar[Mapping[str, str]] = {}
    parameters: ClassVar[frozenset[str]] = frozenset()
    is_logged = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in self.scopes:
            check_query(request, self.parameters)

    @property
    def caller(self) -> Caller:
        caller: Any = self.request.user  # nobody else is let in
        assert isinstance(caller, Caller)
        return caller

    @property
    def partner(self) -> Partner:
        return self.caller.partner

    def handle_exception(self, exc: Exception) -> Response:
        response = super().handle_exception(exc)
        if isinstance(exc, Refusal) and "retry_after" in exc.parameters:
            response["Retry-After"] = str(exc.parameters["retry_after"])
        self.code = getattr(exc, "code", "") or type(exc).__name__
        return response

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """The log has the call as answered by 200 already; what came out otherwise is written down here."""
        final = super().finalize_response(request, response, *args, **kwargs)
        caller = getattr(request, "_user", None)
        if isinstance(caller, Caller) and not self.is_logged and final.status_code != 200:
            log_outcome(call=caller.call, status=final.status_code, code=str(getattr(self, "code", ""))[:64])
        return final

    def answer(self, inbound: Inbound, **arguments: str) -> HttpResponse:
        asked = self.asked(inbound, arguments)
        reply = answer_once(asked=asked)
        self.is_logged = not reply.is_replay
        self.code = reply.code
        return response_of(reply)

    def asked(self, inbound: Inbound, arguments: Mapping[str, str]) -> Asked:
        request = self.request._request
        key = request.headers.get("Idempotency-Key")
        if key is None:
            raise IdempotencyKeyMissing
        if not IDEMPOTENCY_KEY.fullmatch(key):
            raise IdempotencyKeyInvalid
        check_media_type(request.content_type or "", request.body)
        path = path_of(request)
        return Asked(
            key=self.caller.key,
            idempotency_key=key,
            fingerprint=fingerprint(str(request.method), path, request.body),
            inbound=inbound,
            path=path,
            body=request.body,
            arguments=arguments,
            call=self.caller.call,
        )


def check_media_type(given: str, body: bytes) -> None:
    if body and given.lower() != JSON:
        raise UnsupportedMediaType(given)


def fingerprint(method: str, path: str, body: bytes) -> str:
    return hashlib.sha256(f"{method}\n{path}\n".encode() + body).hexdigest()


def response_of(reply: Reply) -> HttpResponse:
    kind = MEDIA_TYPE if reply.status >= 400 else JSON
    response = HttpResponse(reply.text, status=reply.status, content_type=kind)
    if reply.is_replay:
        response["Idempotent-Replayed"] = "true"
    return response
