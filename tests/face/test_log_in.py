"""The way in: who gets in with what, what is said to whom who doesn't, and for how long."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import thread_time
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from aeghash.core import clock
from aeghash.core.models import AuditRow, LogIn, TotpDevice, User
from aeghash.core.operations.change_password import change_password
from aeghash.core.operations.enrol_second_factor import renew_recovery_codes
from tests.face.world import code
from tests.people import KEY, PASSWORD

pytestmark = pytest.mark.django_db

HOME, DOOR, CODE, ENROLMENT = "/admin/", "/admin/login/", "/admin/login/code/", "/admin/login/authenticator/"
ELSEWHERE = "203.0.113.9"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)


@pytest.fixture
def kim(staff: Callable[..., User]) -> User:
    return staff("kim", "support")


def show_password(client: Client, user: User | str, password: str = PASSWORD, **extra: Any) -> Any:
    email = user if isinstance(user, str) else user.email
    return client.post(DOOR, {"username": email, "password": password}, **extra)


def log_in(client: Client, user: User, shown: str = "", **extra: Any) -> Any:
    show_password(client, user, **extra)
    return client.post(CODE, {"code": shown or code()}, **extra)


def is_in(client: Client) -> bool:
    return bool(client.get(HOME).status_code == 200)


@contextmanager
def later(**by: int) -> Iterator[None]:
    """For the product's clock and for axes, which asks the system's."""
    then = clock.now() + timedelta(**by)
    with time_machine.travel(then, tick=True):
        yield


def test_password_and_code_open_the_door(client: Client, kim: User) -> None:
    assert show_password(client, kim)["Location"] == CODE
    assert not is_in(client)
    assert client.post(CODE, {"code": code()})["Location"] == HOME
    assert is_in(client)


def test_a_password_alone_opens_nothing(client: Client, kim: User) -> None:
    show_password(client, kim)
    assert "_auth_user_id" not in client.session
    for url in ("/admin/", "/admin/core/job/", "/admin/me/password/", "/admin/me/tokens/"):
        assert client.get(url)["Location"].startswith(DOOR)


def test_a_wrong_password_opens_nothing(client: Client, kim: User) -> None:
    response = show_password(client, kim, "wrong")
    assert response.status_code == 200
    assert not is_in(client)
    assert client.get(CODE)["Location"] == DOOR
    assert not LogIn.objects.exists()


def test_a_wrong_code_opens_nothing(client: Client, kim: User) -> None:
    log_in(client, kim, "000000")
    assert not is_in(client)
    assert not LogIn.objects.exists()


def test_a_code_counts_once(kim: User) -> None:
    first, second, shown = Client(), Client(), code()
    log_in(first, kim, shown)
    log_in(second, kim, shown)
    assert is_in(first)
    assert not is_in(second)


def test_a_recovery_code_counts_once(kim: User) -> None:
    (shown, *_others) = renew_recovery_codes(person=kim)
    first, second = Client(), Client()
    log_in(first, kim, shown.lower())
    log_in(second, kim, shown)
    assert is_in(first)
    assert not is_in(second)


def test_the_time_between_password_and_code_is_short(client: Client, kim: User) -> None:
    show_password(client, kim)
    with later(minutes=11):
        assert client.post(CODE, {"code": code()})["Location"] == DOOR
        assert not is_in(client)


def test_a_password_changed_in_between_asks_for_the_new_one(client: Client, kim: User) -> None:
    show_password(client, kim)
    change_password(user=User.objects.get(pk=kim.pk), password="another good password", session_key="")
    assert client.post(CODE, {"code": code()})["Location"] == DOOR
    assert not is_in(client)


@pytest.mark.parametrize("who", [{"is_active": False}, {"is_admin": False}])
def test_only_active_staff_get_in(client: Client, staff: Callable[..., User], who: dict[str, bool]) -> None:
    assert show_password(client, staff("gone", "support", **who)).status_code == 200
    assert "pending_log_in" not in client.session


def test_a_session_ends_with_the_right_to_it(client: Client, kim: User) -> None:
    log_in(client, kim)
    User.objects.filter(pk=kim.pk).update(is_active=False)
    assert not is_in(client)


def test_the_way_leads_back_to_where_one_was_going(client: Client, kim: User) -> None:
    wanted = "/admin/core/job/?tab=dead"
    asked = client.get(wanted)
    client.post(asked["Location"], {"username": kim.email, "password": PASSWORD})
    assert client.post(CODE, {"code": code()})["Location"] == wanted


def test_the_way_leads_nowhere_else(client: Client, kim: User) -> None:
    client.post(f"{DOOR}?next=//evil.example", {"username": kim.email, "password": PASSWORD})
    assert client.post(CODE, {"code": code()})["Location"] == HOME


class TestLockOut:
    def lock(self, client: Client, who: User | str, **extra: Any) -> Any:
        for _ in range(settings.AXES_FAILURE_LIMIT):
            response = show_password(client, who, "wrong", **extra)
        return response

    def test_too_many_wrong_passwords_lock_even_the_right_one_out(self, client: Client, kim: User) -> None:
        assert self.lock(client, kim).status_code == 429
        response = show_password(client, kim)
        assert response.status_code == 429
        assert "pending_log_in" not in client.session

    def test_writing_the_name_differently_is_no_way_around(self, client: Client, kim: User) -> None:
        self.lock(client, kim)
        assert show_password(client, f" {kim.email.upper()} ").status_code == 429

    def test_another_browser_is_no_way_around(self, client: Client, kim: User) -> None:
        self.lock(client, kim)
        assert show_password(client, kim, headers={"User-Agent": "another"}).status_code == 429

    def test_wrong_codes_lock_as_wrong_passwords_do(self, client: Client, kim: User) -> None:
        show_password(client, kim)
        for _ in range(settings.AXES_FAILURE_LIMIT):
            response = client.post(CODE, {"code": "000000"})
        assert response.status_code == 429
        TotpDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
        assert client.post(CODE, {"code": code()})["Location"] == DOOR
        assert not is_in(client)

    def test_a_lock_holds_on_a_page_that_asks_for_the_code_already(self, client: Client, kim: User) -> None:
        show_password(client, kim)
        self.lock(Client(), kim)
        assert client.post(CODE, {"code": code()}).status_code == 429
        assert not is_in(client)

    def test_it_ends(self, client: Client, kim: User) -> None:
        self.lock(client, kim)
        with later(minutes=16):
            log_in(client, kim)
            assert is_in(client)

    def test_from_another_address_the_locked_person_gets_in(self, client: Client, kim: User) -> None:
        self.lock(client, kim, REMOTE_ADDR=ELSEWHERE)
        log_in(client, kim)
        assert is_in(client)

    def test_a_colleague_at_the_same_address_gets_in(
        self, client: Client, kim: User, staff: Callable[..., User]
    ) -> None:
        self.lock(client, kim)
        log_in(client, colleague := staff("lee", "support"))
        assert is_in(client)
        assert LogIn.objects.get().user == colleague

    def test_a_colleagues_log_in_frees_nobody(self, client: Client, kim: User, staff: Callable[..., User]) -> None:
        self.lock(client, kim)
        log_in(client, staff("lee", "support"))
        assert show_password(Client(), kim).status_code == 429

    def test_a_log_in_forgets_the_tries_before_it(self, client: Client, kim: User) -> None:
        for _ in range(settings.AXES_FAILURE_LIMIT - 1):
            show_password(client, kim, "wrong")
        log_in(client, kim)
        assert show_password(Client(), kim, "wrong").status_code == 200

    def test_addresses_of_one_network_count_together(self, client: Client, kim: User) -> None:
        """Whoever has one address of IPv6 has 2⁶⁴."""
        for number in range(settings.AXES_FAILURE_LIMIT):
            show_password(client, kim, "wrong", REMOTE_ADDR=f"2001:db8::{number + 1}")
        assert show_password(client, kim, REMOTE_ADDR="2001:db8::ffff").status_code == 429
        assert show_password(client, kim, REMOTE_ADDR="2001:db8:0:1::1")["Location"] == CODE

    def test_a_claimed_address_is_no_way_around(self, client: Client, kim: User) -> None:
        self.lock(client, kim)
        assert show_password(client, kim, headers={"X-Forwarded-For": ELSEWHERE}).status_code == 429

    def test_passwords_and_codes_are_not_kept(self, client: Client, kim: User) -> None:
        from axes.models import AccessAttempt

        show_password(client, kim)
        client.post(CODE, {"code": "135790"})
        show_password(client, kim, "my-other-password")
        kept = "".join(AccessAttempt.objects.values_list("post_data", flat=True))
        assert "my-other-password" not in kept
        assert "135790" not in kept


class TestSessions:
    def test_the_session_id_changes_on_the_way_in(self, client: Client, kim: User) -> None:
        session = client.session
        session["planted"] = "by somebody else"
        session.save()
        before = session.session_key
        show_password(client, kim)
        between = client.session.session_key
        client.post(CODE, {"code": code()})
        after = client.session.session_key
        assert len({before, between, after}) == 3
        assert "planted" not in client.session

    def test_cookies_are_out_of_reach(self, client: Client, kim: User, settings: Any) -> None:
        settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
        client.get(DOOR)
        log_in(client, kim)
        for name in ("sessionid", "csrftoken"):
            cookie = client.cookies[name]
            assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax"), name

    def test_pages_are_kept_by_no_cache(self, client: Client, kim: User) -> None:
        log_in(client, kim)
        for url in (HOME, DOOR, "/admin/core/job/"):
            assert "no-store" in client.get(url)["Cache-Control"]

    def test_a_log_in_is_remembered(self, client: Client, kim: User) -> None:
        log_in(client, kim, headers={"User-Agent": CHROME})
        found = LogIn.objects.get()
        assert (found.user, found.address, found.device) == (kim, "127.0.0.1", "Chrome · Windows")
        assert AuditRow.objects.get(verb="log_in.begun").actor_id == str(kim.pk)

    def test_logging_out_ends_it(self, client: Client, kim: User) -> None:
        log_in(client, kim)
        client.post("/admin/logout/")
        assert not is_in(client)
        assert LogIn.objects.get().ended_at is not None

    def test_nobody_is_logged_out_by_a_link(self, client: Client, kim: User) -> None:
        log_in(client, kim)
        assert client.get("/admin/logout/").status_code == 405
        assert is_in(client)

    def test_all_others_end_and_this_one_stays(self, kim: User) -> None:
        first, second, third = Client(), Client(), Client()
        for step, client in enumerate((first, second, third), -1):
            log_in(client, kim, code(step))
        first.post("/admin/me/log-ins/")
        assert [is_in(client) for client in (first, second, third)] == [True, False, False]
        assert LogIn.objects.active().count() == 1

    def test_other_peoples_log_ins_stay(self, client: Client, kim: User, staff: Callable[..., User]) -> None:
        log_in(other := Client(), staff("lee", "support"))
        log_in(client, kim)
        client.post("/admin/me/log-ins/")
        assert is_in(other)

    def test_a_changed_password_ends_the_others(self, client: Client, kim: User) -> None:
        log_in(client, kim, code(-1))
        log_in(other := Client(), kim)
        given = {"old": PASSWORD, "new": "another good password", "again": "another good password"}
        before = client.session.session_key
        assert client.post("/admin/me/password/", given).status_code == 302
        assert is_in(client)
        assert not is_in(other)
        assert client.session.session_key != before
        assert [log_in.session_key for log_in in LogIn.objects.active()] == [client.session.session_key]

    @pytest.mark.parametrize(
        "given",
        [
            {"old": "wrong", "new": "another good password", "again": "another good password"},
            {"old": PASSWORD, "new": "another good password", "again": "something different"},
            {"old": PASSWORD, "new": "short", "again": "short"},
            {"old": PASSWORD, "new": "kim@example.com", "again": "kim@example.com"},
        ],
    )
    def test_a_refused_password_changes_nothing(self, client: Client, kim: User, given: dict[str, str]) -> None:
        log_in(client, kim)
        assert client.post("/admin/me/password/", given).status_code == 200
        assert User.objects.get(pk=kim.pk).check_password(PASSWORD)
        assert is_in(client)


class TestEnrolment:
    @pytest.fixture
    def new(self, staff: Callable[..., User]) -> User:
        return staff("new", "support", with_device=False)

    def key(self, user: User) -> None:
        """The one that `code()` is of."""
        TotpDevice.objects.filter(user=user).delete()
        TotpDevice.objects.create(user=user, name="authenticator", key=KEY, confirmed=False)

    def test_it_comes_before_anything_else(self, client: Client, new: User) -> None:
        assert show_password(client, new)["Location"] == ENROLMENT
        assert not is_in(client)
        page = client.get(ENROLMENT).content.decode()
        assert "<svg" in page
        assert "style=" not in page

    def test_its_first_code_lets_in_and_shows_the_recovery_codes_once(self, client: Client, new: User) -> None:
        show_password(client, new)
        self.key(new)
        response = client.post(ENROLMENT, {"code": code()})
        assert len(response.context["codes"]) == 10
        assert is_in(client)
        assert client.get(ENROLMENT)["Location"] == DOOR
        log_in(again := Client(), new, response.context["codes"][0])
        assert is_in(again)

    def test_a_wrong_first_code_enrols_nobody(self, client: Client, new: User) -> None:
        show_password(client, new)
        client.get(ENROLMENT)
        assert client.post(ENROLMENT, {"code": "000000"}).status_code == 200
        assert not TotpDevice.objects.filter(confirmed=True).exists()
        assert not is_in(client)

    def test_whoever_has_an_authenticator_gets_no_other_by_their_password(self, client: Client, kim: User) -> None:
        show_password(client, kim)
        assert client.get(ENROLMENT)["Location"] == DOOR
        assert client.post(ENROLMENT, {"code": code()})["Location"] == DOOR

    def test_in_development_it_may_be_left_out(self, client: Client, new: User, settings: Any) -> None:
        settings.APPROVAL_OTP_REQUIRED = False
        show_password(client, new)
        assert is_in(client)
        settings.APPROVAL_OTP_REQUIRED = True
        assert not is_in(client)


class TestEnumeration:
    def answers(self, staff: Callable[..., User]) -> list[Any]:
        staff("known", "support")
        staff("member", is_admin=False)
        staff("gone", "support", is_active=False)
        names = ("known", "member", "gone", "unknown")
        return [show_password(Client(), f"{name}@example.com", "wrong") for name in names]

    def test_the_words_tell_nothing(self, staff: Callable[..., User]) -> None:
        said = {self.without_what_differs(answer.content.decode()) for answer in self.answers(staff)}
        assert len(said) == 1

    def test_a_lock_out_tells_nothing(self, staff: Callable[..., User]) -> None:
        known, said = staff("known", "support"), set()
        for who in (known.email, "unknown@example.com"):
            answer = TestLockOut().lock(Client(), who)
            said.add((answer.status_code, self.without_what_differs(answer.content.decode())))
        assert len(said) == 1

    @staticmethod
    def without_what_differs(page: str) -> str:
        import re

        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"|value="\w+@example.com"', "", page)

    def test_the_work_tells_nothing(self, staff: Callable[..., User], monkeypatch: pytest.MonkeyPatch) -> None:
        """A password is hashed once, whoever it is for: that is where the time goes."""
        from django.contrib.auth.hashers import MD5PasswordHasher

        hashed: list[str] = []
        encode = MD5PasswordHasher.encode

        def counting(hasher: MD5PasswordHasher, password: str, salt: str) -> str:
            hashed.append(password)
            return str(encode(hasher, password, salt))

        monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
        staff("known", "support")
        hashed.clear()
        for who in ("known@example.com", "unknown@example.com"):
            show_password(Client(), who, "wrong")
            assert hashed == ["wrong"], who
            hashed.clear()

    @pytest.mark.parametrize("rounds", [9, pytest.param(60, marks=pytest.mark.prove)])
    def test_the_time_tells_nothing(self, rounds: int, staff: Callable[..., User], settings: Any) -> None:
        """With the hasher of production. Interleaved, in the time of the processor, and by the quickest round of each, so
        that a slow minute of the machine is no difference between people."""
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
        settings.AXES_FAILURE_LIMIT = 1000
        staff("known", "support")
        times: dict[str, list[float]] = {"known": [], "unknown": []}
        for _ in range(rounds):
            for name, measured in times.items():
                started = thread_time()
                show_password(Client(), f"{name}@example.com", "wrong")
                measured.append(thread_time() - started)
        assert 0.85 < min(times["known"]) / min(times["unknown"]) < 1.18
