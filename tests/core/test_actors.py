"""In whose name something happens."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from aeghash.core.actors import Actor, ActorKind, NobodyActs, acting_as, command, current_actor, job, partner, person
from aeghash.core.middleware import ActorMiddleware
from aeghash.core.models import User


def test_at_first_nobody_acts() -> None:
    with pytest.raises(NobodyActs):
        current_actor()


def test_the_innermost_actor_acts_and_leaves_with_its_block() -> None:
    with acting_as(job("sweep")):
        with pytest.raises(ZeroDivisionError), acting_as(partner("AEG-1", "mall")):
            assert current_actor() == Actor(ActorKind.PARTNER, "AEG-1", "mall")
            raise ZeroDivisionError
        assert current_actor() == Actor(ActorKind.JOB, "sweep")


def test_a_command_acts_as_the_system() -> None:
    assert command("kill_switch") == Actor(ActorKind.SYSTEM, "manage.py kill_switch")


def acts_in(user: Any, change: Any = None) -> Actor:
    seen: list[Actor] = []

    def view(request: HttpRequest) -> HttpResponse:
        request.user = change or request.user
        seen.append(current_actor())
        return HttpResponse()

    request = RequestFactory().get("/")
    request.user = user
    ActorMiddleware(view)(request)
    return seen[0]


KIM = User(pk=7, email="kim@aeghash.example")


def test_in_a_request_its_user_acts() -> None:
    assert acts_in(KIM) == person(KIM) == Actor(ActorKind.PERSON, "7", "k***@aeghash.example")


def test_a_user_named_by_a_token_later_on_acts_too() -> None:
    assert acts_in(AnonymousUser(), KIM) == person(KIM)


def test_without_a_log_in_nobody_acts() -> None:
    with pytest.raises(NobodyActs):
        acts_in(AnonymousUser())


def test_who_acts_is_not_asked_where_nothing_is_recorded() -> None:
    user = SimpleNamespace()  # any question to it would fail
    request = RequestFactory().get("/healthz")
    request.user = user  # type: ignore[assignment]
    assert ActorMiddleware(lambda _request: HttpResponse())(request).status_code == 200


@pytest.mark.django_db
def test_the_middleware_is_installed(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Actor] = []

    def look() -> list[str]:
        seen.append(current_actor())
        return []

    monkeypatch.setattr("aeghash.core.health.missing_services", look)
    client.force_login(user := User.objects.create_user("kim@aeghash.example", is_admin=True))
    client.get("/readyz")
    assert seen == [person(user)]
