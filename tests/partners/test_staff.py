"""What staff do: partners, keys, rotation, events; and where secrets must not show."""

import json
import logging
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aeghash.core import catalogue, clock
from aeghash.core.actors import acting_as, command
from aeghash.core.errors import Refusal
from aeghash.core.models import Alert, AuditRow, Proposal, User
from partners import demo
from partners.models import Call, Partner, PartnerKey
from partners.operations.create_partner import create_partner
from partners.operations.issue_key import SecretShown, show_secret
from partners.operations.watch_keys import watch_keys
from tests.database import Owner
from tests.partners.world import Mall, order
from tests.people import make_staff

pytestmark = pytest.mark.django_db(transaction=True)


def run(*words: str) -> dict[str, Any]:
    out = StringIO()
    call_command(*words, "--json", stdout=out)
    said: dict[str, Any] = json.loads(out.getvalue())
    return said


@pytest.fixture
def two() -> list[str]:
    people = [make_staff(name, "sysadmin", with_device=False) for name in ("one", "two")]
    return ["--by", people[0].email, "--second", people[1].email]


def issued(two: list[str], *words: str) -> dict[str, Any]:
    if not Partner.objects.filter(slug="shop").exists():
        run("partner_create", "shop")
    return run("partner_key_create", "shop", *two, *words)


def test_two_people_issue_a_key_that_works_and_is_shown_once(two: list[str]) -> None:
    key = issued(two)
    assert key.keys() == {"key_id", "secret"}
    assert Mall(key["key_id"], key["secret"]).call("POST", "ping").json()["partner"] == "shop"
    with acting_as(command("test")), pytest.raises(SecretShown):
        show_secret(key_id=key["key_id"])
    assert Alert.objects.filter(key=f"partner-key:{key['key_id']}").exists()


def test_one_person_alone_issues_nothing(two: list[str]) -> None:
    run("partner_create", "shop")
    with pytest.raises(SystemExit):
        call_command("partner_key_create", "shop", "--by", two[1], "--second", two[1], stdout=StringIO())
    assert not PartnerKey.objects.exists()


def test_a_rotation_overlaps(two: list[str]) -> None:
    old, new = issued(two), issued(two, "--overlap-days", "7")
    assert Mall(old["key_id"], old["secret"]).call("POST", "ping").status_code == 200
    assert Mall(new["key_id"], new["secret"]).call("POST", "ping").status_code == 200
    later = clock.now() + timedelta(days=7, seconds=1)
    with clock.steered(lambda: later):
        assert Mall(old["key_id"], old["secret"]).call("POST", "ping").json()["code"] == "invalid_key"
        assert Mall(new["key_id"], new["secret"]).call("POST", "ping").status_code == 200


def test_a_key_due_for_rotation_is_told(two: list[str]) -> None:
    key = issued(two)
    assert watch_keys() == 0
    later = clock.now() + timedelta(days=60)
    with clock.steered(lambda: later):
        assert watch_keys() == 1
    assert Alert.objects.filter(key=f"partner-key-due:{key['key_id']}").exists()


def test_a_revoked_key_is_refused_at_once(two: list[str]) -> None:
    key = issued(two)
    run("partner_key_revoke", key["key_id"], "--reason", "lost")
    assert Mall(key["key_id"], key["secret"]).call("POST", "ping").json()["code"] == "invalid_key"


def test_scopes_are_kept_to(two: list[str]) -> None:
    key = issued(two, "--scopes", "orders:read")
    mall = Mall(key["key_id"], key["secret"])
    assert mall.get("orders/none").json()["code"] == "order_not_found"
    assert mall.post("orders", order()).json()["code"] == "scope_missing"


def test_keys_are_imported_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    secret = tmp_path / "secret"
    secret.write_text("imported-secret-0123456789\n")
    monkeypatch.setenv("AEGMALL_SEOUL_KEY", "seoul-1")
    monkeypatch.setenv("AEGMALL_SEOUL_SECRET_FILE", str(secret))
    assert run("import_partner_keys") == {"imported": ["seoul-1"], "known": []}
    assert run("import_partner_keys") == {"imported": [], "known": ["seoul-1"]}
    assert Mall("seoul-1", "imported-secret-0123456789").call("POST", "ping").json()["partner"] == "seoul"
    secret.write_text("another-secret-0123456789")
    with pytest.raises(SystemExit):
        call_command("import_partner_keys", stdout=StringIO(), stderr=StringIO())


@pytest.mark.parametrize("slug", ["", "Upper", "a b", "staff", "-x", "x" * 65])
def test_a_bad_short_name_is_refused(slug: str) -> None:
    with acting_as(command("test")), pytest.raises(Refusal):
        create_partner(slug=slug)
    assert not Partner.objects.exists()


def test_a_secret_shows_in_no_sink(two: list[str], caplog: pytest.LogCaptureFixture, owner: Owner) -> None:
    caplog.set_level(logging.DEBUG)
    key = issued(two)
    mall = Mall(key["key_id"], key["secret"])
    signed = mall.headers("POST", "/api/aegmall/v1/ping", b"")
    mall.send("POST", "/api/aegmall/v1/ping", b"", signed | {"X-AEG-Signature": "v2=" + "0" * 64})
    mall.join("somebody")
    for needle in (key["secret"], signed["X-AEG-Signature"][3:]):
        assert needle not in caplog.text
        tables = [name for (name,) in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        for table in tables:
            found = owner.execute(f'SELECT 1 FROM "{table}" AS t WHERE t::text LIKE %s', [f"%{needle}%"])
            assert found.fetchone() is None, table
    assert key["secret"] not in repr(PartnerKey.objects.get().secret)
    assert AuditRow.objects.exists()
    assert Proposal.objects.exists()


def test_i1_finds_a_record_whose_resource_is_not_there(mall: Mall, owner: Owner) -> None:
    mall.post("orders", order(), key="k")
    assert holds()
    owner.execute("UPDATE idempotency_keys SET resource_id = 999999 WHERE key = 'k'")
    assert not holds()


def test_i1_finds_two_live_records(mall: Mall, owner: Owner) -> None:
    mall.post("orders", order(), key="k")
    owner.execute("DROP INDEX idempotency_keys_one_current")
    columns = "partner_id, key, fingerprint, call, path, state, status, answer, resource_type, resource_id, is_current"
    try:
        owner.execute(
            f"INSERT INTO idempotency_keys ({columns}, created_at) "
            f"SELECT {columns}, created_at FROM idempotency_keys WHERE key = 'k'"
        )
        assert not holds()
    finally:
        owner.execute("DELETE FROM idempotency_keys WHERE key = 'k'")
        owner.execute(
            "CREATE UNIQUE INDEX idempotency_keys_one_current ON idempotency_keys (partner_id, key) WHERE is_current"
        )


def holds() -> bool:
    (finding,) = catalogue.look_at_all(only=["I1"])
    return finding.holds


def test_the_demo_has_a_partner_with_traffic(mall: Mall) -> None:
    demo.seed()
    before = (Partner.objects.count(), Call.objects.count())
    demo.seed()
    assert (Partner.objects.count(), Call.objects.count()) == before
    assert Call.objects.exclude(code="").exists()


def test_lists_cost_the_same_with_more_rows(client: Any, mall: Mall, two: list[str], settings: Any) -> None:
    settings.APPROVAL_OTP_REQUIRED = False
    client.force_login(User.objects.get(email=two[1]))
    mall.post("orders", order(), key="1")

    def cost(name: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/admin/partners/{name}/").status_code == 200
        return len(queries)

    names = ("partner", "partnerkey", "call", "idempotencyrecord", "inboundevent")
    for name in names:
        cost(name)
    first = {name: cost(name) for name in names}
    for number in (2, 3):
        Partner.objects.create(slug=f"mall-{number}")
        issued(two)
        mall.post("orders", order(f"o-{number}"), key=str(number))
    assert {name: cost(name) for name in names} == first
