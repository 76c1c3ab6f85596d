"""How a call may fail: the class says whether the remote may have seen it, the reason what happened."""

from enum import StrEnum
from typing import ClassVar, Final


class Reason(StrEnum):
    """Stable: stored with attempts and alerts. Which class goes with which reason stands beside each."""

    INVALID_URL = "invalid_url"  # not sent
    INVALID_HEADERS = "invalid_headers"  # not sent
    INVALID_BODY = "invalid_body"  # not sent: what was to be sent has no form in JSON
    ADDRESS_REFUSED = "address_refused"  # not sent: the name leads to an address that isn't public
    DNS = "dns"  # not sent
    DNS_TIMEOUT = "dns_timeout"  # not sent
    REFUSED = "refused"  # not sent
    UNREACHABLE = "unreachable"  # not sent: no route, no free port or descriptor, and the like
    CONNECT_TIMEOUT = "connect_timeout"  # not sent
    TLS = "tls"  # not sent in the handshake, sent afterwards
    TLS_TIMEOUT = "tls_timeout"  # not sent: in the handshake
    TIMEOUT = "timeout"  # sent, unless the time was over before the first byte
    RESET = "reset"  # sent: the connection ended before any answer
    TRUNCATED = "truncated"  # sent: the connection ended within the answer
    PROTOCOL = "protocol"  # sent: the answer isn't HTTP
    REDIRECT = "redirect"  # sent
    HTTP_STATUS = "http_status"  # sent: any other status than 2xx
    CONTENT_TYPE = "content_type"  # sent
    CONTENT_ENCODING = "content_encoding"  # sent
    TOO_LARGE = "too_large"  # sent: head or body
    BAD_JSON = "bad_json"  # sent
    INTERNAL = "internal"  # either: a defect of ours


class Stopped(Exception):
    """Inside this package: the layer that knows why a call can't go on says so, and `door` passes it on."""

    def __init__(
        self,
        reason: Reason,
        detail: str = "",
        status: int | None = None,
        excerpt: bytes = b"",
    ) -> None:
        super().__init__(reason)
        self.reason: Final = reason
        self.detail: Final = detail
        self.status: Final = status
        self.excerpt: Final = excerpt


class EgressFailure(Exception):
    """A call that brought no usable answer; always a `NotSent` or a `Sent`.

    Nothing of the request is in it, and no other exception hangs on it: the library's own hold the request
    with its keys. `excerpt` is the beginning of the remote's answer, where there is one, for a person who
    must find out what happened; it may hold secrets, so it is in neither text nor `repr`.
    """

    sent: ClassVar[bool]

    def __init__(
        self,
        reason: Reason,
        detail: str = "",
        status: int | None = None,
        excerpt: bytes = b"",
    ) -> None:
        super().__init__(reason, detail, status)
        self.reason: Final = reason
        self.detail: Final = detail
        self.status: Final = status
        self.excerpt: Final = excerpt

    def __str__(self) -> str:
        words = [str(self.reason), str(self.status or ""), f"({self.detail})" if self.detail else ""]
        return ("sent: " if self.sent else "not sent: ") + " ".join(word for word in words if word)


class NotSent(EgressFailure):
    """No byte of the request has left this machine: the remote can't have acted on it."""

    sent = False


class Sent(EgressFailure):
    """Some of the request may have left, perhaps all of it: the remote may have acted on it, or may still."""

    sent = True
