"""The kill switch: on by one, off by two, and read from the database each time."""

import io
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command

from aeghash.core.actors import acting_as, job, person
from aeghash.core.errors import Invalid
from aeghash.core.models import AuditRow, KillSwitch, Proposal, User
from aeghash.core.operations.set_kill_switch import engage_kill_switch, lift_kill_switch
from aeghash.core.queries import kill_switch
from tests.core.audit.trail import run
from tests.database import Owner

pytestmark = pytest.mark.django_db


def staff(name: str, *rights: str, **fields: Any) -> User:
    user = User.objects.create_user(f"{name}@aeghash.example", **{"is_admin": True, **fields})
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return user


@pytest.fixture
def first() -> User:
    return staff("first", "engage_kill_switch", "lift_kill_switch")


@pytest.fixture
def second() -> User:
    return staff("second", "lift_kill_switch")


@pytest.fixture
def engaged() -> None:
    with acting_as(job("test")):
        engage_kill_switch(reason="payouts look wrong")


def recorded() -> list[tuple[str, str, str, str]]:
    rows = AuditRow.objects.filter(verb__startswith="kill_switch").order_by("id")
    return [(row.verb, row.actor_kind, row.actor_id, row.reason) for row in rows]


def off(*words: str) -> tuple[int, Any]:
    return run("kill_switch", "off", "--reason", "all is well", *words)


def test_at_first_it_is_off() -> None:
    assert not kill_switch.is_on()
    assert run("kill_switch", "status")[1]["on"] is False


def test_a_person_stops_submissions_at_once_and_it_is_recorded(first: User) -> None:
    with acting_as(person(first)):
        engage_kill_switch(reason="payouts look wrong")
    assert kill_switch.is_on()
    assert recorded() == [("kill_switch.engaged", "person", str(first.pk), "payouts look wrong")]
    row = AuditRow.objects.get()
    assert (row.before, row.after) == ({"is_on": False}, {"is_on": True})


def test_again_changes_nothing(engaged: None) -> None:
    with acting_as(job("test")):
        engage_kill_switch(reason="another")
    assert KillSwitch.objects.get().reason == "payouts look wrong"
    assert len(recorded()) == 1


def test_lifting_it_is_recorded_and_again_changes_nothing(engaged: None) -> None:
    with acting_as(job("test")):
        lift_kill_switch(reason="all is well")
        lift_kill_switch(reason="once more")
    assert not kill_switch.is_on()
    assert [verb for verb, *_ in recorded()] == ["kill_switch.engaged", "kill_switch.lifted"]


@pytest.mark.parametrize("act", [engage_kill_switch, lift_kill_switch])
def test_without_a_reason_nothing_happens(act: Any) -> None:
    before = KillSwitch.objects.values().get()
    with pytest.raises(Invalid), acting_as(job("test")):
        act(reason="  ")
    assert KillSwitch.objects.values().get() == before
    assert recorded() == []


@pytest.mark.django_db(transaction=True)
def test_what_another_connection_has_switched_is_seen_at_once(owner: Owner) -> None:
    assert not kill_switch.is_on()
    owner.execute("UPDATE kill_switch SET is_on = true")
    assert kill_switch.is_on()
    owner.execute("DELETE FROM kill_switch")
    assert kill_switch.is_on(), "whatever took the row away, nothing may be submitted"


def test_a_command_stops_submissions_in_its_own_name() -> None:
    status, answer = run("kill_switch", "on", "--reason", "payouts look wrong")
    assert (status, answer["on"], answer["reason"]) == (0, True, "payouts look wrong")
    assert kill_switch.is_on()
    assert recorded() == [("kill_switch.engaged", "system", "manage.py kill_switch", "payouts look wrong")]


def test_a_command_stops_submissions_in_a_persons_name(first: User) -> None:
    assert run("kill_switch", "on", "--reason", "stop", "--by", first.email)[0] == 0
    assert recorded() == [("kill_switch.engaged", "person", str(first.pk), "stop")]


def test_two_people_let_submissions_go_on(engaged: None, first: User, second: User) -> None:
    assert off("--by", first.email, "--second", second.email.upper())[0] == 0
    assert not kill_switch.is_on()
    verb, kind, actor, reason = recorded()[-1]
    assert (verb, kind, actor, reason) == ("kill_switch.lifted", "person", str(second.pk), "all is well")
    proposal = Proposal.objects.get()
    assert (proposal.proposed_by, proposal.decided_by, proposal.status) == (first, second, "executed")


@pytest.mark.parametrize(
    ("by", "agreed_by", "code"),
    [
        ("first", "first", "same_approver"),
        ("first", "without-right", "permission_denied"),
        ("without-right", "second", "permission_denied"),
        ("first", "inactive", "not_found"),
        ("first", "no-staff", "not_found"),
        ("first", "nobody", "not_found"),
    ],
)
def test_two_people_who_are_not_two_entitled_ones_are_refused(
    engaged: None, first: User, second: User, by: str, agreed_by: str, code: str
) -> None:
    staff("without-right", "engage_kill_switch")
    staff("inactive", "lift_kill_switch", is_active=False)
    staff("no-staff", "lift_kill_switch", is_admin=False)
    status, answer = off("--by", f"{by}@aeghash.example", "--second", f"{agreed_by}@aeghash.example")
    assert (status, answer["code"]) == (1, code)
    assert kill_switch.is_on()
    assert len(recorded()) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("on",),
        ("on", "--reason", " "),
        ("off", "--reason", "all is well"),
        ("off", "--reason", "all is well", "--by", "first@aeghash.example"),
        ("off", "--by", "first@aeghash.example", "--second", "second@aeghash.example"),
    ],
)
def test_a_missing_word_is_misuse(engaged: None, first: User, second: User, words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError) as misuse:
        call_command("kill_switch", *words)
    assert misuse.value.returncode == 2
    assert kill_switch.is_on()
    assert len(recorded()) == 1


def test_its_sentence_says_how_it_stands(engaged: None) -> None:
    out = io.StringIO()
    call_command("kill_switch", "status", stdout=out)
    assert "on: nothing is submitted" in out.getvalue()
    assert "payouts look wrong" in out.getvalue()
