"""Put an IP network or a payout address on the blocked or the trusted list."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.actors import acting_as, person
from aeghash.core.database_errors import translated
from aeghash.core.errors import Duplicate, Invalid
from aeghash.core.models import User
from aeghash.core.operations.record import record
from risk.addresses import Network, canonical_payout_address, parsed_network
from risk.models import ListEntry, ListKind, Target
from risk.queries import policy_at


class AlreadyListed(Duplicate):
    code = "already_listed"
    sentence = _("This is on the list already.")


def add_list_entry(
    *,
    kind: ListKind,
    target: Target,
    value: str,
    note: str,
    by: User,
    uid: str | None = None,
    valid_until: datetime | None = None,
) -> ListEntry:
    """A block is in effect at once; trust after the policy's delay, so that nobody trusts and is paid in one breath.

    Refuses what is no address or CIDR, an unknown member, an end that comes before the beginning, an empty note
    (`validation_error`), and what is on the list already (`already_listed`).
    """
    network, address = _parsed(target, value)
    now = clock.now()
    valid_from = now + delay_of_trust(now) if kind == ListKind.TRUSTED else now
    if not note.strip():
        raise Invalid(field="note", reason=_("Say why."))
    if valid_until is not None and valid_until <= valid_from:
        raise Invalid(field="valid_until", reason=_("comes before it would be in effect."))
    entry = ListEntry(
        kind=kind, target=target, network=network, address=address, user=_member(uid), note=note.strip(),
        valid_from=valid_from, valid_until=valid_until, created_at=now, created_by=by,
    )  # fmt: skip
    return _written(entry, by)


def delay_of_trust(at: datetime) -> timedelta:
    return timedelta(hours=policy_at(at).read().trust_delay_hours)


def _parsed(target: Target, value: str) -> tuple[Network | None, str]:
    return (parsed_network(value), "") if target == Target.IP else (None, canonical_payout_address(value))


def _member(uid: str | None) -> User | None:
    if not uid:
        return None
    user = User.objects.filter(uid=uid).first()
    if user is None:
        raise Invalid(field="uid", reason=_("is no member's number."))
    return user


def _written(entry: ListEntry, by: User) -> ListEntry:
    try:
        with translated(), transaction.atomic(), acting_as(person(by)):
            entry.save(force_insert=True)
            record("risk_list.added", of=entry, after=shown(entry), reason=entry.note)
    except Duplicate:
        raise AlreadyListed from None
    return entry


def shown(entry: ListEntry) -> dict[str, object]:
    named = {"kind": entry.kind, "target": entry.target, "user": entry.user_id}
    network = {} if entry.network is None else {"network": str(entry.network)}
    address = {"address": entry.address} if entry.address else {}
    return {**named, **network, **address, "valid_from": entry.valid_from, "valid_until": entry.valid_until}
