"""What weakens waits, what strengthens is immediate; and nothing is forgotten."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from aeghash.core import clock
from aeghash.core.errors import Invalid, NotFound
from aeghash.core.models import AuditRow, User
from risk.addresses import canonical_payout_address
from risk.models import ListEntry, ListKind, Target
from risk.operations.add_list_entry import AlreadyListed, add_list_entry
from risk.operations.remove_list_entry import remove_list_entry
from risk.queries import blocking_entry, trusting_entry
from tests.races import run_together
from tests.risk.contexts import ADDRESS, MICROSECOND, NOW, make_member

pytestmark = pytest.mark.django_db

DELAY = timedelta(hours=24)


@pytest.fixture
def clerk(db: None) -> User:
    return make_member("clerk")


def add(by: User, kind: ListKind = ListKind.BLOCKED, at: datetime = NOW, **given: Any) -> ListEntry:
    with clock.steered(lambda: at):
        return add_list_entry(
            **{"kind": kind, "target": Target.ADDRESS, "value": ADDRESS, "note": "why", "by": by, **given}
        )


def test_a_block_is_in_effect_at_once_and_trust_after_the_delay(clerk: User) -> None:
    blocked, trusted = add(clerk), add(clerk, ListKind.TRUSTED)

    def at(moment: datetime) -> tuple[ListEntry | None, ListEntry | None]:
        asked: dict[str, Any] = {"user_id": clerk.pk, "address": ADDRESS.lower(), "at": moment}
        return blocking_entry(**asked), trusting_entry(**asked)

    assert at(NOW - MICROSECOND) == (None, None)
    assert at(NOW) == (blocked, None)
    assert at(NOW + DELAY - MICROSECOND) == (blocked, None)
    assert at(NOW + DELAY) == (blocked, trusted)


def test_trust_ends_at_once_and_a_block_after_the_delay(clerk: User) -> None:
    blocked, trusted = add(clerk), add(clerk, ListKind.TRUSTED)
    later = NOW + timedelta(days=9)
    with clock.steered(lambda: later):
        for entry in (blocked, trusted):
            remove_list_entry(entry_id=entry.pk, by=clerk, reason="a mistake")
    assert not ListEntry.objects.exists()
    for entry, end in ((blocked, later + DELAY), (trusted, later)):
        kept = ListEntry.with_deleted.get(pk=entry.pk)
        assert (kept.deleted_at, kept.deleted_by, kept.valid_until) == (later, clerk, end)
        assert (kept.is_in_effect(end - MICROSECOND), kept.is_in_effect(end)) == (True, False)
    assert blocking_entry(user_id=1, address=ADDRESS, at=later + DELAY - MICROSECOND) is not None
    assert blocking_entry(user_id=1, address=ADDRESS, at=later + DELAY) is None
    assert [row.verb for row in AuditRow.objects.order_by("pk")] == ["risk_list.added"] * 2 + ["risk_list.removed"] * 2


def test_removing_never_makes_an_entry_last_longer(clerk: User) -> None:
    end = NOW + timedelta(hours=1)
    entry = add(clerk, valid_until=end)
    with clock.steered(lambda: NOW):
        assert remove_list_entry(entry_id=entry.pk, by=clerk).valid_until == end


def test_removing_twice_changes_nothing(clerk: User) -> None:
    entry = add(clerk)
    with clock.steered(lambda: NOW):
        remove_list_entry(entry_id=entry.pk, by=clerk)
    before = ListEntry.with_deleted.values().get()
    with clock.steered(lambda: NOW + DELAY):
        remove_list_entry(entry_id=entry.pk, by=make_member("other"))
    assert ListEntry.with_deleted.values().get() == before
    with pytest.raises(NotFound):
        remove_list_entry(entry_id=4711, by=clerk)


def test_the_same_twice_is_refused_and_may_come_back_once_removed(clerk: User) -> None:
    entry = add(clerk)
    with pytest.raises(AlreadyListed):
        add(clerk, value=ADDRESS.upper().replace("X", "x"))
    add(clerk, uid="clerk")
    add(clerk, ListKind.TRUSTED)
    remove_list_entry(entry_id=entry.pk, by=clerk)
    add(clerk)
    assert (ListEntry.objects.count(), ListEntry.with_deleted.count()) == (3, 4)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"target": Target.IP, "value": "203.0.113.9/24"}, "value"), ({"target": Target.IP, "value": "203.0.113"}, "value"),
        ({"target": Target.IP, "value": "x"}, "value"), ({"target": Target.IP, "value": ""}, "value"),
        ({"target": Target.IP, "value": "::/0"}, "value"), ({"target": Target.IP, "value": "::ffff:0:0/95"}, "value"),
        ({"target": Target.IP, "value": "fe80::1%eth0"}, "value"), ({"target": Target.IP, "value": "1.2.3.4/33"}, "value"),
        ({"value": ""}, "value"), ({"value": "a b"}, "value"), ({"value": "한글"}, "value"), ({"value": "x" * 129}, "value"),
        ({"uid": "nobody"}, "uid"), ({"note": " "}, "note"), ({"valid_until": NOW}, "valid_until"),
        ({"kind": ListKind.TRUSTED, "valid_until": NOW + DELAY}, "valid_until"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(clerk: User, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        add(clerk, **given)
    assert refusal.value.parameters["field"] == field
    assert not ListEntry.with_deleted.exists()
    assert not AuditRow.objects.exists()


def test_an_entry_is_never_changed_nor_taken_away(clerk: User) -> None:
    entry = add(clerk)
    for change in ({"address": canonical_payout_address("x")}, {"kind": "trusted"}, {"valid_from": NOW + DELAY}):
        with pytest.raises(DatabaseError), transaction.atomic():
            ListEntry.objects.filter(pk=entry.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        ListEntry.with_deleted.all()._raw_delete("default")
    with clock.steered(lambda: NOW):
        remove_list_entry(entry_id=entry.pk, by=clerk)
    with pytest.raises(DatabaseError), transaction.atomic():
        ListEntry.with_deleted.update(deleted_at=None, deleted_by=None, valid_until=None)


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_make_one_entry() -> None:
    clerks = [make_member("clerk"), make_member("other")]
    network: dict[str, Any] = {"kind": ListKind.BLOCKED, "target": Target.IP, "value": "203.0.113.0/24", "note": "x"}
    outcomes = run_together(*(partial(add_list_entry, **network, by=by) for by in clerks))
    assert sorted(type(outcome.error).__name__ for outcome in outcomes) == ["AlreadyListed", "NoneType"]
    assert ListEntry.objects.count() == AuditRow.objects.count() == 1
