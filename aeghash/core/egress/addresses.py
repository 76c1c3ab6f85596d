"""From a name to addresses, within a deadline, and which of them are public."""

import ipaddress
import os
import queue
import socket
import threading
from typing import Any, Final, NamedTuple

from aeghash.core.egress.exchange import Exchange
from aeghash.core.egress.failures import Reason, Stopped

MAX_ADDRESSES: Final = 4
MAX_LOOKUPS: Final = 32

# Written out, because what `ipaddress` calls global has changed between Python releases.
_NOT_PUBLIC_V4: Final = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and the clouds' metadata service
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
# Outside it are loopback, link-local, unique local, multicast, IPv4-mapped and NAT64 addresses.
_PUBLIC_V6: Final = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_V6: Final = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments; Teredo, which embeds IPv4 addresses
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which embeds IPv4 addresses
        "3fff::/20",  # documentation
    )
)


class Address(NamedTuple):
    family: int
    sockaddr: tuple[Any, ...]


def look_up(host: str, port: int, exchange: Exchange) -> list[Address]:
    """The first few addresses of `host`; where `exchange` asks for it, all of them must be public.

    These very addresses are then connected to: looked up again, the name could lead elsewhere by then.
    """
    addresses = _resolved(host, port, exchange)
    if exchange.public_only and not all(is_public(str(address.sockaddr[0])) for address in addresses):
        raise Stopped(Reason.ADDRESS_REFUSED)
    return addresses[:MAX_ADDRESSES]


def is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_V4)
    return address in _PUBLIC_V6 and not any(address in network for network in _NOT_PUBLIC_V6)


def _resolved(host: str, port: int, exchange: Exchange) -> list[Address]:
    # The system's resolver can't be interrupted, so it works in a thread that is left behind when the time is
    # over. A daemon: a hanging look-up must not keep the process from ending.
    if not _lookups.acquire(timeout=exchange.left(Reason.DNS_TIMEOUT)):
        raise Stopped(Reason.DNS_TIMEOUT, "too many look-ups are hanging")
    found: queue.SimpleQueue[list[Address] | Stopped] = queue.SimpleQueue()
    threading.Thread(target=_ask_resolver, args=(host, port, found, _lookups), daemon=True).start()
    try:
        result = found.get(timeout=exchange.left(Reason.DNS_TIMEOUT))
    except queue.Empty:
        raise Stopped(Reason.DNS_TIMEOUT) from None
    if isinstance(result, Stopped):
        raise result
    return result


def _ask_resolver(
    host: str,
    port: int,
    found: "queue.SimpleQueue[list[Address] | Stopped]",
    lookups: threading.BoundedSemaphore,
) -> None:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        found.put([Address(family, sockaddr) for family, _, _, _, sockaddr in rows])
    except (OSError, UnicodeError) as error:  # the latter for a name with too long a label
        found.put(Stopped(Reason.DNS, type(error).__name__))
    finally:
        lookups.release()


def _start_afresh() -> None:
    # The parent's look-ups hold places here that none of this process's threads will ever give back.
    global _lookups
    _lookups = threading.BoundedSemaphore(MAX_LOOKUPS)


_lookups = threading.BoundedSemaphore(MAX_LOOKUPS)
os.register_at_fork(after_in_child=_start_afresh)
