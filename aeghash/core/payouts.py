"""What a payout may come to, in the words of its owner, whichever remote pays it.

HashDam and MBlock take no idempotency key: "exactly once" can't be had from them. So a call that moves money ends in one
of four outcomes, and only two of them say that nothing has moved. A channel is what speaks to one remote in these words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol, TypeAlias

Evidence: TypeAlias = Mapping[str, Any]
"""JSON-able, without secrets: it is committed, and people read it."""


@dataclass(frozen=True, slots=True)
class NotSent:
    """No byte of the request has left: the remote can't have acted on it. Safe to try again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The remote has taken it and named it. Not yet proof that anybody was paid."""

    remote_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The remote has said no, in words of its contract's closed list: nothing has moved, and nothing will.

    `passing`: the same request may be taken later (a key or an address not yet let in), so it may be tried again.
    """

    reason: str
    passing: bool


@dataclass(frozen=True, slots=True)
class Unknown:
    """Everything else, a crash included: the remote may have paid, may be about to, or may not. Never resent, and
    never given up by the machine without proof.
    """

    reason: str


Outcome: TypeAlias = NotSent | Accepted | Refused | Unknown


@dataclass(frozen=True, slots=True)
class Settled:
    """The remote shows it as paid, and what it shows is ours in every particular."""

    remote_id: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Failed:
    """The remote shows that it was not paid, and never will be."""

    remote_id: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Found:
    """The remote has it under this id, and isn't done with it: an unknown attempt may be bound to it."""

    remote_id: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class NothingYet:
    """Nothing is known now that wasn't before. Look again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """No further look will tell: people must. The evidence is what they start from."""

    reason: str
    evidence: Evidence = field(default_factory=dict)


Finding: TypeAlias = Settled | Failed | Found | NothingYet | Ambiguous


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What is to be paid, once. `reference` names this one attempt for ever; `address` is empty where the remote pays
    into an account of its own choosing.
    """

    reference: str
    asset: str
    amount: Decimal
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A payment with the mark that `prepare` left: both are committed before the socket opens."""

    payment: Payment
    mark: Evidence


class NotReady(Exception):
    """There is no attempt yet: the remote can't be read, or what pays is busy. Nothing has begun; come back later."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Channel(Protocol):
    """One remote that pays. The order is its caller's duty:

    mark = channel.prepare(payment)             # in no transaction: it may read the remote
    with transaction:                           # the claim
        store(attempt); channel.begin(attempt)
    outcome = channel.submit(attempt)           # in no transaction, at most once for each attempt
    with transaction: store(outcome)
    finding = channel.look(attempt, remote_id)  # later, as often as one likes
    """

    name: str

    def prepare(self, payment: Payment) -> Evidence:
        """Where the remote's history stands, so that what comes later can be told from what was there. Raises NotReady."""

    def begin(self, attempt: Attempt) -> None:
        """In the claim's transaction: reserves what may carry one call at a time. Raises NotReady; then the claim must
        be rolled back.
        """

    def submit(self, attempt: Attempt) -> Outcome:
        """The one call. Never raises for what the remote does."""

    def look(self, attempt: Attempt, remote_id: str = "") -> Finding:
        """What is known now. `remote_id` is what an outcome, an earlier look or two people have given."""

    def prove(self, attempt: Attempt, remote_id: str) -> Finding:
        """Whether the remote's row of that id is this payout. Reads and compares only: one person's word changes nothing."""

    def abandon(self, attempt: Attempt) -> None:
        """In a transaction: it is settled that nothing was sent, so what `begin` reserved is free again. Raises NotReady
        where the channel knows better: the remote has it, or a call may still be under way.
        """
