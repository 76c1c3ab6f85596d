"""Keeping other people's web pages away from a server that trusts everybody on this machine."""

from urllib.parse import urlsplit

from aeghash.sandbox.serving.delivery import is_loopback
from aeghash.sandbox.serving.wire import Request

SAFE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def refusal_of_stranger(request: Request) -> str | None:
    """Return why this request may not be answered, if it may not.

    A page elsewhere can point its own name at 127.0.0.1, and can post a form anywhere. The first
    shows in `Host`, the second in `Origin` and in a type that a form can't have.
    """
    host = request.headers.get("host", "")
    if not is_loopback(_hostname(host)):
        return "the Host must be a loopback address"
    if request.headers.get("origin", f"http://{host}") != f"http://{host}":
        return "requests from other sites are refused"
    if request.path == "/_control" and request.method == "POST" and not request.is_json:
        return "a control request must be application/json"
    return None


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
