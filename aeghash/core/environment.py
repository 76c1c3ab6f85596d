"""Settings from the environment, read strictly.

Every variable NAME may also come as NAME_FILE, the path of a file that holds it (a mounted secret). Nothing is guessed:
a value that can't be parsed is a problem, and so is one that production must have. Problems are collected and told
all at once, a line each, naming the variable and never its value.
"""

import base64
import ipaddress
import re
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

TRUE: Final = {"1", "true", "yes", "on"}
FALSE: Final = {"0", "false", "no", "off"}
DATABASE_SCHEMES: Final = ("postgresql", "postgres", "postgresql+psycopg", "postgresql+asyncpg")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
T = TypeVar("T")


class BadEnvironment(SystemExit):
    """Stops the start with exit status 2; the sentences have been printed by then."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(2)
        self.problems = problems


class Environment:
    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables
        self.problems: list[str] = []
        self.name = self.choice("APP_ENV", ("development", "production"), "development")

    @property
    def production(self) -> bool:
        # A misspelt APP_ENV is a problem by itself; until it is mended the stricter reading holds.
        return self.name != "development" or bool(self.problems)

    def raw(self, name: str, *, required: bool = False) -> str | None:
        value = self.variables.get(name) or self._from_file(name)
        if value is None and required and self.production:
            self.problem(name, "is missing, and production needs it")
        return value

    def text(self, name: str, default: str = "", *, required: bool = False) -> str:
        value = self.raw(name, required=required)
        return default if value is None else value

    def boolean(self, name: str, default: bool) -> bool:
        value = (self.raw(name) or str(default)).strip().lower()
        if value not in TRUE | FALSE:
            self.problem(name, "is neither true nor false")
        return value in TRUE

    def integer(self, name: str, default: int, *, least: int = 0, most: int = 10**9) -> int:
        value = self.raw(name)
        if value is None:
            return default
        if not (value.isascii() and value.isdigit() and least <= int(value[:12]) <= most):
            self.problem(name, f"is not a whole number from {least} to {most}")
            return default
        return int(value)

    def decimal(self, name: str) -> Decimal | None:
        value = self.raw(name)
        if value is None:
            return None
        if not re.fullmatch(r"(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?", value, re.ASCII):
            self.problem(name, "is not a decimal number")
            return None
        return Decimal(value)

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self.raw(name) or default
        if value not in choices:
            self.problem(name, f"is not one of: {', '.join(choices)}")
        return value

    def words(self, name: str, default: tuple[str, ...] = (), *, required: bool = False) -> list[str]:
        value = self.raw(name, required=required)
        return list(default) if value is None else [word.strip() for word in value.split(",") if word.strip()]

    def networks(self, name: str) -> list[Network]:
        return self._each(name, ipaddress.ip_network, "holds something that is no IP address or CIDR")

    def keys(self, name: str, *, required: bool = False) -> list[bytes]:
        """Base64 of 32 random bytes each, the newest first."""
        self.raw(name, required=required)
        return self._each(name, _key, "holds something that is not 32 bytes in base64")

    def web_url(self, name: str, default: str = "", *, required: bool = False) -> str:
        value = self.raw(name, required=required)
        if value is None:
            return default
        if not _is_web_url(value):
            self.problem(name, "is not an http or https URL")
        elif self.production and not _is_safe_web_url(value):
            self.problem(name, "is not an https URL, and would carry secrets in the clear")
        return value

    def url(self, name: str, schemes: tuple[str, ...], *, required: bool = False) -> str:
        value = self.raw(name, required=required) or ""
        if value and not _has_scheme(value, schemes):
            self.problem(name, f"is not a {schemes[0]}:// URL")
            return ""
        return value

    def problem(self, name: str, sentence: str) -> None:
        self.problems.append(f"{name} {sentence}.")

    def stop_if_bad(self) -> None:
        if self.problems:
            print("AEG Hash does not start:", *self.problems, sep="\n  ", file=sys.stderr)
            raise BadEnvironment(self.problems)

    def _from_file(self, name: str) -> str | None:
        path = self.variables.get(f"{name}_FILE")
        if not path:
            return None
        try:
            return Path(path).read_text(encoding="utf-8").rstrip("\r\n") or None
        except (OSError, UnicodeDecodeError):
            self.problem(f"{name}_FILE", "names a file that can't be read")
            return None

    def _each(self, name: str, parse: Callable[[str], T], sentence: str) -> list[T]:
        try:
            return [parse(word) for word in self.words(name)]
        except ValueError:
            self.problem(name, sentence)
            return []


def _key(word: str) -> bytes:
    key = base64.b64decode(word.replace("-", "+").replace("_", "/"), validate=True)
    if len(key) != 32:
        raise ValueError
    return key


def _has_scheme(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and bool(parts.path or parts.netloc) and parts.port != 0
    except ValueError:
        return False


def _is_web_url(value: str) -> bool:
    return _has_scheme(value, ("http", "https")) and bool(urlsplit(value).hostname)


def _is_safe_web_url(value: str) -> bool:
    parts = urlsplit(value)
    return parts.scheme == "https" or parts.hostname in ("127.0.0.1", "::1", "localhost")
