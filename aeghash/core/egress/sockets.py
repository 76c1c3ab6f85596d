"""Sockets that keep to the account of a call: each wait is cut to the time that is left, each byte counted.

The libraries' own time-outs are per wait: a remote that sends a byte a second never runs into them.
"""

import errno
import functools
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from aeghash.core.egress.addresses import Address, look_up
from aeghash.core.egress.exchange import Exchange
from aeghash.core.egress.failures import Reason, Stopped

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


class GuardedSocket(socket.socket):
    """Guarded in `send`, `sendall` and `recv_into`, which is all that the libraries use of it."""

    exchange: Exchange

    def send(self, data: "ReadableBuffer", flags: int = 0, /) -> int:
        self.settimeout(self.exchange.left())
        # Before the attempt: an error can come after some bytes have gone.
        self.exchange.sent = True
        with _failures_named():
            return super().send(data, flags)

    def sendall(self, data: "ReadableBuffer", flags: int = 0, /) -> None:
        rest = memoryview(data).cast("B")
        while rest:
            rest = rest[self.send(rest, flags) :]

    def recv_into(self, buffer: "WriteableBuffer", nbytes: int | None = None, flags: int = 0) -> int:
        room = min(nbytes or memoryview(buffer).nbytes, self.exchange.room())
        self.settimeout(self.exchange.left())
        with _failures_named():
            count = super().recv_into(buffer, room, flags)
        self.exchange.note_received(count)
        return count


class GuardedTLSSocket(GuardedSocket, ssl.SSLSocket):
    pass


@contextmanager
def _failures_named() -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise Stopped(Reason.TIMEOUT) from None
    except ssl.SSLError as error:
        raise Stopped(Reason.TLS, error.reason or "") from None
    except OSError as error:
        raise Stopped(Reason.RESET, _errno_name(error)) from None


def connect(host: str, port: int, exchange: Exchange) -> GuardedSocket:
    """To the first address that answers. Each gets an equal part of the time, lest a dead one use up all."""
    addresses = look_up(host, port, exchange)
    failure = Stopped(Reason.DNS, "no address")
    for index, address in enumerate(addresses):
        seconds = exchange.left(Reason.CONNECT_TIMEOUT) / (len(addresses) - index)
        try:
            return _connected(address, seconds, exchange)
        except OSError as error:
            failure = _not_connected(error)
    raise failure


def start_tls(plain: GuardedSocket, host: str, context: ssl.SSLContext) -> GuardedTLSSocket:
    """The handshake: it verifies the remote, and none of the request has left when it fails."""
    exchange = plain.exchange
    try:
        plain.settimeout(exchange.left(Reason.TLS_TIMEOUT))
        secured = context.wrap_socket(plain, server_hostname=host)
    except TimeoutError:
        raise Stopped(Reason.TLS_TIMEOUT) from None
    except (OSError, ValueError) as error:
        raise Stopped(Reason.TLS, _tls_detail(error)) from None
    finally:
        # Once it is wrapped this object owns no descriptor any more; until then it must not leak one.
        plain.close()
    assert isinstance(secured, GuardedTLSSocket)
    if secured.version() is None:  # lost before the handshake, for which the library leaves it out
        secured.close()
        raise Stopped(Reason.TLS, "no handshake")
    secured.exchange = exchange
    return secured


@functools.cache
def tls_context(ca_file: str) -> ssl.SSLContext:
    # Not `create_default_context`: that one writes the session keys to a file if the environment says so.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.load_verify_locations(cafile=ca_file)
    context.sslsocket_class = GuardedTLSSocket
    return context


def _connected(address: Address, seconds: float, exchange: Exchange) -> GuardedSocket:
    sock = GuardedSocket(address.family, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect(address.sockaddr)
    except BaseException:
        sock.close()
        raise
    sock.exchange = exchange
    return sock


def _not_connected(error: OSError) -> Stopped:
    if isinstance(error, TimeoutError):
        return Stopped(Reason.CONNECT_TIMEOUT)
    if isinstance(error, ConnectionRefusedError):
        return Stopped(Reason.REFUSED)
    return Stopped(Reason.UNREACHABLE, _errno_name(error))


def _tls_detail(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, ssl.SSLError):
        return error.reason or ""
    return _errno_name(error) if isinstance(error, OSError) else type(error).__name__


def _errno_name(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, type(error).__name__)
