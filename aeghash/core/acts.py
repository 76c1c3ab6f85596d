"""Acts that take two people. An app declares its acts here; the proposals carry them out without knowing them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.utils.functional import Promise

Content = Mapping[str, Any]
DAY: Final = timedelta(hours=24)


def nobody(_content: Content) -> Iterable[int]:
    return ()


def nothing(_content: Content) -> Any:
    return None


@dataclass(frozen=True)
class Act:
    """What is to be done, who may ask for it, who may agree, and how it is done.

    `execute` runs in the approval's transaction, so it happens with the approval or not at all; what goes outside it
    leaves to a durable job. `seen` is what the proposer saw of the world (a version, an old value): if that has changed
    by the approval, the proposal no longer says what would happen, and is refused. `raises` names the users whose own
    rights the act touches: they can neither propose nor approve it.
    """

    kind: str
    label: str | Promise
    may_propose: str
    may_approve: str
    execute: Callable[[Content], Any]
    describe: Callable[[Content], Mapping[Any, Any]]
    seen: Callable[[Content], Any] = nothing
    raises: Callable[[Content], Iterable[int]] = nobody
    lasts: timedelta = DAY


_acts: dict[str, Act] = {}


def declare(act: Act) -> Act:
    if _acts.setdefault(act.kind, act) is not act:
        raise ValueError(f"two acts are called {act.kind}")
    return act


def find(kind: str) -> Act:
    return _acts[kind]


def declared() -> list[Act]:
    return list(_acts.values())
