import ipaddress
import uuid

import pytest
from django.db import OperationalError, connection
from django.test import Client, RequestFactory, override_settings

from aeghash.core import health, sources
from aeghash.core.models import User


def test_healthz_asks_nobody(client: Client) -> None:
    """Without database access in this test: it would be refused."""
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_readyz_when_all_is_there(client: Client, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_max_num_queries(5):
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "missing": []})


@pytest.mark.django_db
def test_readyz_names_a_redis_that_is_away(client: Client) -> None:
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["missing"]) == (503, ["redis"])


@pytest.mark.django_db
def test_readyz_names_pending_migrations(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "django.db.migrations.recorder.MigrationRecorder.applied_migrations",
        lambda _self: {},
    )
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["missing"]) == (503, ["migrations"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("peer", "claimed", "trusted", "status"),
    [
        ("127.0.0.1", None, (), 200),
        ("::1", None, (), 200),
        ("::ffff:127.0.0.1", None, (), 200),
        ("203.0.113.9", None, (), 403),
        ("127.0.0.1", "203.0.113.9", (), 403),
        ("127.0.0.1", "203.0.113.9", ("127.0.0.1/32",), 403),
        ("127.0.0.1", "127.0.0.1, 203.0.113.9", ("127.0.0.1/32",), 403),
        ("10.0.0.7", None, ("10.0.0.0/8",), 200),
        ("203.0.113.9", "127.0.0.1", (), 403),
        ("not an address", None, (), 403),
    ],
)
def test_metrics_answer_loopback_and_trusted_networks(
    client: Client, peer: str, claimed: str | None, trusted: tuple[str, ...], status: int
) -> None:
    headers = {"X-Forwarded-For": claimed} if claimed else {}
    with override_settings(TRUSTED_PROXIES=[ipaddress.ip_network(network) for network in trusted]):
        assert client.get("/metrics", headers=headers, REMOTE_ADDR=peer).status_code == status


@pytest.mark.django_db
def test_metrics_answer_staff_from_anywhere(client: Client) -> None:
    client.force_login(User.objects.create_user("ops@example.com", is_admin=True))
    answer = client.get("/metrics", REMOTE_ADDR="203.0.113.9")
    assert answer.status_code == 200
    assert b"python_info" in answer.content


def test_the_source_is_the_first_hop_that_no_proxy_of_ours_vouches_for() -> None:
    claims = {"X-Forwarded-For": "6.6.6.6, 203.0.113.9, 10.0.0.2"}
    request = RequestFactory().get("/", headers=claims, REMOTE_ADDR="10.0.0.1")
    with override_settings(TRUSTED_PROXIES=[ipaddress.ip_network("10.0.0.0/8")]):
        assert str(sources.source_address(request)) == "203.0.113.9"
    assert str(sources.source_address(request)) == "10.0.0.1"


def test_a_request_gets_an_id_and_a_harmless_one_of_the_caller_is_kept(client: Client) -> None:
    assert uuid.UUID(client.get("/healthz")["X-Request-ID"]).hex
    assert client.get("/healthz", headers={"X-Request-ID": "order-4711-a"})["X-Request-ID"] == "order-4711-a"
    for harmful in ("x", "a b c d e f g h", "<script>alert(1)</script>", "é" * 10, "a" * 65):
        assert client.get("/healthz", headers={"X-Request-ID": harmful})["X-Request-ID"] != harmful


def test_the_database_counts_as_missing_when_it_refuses(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError

    monkeypatch.setattr(connection, "cursor", refuse)
    assert health.database_answers() is False
