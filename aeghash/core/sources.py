"""Where a request comes from. `X-Forwarded-For` is a claim: it counts as far as trusted proxies vouch for it."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def source_address(request: HttpRequest) -> Address | None:
    """Walk back from the connection through the hops, as long as each is one of our proxies."""
    claimed = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    address = _parsed(request.META.get("REMOTE_ADDR", ""))
    while claimed and address is not None and _is_ours(address):
        address = _parsed(claimed.pop())
    return address


def is_trusted(request: HttpRequest) -> bool:
    """From this machine or a trusted network.

    A claim that nobody vouches for means an unknown proxy in front of us: whatever stands behind it is outside.
    """
    peer, address = _parsed(request.META.get("REMOTE_ADDR", "")), source_address(request)
    if peer is None or address is None or ("X-Forwarded-For" in request.headers and not _is_ours(peer)):
        return False
    return address.is_loopback or _is_ours(address)


def _is_ours(address: Address) -> bool:
    return any(address in network for network in settings.TRUSTED_PROXIES)


def _parsed(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
