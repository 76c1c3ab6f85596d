from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as real
from django.test import Client

from aeghash.core import clock
from tests.api.conftest import Call, problem

pytestmark = [pytest.mark.urls("tests.api.probes"), pytest.mark.django_db]

ECHO = "/api/probe/echo/"
BODY = {"amount": "1"}
START = datetime(2026, 11, 21, 9, 0, 12, tzinfo=UTC)
IN_REDIS = real.CACHES


@pytest.fixture(params=["redis", "memory"])
def _counted(request: pytest.FixtureRequest, settings: Any) -> None:
    settings.API_RATES = {"read": 3, "write": 2, "failures": 3}
    if request.param == "redis":
        settings.CACHES = {"default": {**IN_REDIS["default"], "KEY_PREFIX": request.node.nodeid}}


@pytest.mark.usefixtures("_counted")
def test_a_caller_s_requests_are_counted_and_told(caller: Call) -> None:
    first, second = caller(name="first"), caller(name="second")
    with clock.steered(lambda: START):
        answers = [first.get(ECHO) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert [answer["RateLimit"] for answer in answers[::3]] == ['"read";r=2;t=48', '"read";r=0;t=48']
        assert {answer["RateLimit-Policy"] for answer in answers} == {'"read";q=3;w=60'}
        problem(answers[3], 429, "rate_limited")
        assert answers[3]["Retry-After"] == "48"
        assert second.get(ECHO).status_code == 200
        assert first.post(ECHO, BODY, "application/json")["RateLimit"] == '"write";r=1;t=48'
    with clock.steered(lambda: START + timedelta(seconds=48)):
        assert first.get(ECHO)["RateLimit"] == '"read";r=2;t=60'


@pytest.mark.usefixtures("_counted")
def test_failures_are_counted_by_address_and_good_credentials_pass(api: Client, client: Client) -> None:
    with clock.steered(lambda: START):
        for _ in range(3):
            problem(client.get(ECHO, headers={"Authorization": "Bearer x"}), 401, "not_authenticated")
        refused = client.get(ECHO, headers={"Authorization": "Bearer x"})
        problem(refused, 429, "rate_limited")
        assert refused["Retry-After"] == "48"
        problem(client.get(ECHO, REMOTE_ADDR="203.0.113.9"), 401, "not_authenticated")
        assert api.get(ECHO).status_code == 200


def test_without_redis_nobody_is_counted(api: Client, client: Client, settings: Any) -> None:
    settings.API_RATES = {"read": 1, "write": 1, "failures": 1}
    settings.CACHES = {"default": {**IN_REDIS["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    for _ in range(3):
        answer = api.get(ECHO)
        assert answer.status_code == 200
        assert "RateLimit" not in answer
        problem(client.get(ECHO), 401, "not_authenticated")
