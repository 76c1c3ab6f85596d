"""What staff's pages and programs do with partners: debugging a signature, a secret shown once, changes, events."""

import hashlib
import hmac
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aeghash.core import clock
from aeghash.core.actors import acting_as, command
from aeghash.core.errors import Refusal
from aeghash.core.models import Alert, AuditRow, Proposal, User
from aeghash.core.operations.approve_proposal import ProposalChanged, SameApprover, agree
from aeghash.core.operations.propose import propose
from organization.models import Order
from partners.models import Call, EventState, InboundEvent, Partner, PartnerKey
from partners.operations.change_partner import CHANGE_PARTNER, change_of_partner
from partners.operations.reprocess_event import drop_event
from partners.operations.watch_keys import MANY, watch_traffic
from tests.api.conftest import client_of
from tests.partners.world import BASE, SECRET, Mall, make_key, order
from tests.people import make_staff

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(settings: Any) -> tuple[User, User]:
    settings.APPROVAL_OTP_REQUIRED = False
    return tuple(make_staff(name, "sysadmin", with_device=False) for name in ("one", "two"))  # type: ignore[return-value]


@pytest.fixture
def desk(client: Client, people: tuple[User, User]) -> Client:
    client.force_login(people[0])
    return client


def debugged(desk: Client, mall: Mall, **changed: str) -> str:
    given = {"key_id": mall.key_id, "timestamp": "1780000000", "nonce": "n" * 16, "method": "POST", "path": f"{BASE}ping",
             "body": "{}", "signature": "v2=0"}  # fmt: skip
    answer = desk.post("/admin/partners/partner/debugger/", given | changed, headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    said = answer.content.decode()
    assert SECRET not in said
    return said


def text_of(body: str) -> str:
    return f"1780000000\n{'n' * 16}\nPOST\n{BASE}ping\n{hashlib.sha256(body.encode()).hexdigest()}"


def signature(text: str) -> str:
    return f"v2={hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()}"


def test_the_debugger_finds_the_usual_mistake(desk: Client, mall: Mall) -> None:
    assert "This is the right signature." in debugged(desk, mall, signature=signature(text_of("{}")))
    assert "Your digest is of an empty body." in debugged(desk, mall, signature=signature(text_of("")))
    assert "A line end follows your text" in debugged(desk, mall, signature=signature(text_of("{}") + "\n"))


def test_the_debugger_says_where_a_text_first_differs(desk: Client, mall: Mall) -> None:
    theirs = text_of("{}").replace("POST", "PoST")
    place = len("1780000000\n" + "n" * 16 + "\nP")
    assert re.search(rf"(?<!\d){place}(?!\d)", debugged(desk, mall, theirs=theirs.replace("\n", "\r\n")))
    assert text_of("{}").split("\n")[-1] in debugged(desk, mall)


def test_the_debugger_knows_no_other_key(desk: Client, mall: Mall) -> None:
    assert "What our side hashes" not in debugged(desk, mall, key_id="ak_nobody")


def test_a_secret_is_shown_once_and_by_post_only(desk: Client, mall: Mall) -> None:
    key = PartnerKey.objects.get(key_id=mall.key_id)
    address, detail = f"/admin/partners/partnerkey/{key.pk}/secret/", f"/admin/partners/partnerkey/{key.pk}/"
    assert desk.get(address)["Location"] == detail
    assert address in desk.get(detail).content.decode()
    shown = desk.post(address)
    assert SECRET in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    again = desk.post(address, follow=True)
    assert SECRET not in again.content.decode()
    assert address not in again.content.decode()
    assert AuditRow.objects.filter(verb="partner_key.handed_over").count() == 1


def test_a_partner_is_changed_by_two_people(desk: Client, people: tuple[User, User], mall: Mall) -> None:
    partner = Partner.objects.get(slug="mall")
    address = f"/admin/partners/partner/act/change/?row={partner.pk}"
    form = {"row": partner.pk, "name": "The mall", "is_active": "on", "networks": "203.0.113.0/24\n2001:db8::/32",
            "reads_a_minute": 10**6, "writes_a_minute": 10**6, "burst": 10**6, "pv_a_day": "500.5",
            "reason": "moved"}  # fmt: skip
    assert desk.post(address, form).status_code == 302
    proposal = Proposal.objects.get()
    assert proposal.content == {
        "slug": "mall", "name": "The mall", "networks": ["203.0.113.0/24", "2001:db8::/32"], "pv_a_day": "500.5",
    }  # fmt: skip
    assert Partner.objects.get().networks == []
    with pytest.raises(SameApprover):
        agree(proposal_id=proposal.pk, digest=proposal.digest, by=people[0])
    agree(proposal_id=proposal.pk, digest=proposal.digest, by=people[1])
    changed = Partner.objects.get()
    assert (changed.name, f"{changed.pv_a_day:f}", changed.networks[0]) == ("The mall", "500.5", "203.0.113.0/24")
    assert mall.call("POST", "ping").json()["code"] == "ip_not_allowed"
    assert AuditRow.objects.get(verb="partner.changed").after["name"]


@pytest.mark.usefixtures("mall")
def test_a_change_of_what_has_changed_meanwhile_is_refused(people: tuple[User, User]) -> None:
    proposal = propose(act=CHANGE_PARTNER, content=change_of_partner(slug="mall", burst=7), by=people[0], reason="less")
    Partner.objects.update(burst=9)
    with pytest.raises(ProposalChanged):
        agree(proposal_id=proposal.pk, digest=proposal.digest, by=people[1])
    assert Partner.objects.get().burst == 9


@pytest.mark.parametrize(
    "fields",
    [{"burst": 0}, {"writes_a_minute": 10**7}, {"networks": ["somewhere"]}, {"pv_a_day": "-1"}, {"hash_a_day": "1.00001"},
     {"slug_of": "x"}],
)  # fmt: skip
@pytest.mark.usefixtures("mall")
def test_a_change_to_what_cannot_be_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(Refusal):
        change_of_partner(slug="mall", **fields)
    assert not Proposal.objects.exists()


def make_event(mall: Mall, number: int = 1) -> InboundEvent:
    key = PartnerKey.objects.get(key_id=mall.key_id)
    return InboundEvent.objects.create(
        partner=key.partner, key=key, idempotency_key=f"k-{number}", fingerprint="0" * 64, call="orders",
        path=f"{BASE}orders", body=json.dumps(order(f"o-{number}")).encode(), state=EventState.FAILED, reason="Deadlock",
    )  # fmt: skip


def test_an_event_is_set_aside_for_good(desk: Client, mall: Mall) -> None:
    event = make_event(mall)
    address = f"/admin/partners/inboundevent/act/drop/?row={event.pk}"
    assert desk.post(address, {"row": event.pk, "reason": "the mall sent it again"}).status_code == 302
    assert InboundEvent.objects.get().state == EventState.DROPPED
    with acting_as(command("test")):
        drop_event(event_id=event.pk, reason="twice")
    assert AuditRow.objects.filter(verb="partner_event.dropped").count() == 1
    desk.post(f"/admin/partners/inboundevent/act/reprocess/?row={event.pk}", {"row": event.pk})
    assert InboundEvent.objects.get().state == EventState.DROPPED
    assert not Order.objects.exists()


def test_an_event_is_worked_again_on_its_page(desk: Client, mall: Mall) -> None:
    event = make_event(mall)
    desk.post(f"/admin/partners/inboundevent/act/reprocess/?row={event.pk}", {"row": event.pk})
    assert InboundEvent.objects.get().state == EventState.DONE
    assert Order.objects.get().source_id == "o-1"


@pytest.mark.parametrize("path", ["", "keys/", "events/"])
def test_the_staffs_lists_cost_the_same_with_more_rows(people: tuple[User, User], mall: Mall, path: str) -> None:
    api = client_of(people[0])
    make_event(mall)

    def cost(rows: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert len(api.get(f"/api/v1/partners/{path}").json()["results"]) == rows
        return len(queries)

    cost(1)
    first = cost(1)
    for number in (2, 3):
        with acting_as(command("test")):
            make_key(Partner.objects.create(slug=f"mall-{number}"))
        make_event(mall, number)
    assert cost(3) == first <= 6


def calls(mall: Mall, count: int, code: str = "", ago: timedelta = timedelta()) -> None:
    key = PartnerKey.objects.get(key_id=mall.key_id)
    Call.objects.bulk_create(
        Call(key=key, key_given=key.key_id, method="GET", path="/", status=200, code=code, at=clock.now() - ago)
        for _ in range(count)
    )


def test_traffic_of_times_the_usual_is_told(mall: Mall) -> None:
    Call.objects.all().delete()
    calls(mall, 10 * MANY)
    assert watch_traffic() == 0
    calls(mall, 1)
    assert watch_traffic() == 1
    assert Alert.objects.get().key == f"partner-busy:{mall.key_id}"


def test_much_that_is_usual_is_not_told(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    """A week has 672 quarters of an hour: 600 calls in it are about one in each, 800 a little more."""
    monkeypatch.setattr("partners.operations.watch_keys.MANY", 1)
    Call.objects.all().delete()
    calls(mall, 11)
    calls(mall, 600, ago=timedelta(days=1))
    assert watch_traffic() == 1
    calls(mall, 200, ago=timedelta(days=2))
    assert watch_traffic() == 0


def test_many_refusals_are_told(mall: Mall) -> None:
    Call.objects.all().delete()
    calls(mall, MANY - 1, "invalid_signature")
    calls(mall, MANY, "invalid_signature", ago=timedelta(minutes=16))
    assert watch_traffic() == 0
    calls(mall, 1, "stale_timestamp")
    assert watch_traffic() == 1
    assert Alert.objects.get().key == f"partner-refused:{mall.key_id}"
