"""Of one person's tries at one instant, one is looked at; with the race that happens without the lock."""

import re
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client

from aeghash.core import authentication
from aeghash.core.models import User
from tests.people import PASSWORD, make_staff
from tests.races import Interleaving

pytestmark = pytest.mark.django_db(transaction=True)

DOOR, CODE = "/admin/login/", "/admin/login/code/"
SAID = "Somebody is just being logged in with this e-mail from here."
ELSEWHERE = "203.0.113.9"


@pytest.fixture
def kim() -> User:
    return make_staff("kim", "support")


def show_password(email: str, password: str = "wrong", address: str = "127.0.0.1") -> Any:
    client = Client()
    client.cookies["django_language"] = "en"
    return client.post(DOOR, {"username": email, "password": password}, REMOTE_ADDR=address)


def during(first: str, second: dict[str, str], password: str = "wrong") -> tuple[Any, Any, bool]:
    """What each is answered when the second comes while the first is looked at, and whether it had to wait for that."""
    race = Interleaving(at="log-in: has its turn", grace=5.0)
    one, two = race.run(lambda: show_password(first, password), lambda: show_password(**second))
    assert (one.error, two.error) == (None, None)
    return one.value, two.value, race.second_had_to_wait


def failures() -> int:
    return sum(AccessAttempt.objects.values_list("failures_since_start", flat=True))


@pytest.mark.parametrize("written", ["kim@example.com", " KIM@example.com "])
def test_the_second_is_refused_at_once_and_neither_looked_at_nor_counted(kim: User, written: str) -> None:
    first, second, waited = during(kim.email, {"email": written, "password": PASSWORD})
    assert (first.status_code, second.status_code, waited) == (200, 429, False)
    assert SAID in second.content.decode()
    assert "sessionid" not in second.cookies
    assert failures() == 1


def test_control_without_the_lock_both_would_be_looked_at(kim: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authentication, "TAKE_TURN", "SELECT true OR %s = 0")
    _first, second, _waited = during(kim.email, {"email": kim.email, "password": PASSWORD})
    assert second["Location"] == CODE


def test_the_first_gets_in_whatever_comes_meanwhile(kim: User) -> None:
    first, second, _waited = during(kim.email, {"email": kim.email}, password=PASSWORD)
    assert (first["Location"], second.status_code) == (CODE, 429)
    assert failures() == 0


def test_the_next_has_its_turn_again(kim: User) -> None:
    during(kim.email, {"email": kim.email})
    assert show_password(kim.email, PASSWORD)["Location"] == CODE


def test_nobody_takes_a_persons_turn_from_elsewhere(kim: User) -> None:
    _first, second, waited = during(kim.email, {"email": kim.email, "password": PASSWORD, "address": ELSEWHERE})
    assert (second["Location"], waited) == (CODE, False)


def test_nor_a_colleagues(kim: User) -> None:
    lee = make_staff("lee", "support")
    _first, second, _waited = during(kim.email, {"email": lee.email, "password": PASSWORD})
    assert second["Location"] == CODE


def test_whether_somebody_exists_is_told_by_neither_answer(kim: User) -> None:
    """Both turns are taken before anybody is looked up, and held for the same work."""
    answers = {email: during(email, {"email": email}) for email in (kim.email, "nobody@example.com")}
    for position in (0, 1):
        told = {without_what_differs(found[position], email) for email, found in answers.items()}
        assert len(told) == 1


def without_what_differs(response: Any, email: str) -> tuple[int, str]:
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    return response.status_code, page.replace(email, "")


@pytest.mark.parametrize("who", ["kim@example.com", "nobody@example.com"])
def test_a_refused_try_costs_no_hash_whoever_it_is_for(kim: User, who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So it takes as long for somebody who doesn't exist."""
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def counting(hasher: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return str(encode(hasher, password, salt))

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    during(who, {"email": who, "password": "second"}, password="first")
    assert hashed == ["first"]
