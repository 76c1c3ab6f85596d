"""One context with all that was looked up for it: what the rules see, and nothing else."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from risk.addresses import IP
from risk.context import RiskContext
from risk.figures import Figures
from risk.models import ListEntry, ListKind, Target

T = TypeVar("T")


class NotLooked(Exception):
    """What a rule needs could not be looked up; its cause says why."""


@dataclass(frozen=True)
class Looked(Generic[T]):
    """What a look into the database gave, or why it gave nothing: then every rule that needs it fails, and says so."""

    value: T | None = None
    error: Exception | None = None

    def get(self) -> T:
        if self.error is not None:
            raise NotLooked from self.error
        assert self.value is not None, "looked up, or failed"
        return self.value


@dataclass(frozen=True)
class Listed:
    """The entries in effect that hold the request's addresses."""

    entries: Collection[ListEntry]

    def find(self, kind: ListKind, target: Target) -> ListEntry | None:
        return next((entry for entry in self.entries if (entry.kind, entry.target) == (kind, target)), None)


@dataclass(frozen=True)
class Sighting:
    """Of the member's device; None where it came without one that can be read."""

    first_seen_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Case:
    context: RiskContext
    figures: Figures
    decided_at: datetime
    ip: IP | None
    address: str | None
    device_id: str | None
    listed: Looked[Listed]
    knows_ip: Looked[bool]
    device: Looked[Sighting]

    def entry(self, kind: ListKind, target: Target) -> ListEntry | None:
        return self.listed.get().find(kind, target)
