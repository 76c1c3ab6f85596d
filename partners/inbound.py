"""What partners may ask to be done: each kind of call has a name, a way to read its body, and an operation.

Kept by name, so that a call that failed can be worked again from what was kept of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from aeghash.core.errors import Refusal
from partners.models import Partner, PartnerKey


@dataclass(frozen=True)
class Context:
    """For whom the work is done; `arguments` are of the call's address, `is_released` says that staff have looked at it."""

    partner: Partner
    arguments: Mapping[str, str] = field(default_factory=dict)
    is_released: bool = False


@dataclass(frozen=True)
class Answer:
    """`resource` is what the work made or touched, by kind and number. With a `refusal`, the answer is that, although what
    the work wrote is kept.
    """

    status: int
    body: dict[str, Any]
    resource: tuple[str, int]
    refusal: Refusal | None = None


@dataclass(frozen=True)
class Inbound:
    name: str
    read: Callable[[bytes], dict[str, Any]]
    work: Callable[..., Answer]  # of a Context and the body's values, by name


@dataclass(frozen=True)
class Asked:
    """One call, whose signature was good."""

    key: PartnerKey
    idempotency_key: str
    fingerprint: str
    inbound: Inbound
    path: str
    body: bytes
    arguments: Mapping[str, str] = field(default_factory=dict)
    call: int | None = None  # its row of the log
    is_released: bool = False

    @property
    def partner(self) -> Partner:
        return self.key.partner

    def context(self) -> Context:
        return Context(self.partner, self.arguments, self.is_released)


_kinds: Final[dict[str, Inbound]] = {}


def register(inbound: Inbound) -> Inbound:
    if _kinds.setdefault(inbound.name, inbound) is not inbound:
        raise ValueError(f"two kinds of calls are named {inbound.name}")
    return inbound


def named(name: str) -> Inbound:
    return _kinds[name]
