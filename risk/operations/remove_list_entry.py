"""Take an entry off its list."""

from django.db import transaction

from aeghash.core import clock
from aeghash.core.actors import acting_as, person
from aeghash.core.errors import NotFound
from aeghash.core.models import User
from aeghash.core.operations.record import record
from risk.models import ListEntry, ListKind
from risk.operations.add_list_entry import delay_of_trust


@transaction.atomic
def remove_list_entry(*, entry_id: int, by: User, reason: str = "") -> ListEntry:
    """Trust ends at once; a block goes on for the policy's delay, for to lift it is to trust. The row stays.

    Removed already: nothing changes. Refuses an unknown entry (`not_found`).
    """
    entry: ListEntry | None = ListEntry.with_deleted.select_for_update(of=("self",)).filter(pk=entry_id).first()
    if entry is None:
        raise NotFound
    if entry.deleted_at is None:
        with acting_as(person(by)):
            _end(entry, by, reason)
    return entry


def _end(entry: ListEntry, by: User, reason: str) -> None:
    now, before = clock.now(), entry.valid_until
    end = now + delay_of_trust(now) if entry.kind == ListKind.BLOCKED else now
    entry.deleted_at, entry.deleted_by = now, by
    entry.valid_until = end if before is None else min(before, end)
    entry.save(update_fields=["deleted_at", "deleted_by", "valid_until"])
    record("risk_list.removed", of=entry, before={"valid_until": before}, after={"valid_until": entry.valid_until},
           reason=reason)  # fmt: skip
