"""What the two models share: one door in, a clock, chance, and rules of access."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice
from typing import Any, ClassVar, NamedTuple, Protocol, Self

from aeghash.sandbox.access import Access
from aeghash.sandbox.amounts import exact, milliseconds
from aeghash.sandbox.chain.callbacks import Callback
from aeghash.sandbox.chance import Chance
from aeghash.sandbox.faults.kinds import Fault, quirk
from aeghash.sandbox.jsontext import JsonObject
from aeghash.sandbox.refusals import Misuse, Refused
from aeghash.sandbox.timeline import DAY, SECOND, Clock, Timeline, system_clock

Arguments = Mapping[str, Any]

MOST_DAYS_AT_ONCE = 3660


@dataclass(frozen=True)
class Call:
    """A call as the model sees it: what was asked, and how this deed differs from the usual."""

    arguments: Arguments
    quirks: Sequence[Fault] = ()

    def get(self, name: str, usual: Any = None) -> Any:
        return self.arguments.get(name, usual)

    def quirk(self, kind: str) -> Fault | None:
        return quirk(self.quirks, kind)


Answering = Callable[[Call], JsonObject]


class Entries(Protocol):
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __reversed__(self) -> Iterator[Any]: ...


class Chapter(NamedTuple):
    """A part of the books with many rows: the entries, oldest first, and how one is written."""

    entries: Entries
    row: Callable[[Any], JsonObject]

    def rows(self) -> list[JsonObject]:
        return [self.row(entry) for entry in self.entries]

    def newest(self, count: int) -> list[JsonObject]:
        """Return the last rows, newest first, without writing the others."""
        return [self.row(entry) for entry in islice(reversed(self.entries), count)]


class Model(ABC):
    """A remote as it would be on a good day. The faults of the network are another layer's.

    Deterministic: the same seed, clock and calls lead to the same answers and the same books.
    """

    name: ClassVar[str]
    path: ClassVar[str]
    key_header: ClassVar[str]
    verdict: ClassVar[str]
    """The field of an answer that says `yes` or `no`."""
    yes: ClassVar[int]
    no: ClassVar[int]

    def __init__(self, *, seed: int, clock: Clock = system_clock, access: Access | None = None) -> None:
        self.seed = seed
        self.clock = clock
        self.chance = Chance(seed)
        self.timeline = Timeline(clock)
        self.access = access or Access()
        self.methods: dict[str, Answering] = {}

    @exact
    def call(
        self,
        method: str,
        arguments: Arguments,
        *,
        key: str | None = "sandbox",
        address: str = "127.0.0.1",
        quirks: Sequence[Fault] = (),
    ) -> JsonObject:
        """Do what the method says and return the remote's answer, which may be a refusal.

        `quirks` are those faults that change the deed itself (a callback that never comes, a late listing).
        """
        self.timeline.catch_up()
        try:
            self.access.check(key=key, address=address, method=method)
            return {self.verdict: self.yes, **self._method(method)(Call(arguments, quirks))}
        except Refused as refused:
            return self.refusal(refused.message)

    def _method(self, name: str) -> Answering:
        if name not in self.methods:
            raise Refused("Unknown Method")
        return self.methods[name]

    def refusal(self, message: str) -> JsonObject:
        """Return an answer that says no."""
        return {self.verdict: self.no, "message": message}

    def succeeded(self, answer: JsonObject) -> bool:
        """Say whether an answer of this remote says yes."""
        return bool(answer[self.verdict] == self.yes)

    def fields(self, answer: JsonObject) -> JsonObject:
        """Return the part of an answer that holds ids and amounts."""
        return answer

    # Time

    @exact
    def advance(self, seconds: int | float | Decimal) -> None:
        """Move this remote's clock on, and do all that falls due on the way."""
        span = milliseconds(seconds)
        if span is None or span > MOST_DAYS_AT_ONCE * DAY:
            raise Misuse(f"seconds must be from 0 to {MOST_DAYS_AT_ONCE} days")
        self.timeline.advance(span)

    def turn_days(self, days: int) -> None:
        self.advance(days * DAY // SECOND)

    @exact
    def catch_up(self) -> None:
        """Do what has fallen due by now. Every call does so first; a server does it in between, too."""
        self.timeline.catch_up()

    def next_due(self) -> int | None:
        """Return when, by this remote's clock, something happens by itself next."""
        return self.timeline.next_due()

    def take_callbacks(self) -> list[Callback]:
        """Return the callbacks that are due, each once, for their owner to deliver."""
        return []

    # Steering and looking

    def change_access(self, **changes: Any) -> None:
        self.access = replace(self.access, **changes)

    @exact
    def books(self) -> JsonObject:
        """Return what the remote really did, as JSON."""
        self.timeline.catch_up()
        chapters = {name: chapter.rows() for name, chapter in self.chapters().items()}
        return {**self.summary(), **chapters}

    def summary(self) -> JsonObject:
        """Return what of the books is a single value."""
        return {"remote": self.name, "seed": self.seed, "now": self.timeline.now}

    @abstractmethod
    def chapters(self) -> dict[str, Chapter]:
        """Return the parts of the books that are tables."""

    @abstractmethod
    def anew(self, seed: int) -> Self:
        """Return this model as it began, under another seed."""

    @abstractmethod
    def change_settings(self, changes: Mapping[str, Any]) -> None:
        """Take new values for some of the settings the model was begun with."""
