"""The one way to the ledger's functions in the database, and what they refuse.

Operations call it (`wallets.operations.post`, `hold`, `settle`, `release`, `post_many`, `raise_debt`), and so do
`Balance.lock` and `unlock`, which is why it stands among the models.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.actors import current_actor
from aeghash.core.audit.masking import masked_text
from aeghash.core.audit.values import plain_text
from aeghash.core.errors import Invalid, NotFound, Refusal
from aeghash.core.middleware import current_request_id
from aeghash.core.statements import one_row
from wallets.models.system_accounts import SystemAccount

Side = int | SystemAccount  # a member, by the user's id, or one of the company's own accounts


class InsufficientBalance(Refusal):
    code = "insufficient_balance"
    status = 422
    sentence = _("The available balance is not enough.")


class ReferenceUsed(Refusal):
    """The same cause was posted before with other contents: one of the two callers is wrong."""

    code = "reference_used"
    sentence = _("This reference stands for another transfer already.")


class HoldResolved(Refusal):
    code = "hold_resolved"
    sentence = _("What was held has been settled or released already.")


class UnknownHold(NotFound):
    sentence = _("There is no such hold.")


class UnknownAsset(NotFound):
    sentence = _("There is no such asset.")


class UnknownMember(NotFound):
    sentence = _("There is no such member.")


REFUSALS: Final[dict[str, type[Refusal]]] = {
    refusal.code: refusal for refusal in (InsufficientBalance, ReferenceUsed, HoldResolved)
} | {"unknown_hold": UnknownHold, "unknown_asset": UnknownAsset, "unknown_member": UnknownMember}

LONGEST_REFERENCE: Final = 200
# What a set-wise call raises; its message is a refusal's code.
LEDGER_REFUSES: Final = "LG001"

ENTRY: Final = "ROW(%s, %s, %s::numeric, %s::bigint, %s, %s::bigint, %s)::transfer_entry"
ACTOR: Final = "ROW(%s::timestamptz, %s, %s, %s, %s, %s)::posting_actor"
PUT: Final = f"SELECT id, refusal FROM ledger_put(%s, {ENTRY}, {ACTOR})"  # noqa: S608 - our own words
RESOLVE: Final = f"SELECT id, refusal FROM ledger_resolve(%s, %s, %s, %s::bigint, %s, {ACTOR})"  # noqa: S608
COLLECT: Final = f"SELECT taken, owed, refusal FROM ledger_collect({ENTRY}, {ACTOR})"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Entry:
    """One amount of one asset, from one side to another, and what caused it."""

    reference: str
    asset: str
    amount: Decimal
    source: Side
    target: Side

    def values(self) -> tuple[Any, ...]:
        if not isinstance(self.amount, Decimal):
            raise TypeError("an amount is a Decimal")
        return (whole(self.reference), self.asset, self.amount, *side(self.source), *side(self.target))


def whole(reference: str) -> str:
    """Some are lengthened (`debt:…`), which must not fail on the day a debt is paid."""
    if not 0 < len(reference) <= LONGEST_REFERENCE:
        raise ValueError(f"a reference has 1 to {LONGEST_REFERENCE} characters")
    return reference


def side(given: Side | None) -> tuple[int | None, str | None]:
    return (None, given.value) if isinstance(given, SystemAccount) else (given, None)


def put(kind: str, entry: Entry, reason: str = "") -> int:
    transfer_id, refusal = answer(PUT, (kind, *entry.values(), *actor(reason)))
    check(refusal)
    return int(transfer_id)


def resolve(kind: str, *, hold: int, reference: str, target: Side | None = None, reason: str = "") -> int:
    transfer_id, refusal = answer(RESOLVE, (kind, hold, whole(reference), *side(target), *actor(reason)))
    check(refusal)
    return int(transfer_id)


def collect(entry: Entry, reason: str) -> tuple[Decimal, Decimal]:
    taken, owed, refusal = answer(COLLECT, (*entry.values(), *actor(reason)))
    check(refusal)
    return taken, owed


def answer(sql: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
    row = one_row(sql, values)
    assert row is not None
    return row


def actor(reason: str) -> tuple[Any, ...]:
    """For the audit row, which the function writes along."""
    who = current_actor()
    said = plain_text(masked_text(reason)) if reason else ""
    return (clock.now(), str(who.kind), who.id, who.label, said, current_request_id())


def check(refusal: str | None) -> None:
    if refusal is None:
        return
    if refusal == "invalid_amount":
        raise Invalid(field="amount", reason=_("is no amount of this asset."))
    raise REFUSALS[refusal]


@contextmanager
def refusals_raised_by_the_database() -> Iterator[None]:
    """Around set-wise calls, and around SQL of one's own that calls `ledger_post_many`: typed refusals instead of errors.

    The transaction is spoilt by then: whoever means to go on in it needs a savepoint around this.
    """
    try:
        yield
    except DatabaseError as error:
        said = getattr(error.__cause__, "diag", None)
        if said is None or said.sqlstate != LEDGER_REFUSES:
            raise
        check(said.message_primary)
