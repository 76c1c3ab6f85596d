"""Hash power: given, taken, explained."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from aeghash.core import clock
from aeghash.core.actors import acting_as, command
from aeghash.core.errors import Invalid, Refusal
from aeghash.core.models import AuditRow, User
from mining.models import Direction, Grant
from mining.operations import credit_hash_power as module
from mining.operations.credit_hash_power import EventTaken, NotEnoughPower, credit_hash_power
from mining.queries.power import explanation, hash_power
from tests.races import Interleaving

DAY = date(2026, 3, 1)


def make_user(name: str = "miner") -> User:
    return User.objects.create_user(f"{name}@example.com", uid=name)


def grant(user: User, power: str, **options: Any) -> Grant:
    with acting_as(command("test")):
        return credit_hash_power(
            **{"user": user, "hash": Decimal(power), "source": "mall", "starts_on": DAY, **options}
        )


@pytest.mark.django_db
def test_power_is_the_sum_of_the_grants_alive_on_the_day() -> None:
    user = make_user()
    first = grant(user, "100.5", ends_on=DAY + timedelta(days=10))
    second = grant(user, "20", starts_on=DAY + timedelta(days=2))
    third = grant(user, "0.5", direction=Direction.DEBIT, starts_on=DAY + timedelta(days=3))
    powers = [hash_power(user.pk, DAY + timedelta(days=n)) for n in (-1, 0, 2, 3, 9, 10)]
    assert powers == [Decimal(text) for text in ("0", "100.5", "120.5", "120", "120", "19.5")]
    assert explanation(user.pk, DAY + timedelta(days=3)) == [first, second, third]
    assert hash_power(make_user("other").pk, DAY) == 0


@pytest.mark.django_db
def test_a_grant_is_on_the_audit_trail() -> None:
    user = make_user()
    given = grant(user, "5", reason="bought")
    row = AuditRow.objects.get(object_type="mining.grant", object_id=str(given.pk))
    assert (row.verb, row.reason, row.after["hash"]) == ("hash_power.granted", "bought", "5")


@pytest.mark.django_db
def test_an_event_is_recorded_once_however_often_it_comes() -> None:
    user = make_user()
    first = grant(user, "5", event_id="e1")
    assert grant(user, "5.0", event_id="e1") == first
    with clock.steered(lambda: clock._system() + timedelta(days=3)):
        assert grant(user, "5", event_id="e1", starts_on=None) == first
    assert grant(user, "5", event_id="e1", source="staff") != first
    assert grant(user, "5") != grant(user, "5")
    assert Grant.objects.count() == 4


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change", [{"power": "6"}, {"app": "x"}, {"direction": Direction.DEBIT}, {"ends_on": date(2027, 1, 1)}]
)
def test_an_event_with_another_content_is_refused(change: dict[str, Any]) -> None:
    user = make_user()
    grant(user, "5", event_id="e1")
    with pytest.raises(EventTaken):
        grant(user, **{"power": "5", "event_id": "e1", **change})
    with pytest.raises(EventTaken):
        grant(make_user("other"), "5", event_id="e1")
    assert Grant.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "options",
    [{"power": "0"}, {"power": "-1"}, {"power": "NaN"}, {"power": "Infinity"}, {"power": "1e30"}, {"ends_on": DAY}],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        grant(make_user(), **{"power": "5", **options})
    assert not Grant.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("starts", "ends", "power", "is_taken"),
    [
        (0, None, "10", False),
        (0, 5, "10", True),
        (0, 6, "10", False),
        (4, 6, "5", True),
        (5, None, "5", True),
        (-1, 1, "1", False),
    ],
)
def test_a_debit_takes_no_more_than_there_is_on_each_of_its_days(
    starts: int, ends: int | None, power: str, is_taken: bool
) -> None:
    user = make_user()
    grant(user, "10", ends_on=DAY + timedelta(days=5))
    grant(user, "5", starts_on=DAY + timedelta(days=4))
    options = {
        "starts_on": DAY + timedelta(days=starts),
        "ends_on": None if ends is None else DAY + timedelta(days=ends),
        "direction": Direction.DEBIT,
    }
    if is_taken:
        grant(user, power, **options)
    else:
        with pytest.raises(NotEnoughPower):
            grant(user, power, **options)
    assert Grant.objects.count() == (3 if is_taken else 2)


def two_debits(user: User) -> list[bool]:
    def debit() -> bool:
        try:
            grant(user, "7", direction=Direction.DEBIT)
        except Refusal:
            return False
        return True

    outcomes = Interleaving(at="grant: checked", grace=0.3).run(debit, debit)
    assert [outcome.error for outcome in outcomes] == [None, None]
    return [outcome.value for outcome in outcomes]


@pytest.mark.django_db(transaction=True)
def test_two_debits_at_once_cannot_take_the_same_power(monkeypatch: pytest.MonkeyPatch) -> None:
    user, unlocked = make_user(), make_user("unlocked")
    for each in (user, unlocked):
        grant(each, "10")
    assert two_debits(user) == [True, False]
    assert hash_power(user.pk, DAY) == 3
    monkeypatch.setattr(module, "_lock", lambda _user: None)  # the negative control
    assert two_debits(unlocked) == [True, True]
    assert hash_power(unlocked.pk, DAY) == -4
