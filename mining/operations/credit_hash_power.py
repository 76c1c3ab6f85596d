"""Give a member hash power, or take some."""

from datetime import date
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.checkpoints import checkpoint
from aeghash.core.errors import Invalid, NotFound, Refusal
from aeghash.core.models import User
from aeghash.core.money import format_amount
from aeghash.core.operations.record import record
from mining.models import Direction, Grant
from mining.queries.power import least_power

STAFF: Final = "staff"
MOST_HASH: Final = Decimal(10) ** 12  # far above any pool: beyond it somebody has mistaken the unit


class NotEnoughPower(Refusal):
    code = "insufficient_hash_power"
    sentence = _("Only %(available)s MH/s can be taken on every day of that time.")


class EventTaken(Refusal):
    code = "event_conflict"
    sentence = _("This event has been recorded already, with another content.")


@transaction.atomic
def credit_hash_power(
    *,
    user: User,
    hash: Decimal,  # noqa: A002 - the contract's word
    direction: Direction = Direction.CREDIT,
    source: str,
    event_id: str | None = None,
    app: str = "",
    reason: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Grant:
    """Alive from `starts_on` (today) up to and not with `ends_on` (for ever), UTC.

    The same event of the same source again changes nothing. Refuses: a bad amount or time (`validation_error`), a debit
    above what is there on any of its days (`insufficient_hash_power`), the event with another content (`event_conflict`).
    Days whose income has been given out stay as they are, whatever is dated back to them.
    """
    wanted = Grant(
        user=user, hash=hash, direction=direction, source=source, event_id=event_id or None, app=app, reason=reason,
        starts_on=starts_on or clock.today(), ends_on=ends_on,
    )  # fmt: skip
    _check(wanted)
    _lock(user)
    known = Grant.objects.filter(source=source, event_id=event_id).first() if event_id else None
    if known is not None:
        return _same(known, wanted, is_start_given=starts_on is not None)
    if direction == Direction.DEBIT:
        _check_there_is_enough(wanted)
    wanted.save(force_insert=True)
    record("hash_power.granted", of=wanted, after=_content(wanted) | {"user": user.pk, "source": source}, reason=reason)
    return wanted


def _check(wanted: Grant) -> None:
    if not (wanted.hash.is_finite() and 0 < wanted.hash <= MOST_HASH):
        raise Invalid(field="hash", reason=_("must be more than zero, in MH/s."))
    if wanted.ends_on is not None and wanted.ends_on <= wanted.starts_on:
        raise Invalid(field="ends_on", reason=_("must be later than the start."))


def _lock(user: User) -> None:
    """All of a member's grants are written one after the other: two debits at once could take the same power."""
    if User.objects.select_for_update(of=("self",), no_key=True).filter(pk=user.pk).first() is None:
        raise NotFound


def _same(known: Grant, wanted: Grant, *, is_start_given: bool) -> Grant:
    """Without a start of its own, a repetition tomorrow still means the day of the first time."""
    if not is_start_given:
        wanted.starts_on = known.starts_on
    if _content(known) != _content(wanted) or known.user_id != wanted.user_id:
        raise EventTaken
    return known


def _content(grant: Grant) -> dict[str, object]:
    names = ("hash", "direction", "event_id", "app", "starts_on", "ends_on")
    return {name: getattr(grant, name) for name in names}


def _check_there_is_enough(wanted: Grant) -> None:
    available = max(least_power(wanted.user_id, wanted.starts_on, wanted.ends_on), Decimal())
    if wanted.hash > available:
        raise NotEnoughPower(available=format_amount(available, 0))
    checkpoint("grant: checked")
