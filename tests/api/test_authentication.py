from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from aeghash.core import clock
from aeghash.core.actors import current_actor
from aeghash.core.models import ApiToken, User
from aeghash.core.rights import GROUPS
from aeghash.core.second_factor import SHOWN
from tests.api import probes
from tests.api.conftest import Call, client_of, problem
from tests.people import make_staff

pytestmark = [pytest.mark.urls("tests.api.probes"), pytest.mark.django_db]

ECHO = "/api/probe/echo/"
BODY = {"amount": "1"}


@pytest.fixture
def logged_in(settings: Any) -> Client:
    """Somebody of the staff who logged in with both factors, in a browser that holds to CSRF."""
    settings.APPROVAL_OTP_REQUIRED = True
    user = make_staff("logged-in", *GROUPS)
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    show_second_factor(client, True)
    return client


def show_second_factor(client: Client, shown: bool) -> None:
    session = client.session
    session[SHOWN] = shown
    session.save()


def test_without_credentials(client: Client) -> None:
    for method in ("get", "post", "delete"):
        answer = getattr(client, method)(ECHO)
        problem(answer, 401, "not_authenticated")
        assert answer["WWW-Authenticate"] == 'Bearer realm="AEG Hash"'


@pytest.mark.parametrize(
    "header",
    ["Bearer x", "Bearer", "bearer a b c", "Bearer \x00", "Bearer é", "Basic YTpi", "Token x", f"Bearer {'x' * 9000}"],
)
def test_credentials_that_are_none(client: Client, logged_in: Client, header: str) -> None:
    answer = client.get(ECHO, headers={"Authorization": header})
    problem(answer, 401, "not_authenticated")
    assert "WWW-Authenticate" in answer
    if header.lower().startswith("bearer"):  # not hidden by a good cookie that comes along
        problem(logged_in.get(ECHO, headers={"Authorization": header}), 401, "not_authenticated")


def test_a_token_of_somebody_who_may_call(api: Client) -> None:
    assert api.get(ECHO).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda token: ApiToken.objects.update(expires_at=clock.now() - timedelta(seconds=1)),
        lambda token: ApiToken.objects.update(revoked_at=clock.now()),
        lambda token: User.objects.update(is_active=False),
        lambda token: User.objects.update(is_admin=False),
    ],
)
def test_a_token_that_is_over(api: Client, change: Any) -> None:
    change(api)
    problem(api.get(ECHO), 401, "not_authenticated")


def test_the_cookie_of_a_log_in(logged_in: Client) -> None:
    assert logged_in.get(ECHO).status_code == 200


def test_the_cookie_alone_changes_nothing(logged_in: Client) -> None:
    problem(logged_in.post(ECHO, BODY, "application/json"), 403, "permission_denied")
    token = logged_in.cookies["csrftoken"] = "a" * 32
    assert logged_in.post(ECHO, BODY, "application/json", headers={"X-CSRFToken": "b" * 32}).status_code == 403
    assert logged_in.post(ECHO, BODY, "application/json", headers={"X-CSRFToken": token}).status_code == 200


def test_a_form_of_another_site_is_no_way_around(logged_in: Client) -> None:
    problem(logged_in.post(ECHO, BODY), 403, "permission_denied")
    broken = logged_in.generic("POST", ECHO, b"--x\r\nbroken", "multipart/form-data; boundary=x")
    assert broken.status_code in (400, 403)


def test_a_log_in_without_its_second_factor(logged_in: Client, settings: Any) -> None:
    show_second_factor(logged_in, False)
    problem(logged_in.get(ECHO), 403, "permission_denied")
    settings.APPROVAL_OTP_REQUIRED = False
    assert logged_in.get(ECHO).status_code == 200


def test_somebody_who_is_not_staff(settings: Any) -> None:
    settings.APPROVAL_OTP_REQUIRED = False
    client = Client()
    client.force_login(User.objects.create_user("member@example.com"))
    assert client.get(ECHO).status_code in (401, 403)


def test_a_right_that_was_forgotten_closes_the_door(api: Client) -> None:
    problem(api.get("/api/probe/forgotten/"), 405, "method_not_allowed")


def test_what_a_token_does_is_done_by_its_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setitem(probes.FAULTS, "refusal", lambda: seen.append(current_actor()))
    user = make_staff("actor")
    client_of(user).get("/api/probe/faults/refusal/")
    assert [(actor.kind, actor.id) for actor in seen] == [("person", str(user.pk))]


def test_no_token_shows_up_anywhere(caller: Call, caplog: pytest.LogCaptureFixture) -> None:
    client = caller()
    token = client.defaults["HTTP_AUTHORIZATION"].partition(" ")[2]
    answers = [client.get("/api/probe/faults/bug/"), client.get("/api/probe/echo/?x=1"), client.delete(ECHO)]
    assert all(token not in answer.content.decode() for answer in answers)
    assert token not in caplog.text
