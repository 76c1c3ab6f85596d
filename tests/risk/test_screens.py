"""Risk's screens: what they show, and what is done there."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from django.test import Client

from aeghash.core import rights
from aeghash.core.actors import acting_as, command
from aeghash.core.models import Proposal, User
from risk import demo
from risk.models import KnownDevice, ListEntry, Policy, RiskEvent
from risk.severities import Decision
from tests.face import world
from tests.people import make_staff
from tests.risk.contexts import context, decide, make_member, policy

pytestmark = pytest.mark.django_db
EVENTS, POLICIES, LISTS = (f"/admin/risk/{name}/" for name in ("riskevent", "policy", "listentry"))
As = Callable[..., Client]


@pytest.fixture(autouse=True)
def _somebody_acts() -> Iterator[None]:
    with acting_as(command("test")):
        yield


def ops(as_user: As, language: str = "en") -> Client:
    return as_user(make_staff("ops", rights.OPERATIONS), language)


def test_an_event_shows_every_finding_with_its_figures(as_user: As) -> None:
    policy(amount={"USDT": {"review": "50", "block": None}}, debt="block")
    number = decide(context(make_member(), debt=Decimal("12.5"))).event_id
    user = make_staff("ops", rights.OPERATIONS)
    english, korean = (as_user(user, language).get(f"{EVENTS}{number}/").content.decode() for language in ("en", "ko"))
    assert "The amount, 100 USDT, reaches the figure of 50 USDT for one request." in english
    assert "The member owes 12.5 USDT." in english
    assert "회원의 미수금이 12.5 USDT 있습니다." in korean
    assert "출금 금액(100 USDT)이 1회 기준(50 USDT)에 도달했습니다." in korean


def test_texts_from_outside_are_escaped(as_user: As) -> None:
    evil = "<script>alert(1)</script>"
    number = decide(context(make_member(evil), device_id=evil, ip=evil, address=evil)).event_id
    client = ops(as_user)
    for url in (f"{EVENTS}{number}/", f"{EVENTS}?tab=all", "/admin/risk/knowndevice/", "/admin/core/alert/"):
        assert evil not in client.get(url).content.decode(), url


def test_addresses_are_masked_for_who_may_not_see_them(as_user: As) -> None:
    number = decide(context(make_member("kim@example.com"))).event_id
    page = as_user(make_staff("support", rights.SUPPORT)).get(f"{EVENTS}{number}/").content.decode()
    assert "kim@" not in page
    assert "203.0.113.9" not in page


class TestLists:
    NEW = {
        "kind": "blocked",
        "target": "ip",
        "value": "203.0.113.0/24",
        "note": "a botnet",
        "uid": "",
        "valid_until": "",
    }

    def test_an_entry_is_made_and_removed(self, as_user: As) -> None:
        client = ops(as_user)
        assert client.post(f"{LISTS}new/", self.NEW).status_code == 302
        entry = ListEntry.objects.get()
        assert str(entry.network) == "203.0.113.0/24"
        client.post(f"{LISTS}act/remove/", {"row": entry.pk, "reason": ""})
        assert ListEntry.objects.exists()
        client.post(f"{LISTS}act/remove/", {"row": entry.pk, "reason": "over"})
        assert not ListEntry.objects.exists()
        assert "203.0.113.0/24" in client.get(f"{LISTS}?tab=removed").content.decode()

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"value": "x"}, "is no IP address"),
            ({"uid": "nobody"}, "no member"),
            ({"valid_until": "2020-01-01 00:00"}, "before"),
        ],
    )
    def test_what_is_refused_is_said_at_its_field(self, as_user: As, changed: dict[str, str], said: str) -> None:
        page = ops(as_user).post(f"{LISTS}new/", {**self.NEW, **changed})
        assert page.status_code == 200
        assert said in page.content.decode()
        assert not ListEntry.with_deleted.exists()

    def test_finance_only_looks(self, as_user: As) -> None:
        client = as_user(make_staff("fin", rights.FINANCE))
        assert client.post(f"{LISTS}new/", self.NEW).status_code == 403
        assert "listentry/new" not in client.get(LISTS).content.decode()
        assert not ListEntry.with_deleted.exists()


class TestPolicies:
    def form(self, client: Client, **changed: str) -> dict[str, str]:
        """As the page shows it, with what somebody types."""
        shown = client.get(f"{POLICIES}act/propose/?row=1").context["form"]
        given = {name: shown.get_initial_for_field(field, name) for name, field in shown.fields.items()}
        return {**{name: "" if value is None else str(value) for name, value in given.items()}, "row": "1", **changed}

    def test_other_figures_take_two_people(self, as_user: As) -> None:
        client = ops(as_user)
        given = self.form(client, amount="USDT 1000 5000\nBNB - 2.5", reason="growth", **{"count_24h-block": "9"})
        assert client.post(f"{POLICIES}act/propose/", given).status_code == 302
        proposal = Proposal.objects.get()
        assert Policy.objects.count() == 1
        finance = as_user(make_staff("fin", rights.FINANCE))
        page = finance.get(f"/admin/core/proposal/{proposal.pk}/").content.decode()
        assert "review from 1,000, block from 5,000" in page
        approval = {"row": proposal.pk, f"seen-{proposal.pk}": proposal.digest, "code": world.code()}
        finance.post("/admin/core/proposal/act/approve/", approval)
        policy = Policy.objects.latest("version")
        assert policy.version == 2
        assert policy.figures["amount"] == {
            "BNB": {"review": None, "block": "2.5"}, "USDT": {"review": "1000", "block": "5000"},
        }  # fmt: skip
        assert policy.figures["count_24h"] == {"review": 5, "block": 9}
        page = client.get(f"{POLICIES}1/").content.decode()
        assert "Difference to the present version" in page
        assert "<del>review from 5, block from 9</del>" in page

    @pytest.mark.parametrize(
        "changed",
        [
            {"amount": "USDT 5"}, {"amount": "USDT 5 1"}, {"amount": "USDT x -"}, {"amount": "USDT 1 -\nUSDT 2 -"},
            {"debt": "x"},
            {"count_24h-block": "1"}, {"new_device_hours": "-1"}, {"count_7d-review": "0"}, {"reason": ""},
            {"starts_at": "soon"}, {},
        ],
    )  # fmt: skip
    def test_figures_that_make_no_sense_are_not_proposed(self, as_user: As, changed: dict[str, str]) -> None:
        client = ops(as_user)
        answer = client.post(f"{POLICIES}act/propose/", self.form(client, **{"reason": "x", **changed}))
        assert answer.status_code == 200
        assert not Proposal.objects.exists()


def test_demo_data_tells_of_every_decision_and_a_second_run_changes_nothing() -> None:
    make_staff("operations", rights.OPERATIONS)
    User.objects.filter(email="operations@example.com").update(email=demo.CLERK)
    for number in range(demo.MEMBERS):
        make_member(f"demo-{number}")
    for _ in range(2):
        demo.seed()
        assert (RiskEvent.objects.count(), ListEntry.objects.count()) == (demo.MEMBERS, len(demo.ENTRIES))
    assert set(RiskEvent.objects.values_list("decision", flat=True)) >= {Decision.REVIEW, Decision.BLOCK}
    assert KnownDevice.objects.count() == demo.MEMBERS - 1


def test_without_members_there_is_no_demo_to_tell() -> None:
    demo.seed()
    assert not RiskEvent.objects.exists()
