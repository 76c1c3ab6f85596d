"""The data folder: what is in it, who may use it, and when it is refused."""

import base64
import errno
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

FORMAT: Final = 1
MARKER: Final = "aeghash.json"
LEAST_FREE_MIB: Final = 300


class Refused(Exception):
    """The embedded servers can't be had here. The message is one sentence for whoever started us."""


class DataFolder:
    def __init__(self, path: Path) -> None:
        self.path = path
        with explained(path):
            self._check()
            path.mkdir(parents=True, exist_ok=True)
            self._check_disk()
            if not (path / MARKER).exists():
                self.write(MARKER, {"format": FORMAT})
        self.keys = self._keys()

    def read(self, name: str) -> dict[str, Any]:
        try:
            content = json.loads((self.path / name).read_text())
        except FileNotFoundError:
            return {}
        except (ValueError, UnicodeDecodeError) as error:
            raise Refused(f"{self.path / name} is half-written or not ours: move it away and start again.") from error
        return content if isinstance(content, dict) else {}

    def write(self, name: str, content: dict[str, Any]) -> None:
        """All or nothing, and readable by its owner alone."""
        target = self.path / name
        draft = self.path / f"{name}.{os.getpid()}.new"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(content, file)
        draft.replace(target)

    def log(self, name: str) -> Path:
        (self.path / "log").mkdir(exist_ok=True)
        return self.path / "log" / f"{name}.log"

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        lock = self.open_lock(name)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def hold(self, name: str, *, shared: bool = False) -> int | None:
        """The lock's descriptor, kept until the process ends; None if somebody else has it."""
        lock = self.open_lock(name)
        try:
            fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        return lock

    def use(self) -> None:
        """Count as a user of the servers until this process ends. Waits out a guardian that is just stopping one."""
        fcntl.flock(self.open_lock("users.lock"), fcntl.LOCK_SH)

    def open_lock(self, name: str) -> int:
        return os.open(self.path / name, os.O_RDWR | os.O_CREAT, 0o600)

    def _check(self) -> None:
        if self.path.exists() and not self.path.is_dir():
            raise Refused(f"{self.path} is a file, not a data folder.")
        marker = self.read(MARKER) if self.path.exists() else {}
        if self.path.exists() and not marker and any(self.path.iterdir()):
            raise Refused(f"{self.path} holds files that are not AEG Hash's: name an empty folder with --data-dir.")
        if marker and marker.get("format") != FORMAT:
            raise Refused(f"{self.path} was written by another version of AEG Hash.")

    def _check_disk(self) -> None:
        free = shutil.disk_usage(self.path).free // 2**20
        if free < LEAST_FREE_MIB:
            raise Refused(f"The disk is full: {self.path} has {free} MiB left, {LEAST_FREE_MIB} are needed.")

    def _keys(self) -> dict[str, str]:
        """The secrets of this folder's servers and of development, made once."""
        with explained(self.path), self.locked("keys.lock"):
            if not (self.path / "keys.json").exists():
                self.write("keys.json", _new_keys())
            return self.read("keys.json")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns what the file system says into a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise Refused(f"No write permission in {error.filename or path}.") from error
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Refused(f"The disk is full: nothing more can be written to {path}.") from error
        if isinstance(error, NotADirectoryError | FileExistsError):
            raise Refused(f"{error.filename or path} is a file, not a data folder.") from error
        raise


def _new_keys() -> dict[str, str]:
    names = ("owner_password", "application_password", "redis_password", "SECRET_KEY")
    keys = {name: secrets.token_urlsafe(48) for name in names}
    return {**keys, "FIELD_ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}
