"""What a decision is, what stays of it, and that nothing is let through by accident."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils import translation

from aeghash.core import clock
from aeghash.core.errors import Invalid, NotFound
from aeghash.core.models import Alert
from aeghash.core.transactions import WrongTransaction
from risk.findings import Finding
from risk.models import KnownDevice, RiskEvent
from risk.operations import look_up as looking
from risk.operations.attach_subject import OtherSubject, attach_subject
from risk.operations.evaluate import Subject, evaluate
from risk.queries import blocks_since, events_of
from risk.rules.amounts import AmountOfRequest
from risk.severities import Decision
from tests.database import connect_beside
from tests.risk.contexts import MICROSECOND, NOW, context, decide, found, make_member, policy

pytestmark = pytest.mark.django_db

NO_IP_ADDRESSES = ["x", "1.2.3", "01.2.3.4", "1.2.3.4/32", "fe80::1%eth0", "1" * 10_000, " 1.2.3.4", "\0", "\ud800"]


def test_out_of_the_box_nothing_blocks() -> None:
    """However bad it looks: until staff set a figure, only a listed address blocks."""
    worst = context(
        make_member(), amount=Decimal(10**19), count_24h=10**6, count_7d=10**6, sum_24h=Decimal(10**19),
        sum_7d=Decimal(10**19), debt=Decimal(10**19), members_from_ip=10**6, members_with_address=10**6,
        ip="x", device_id="\0",
        account_created_at=NOW, address_usable_from=NOW + timedelta(days=9), address_first_used_at=None,
    )  # fmt: skip
    decision = decide(worst)
    assert decision.decision == Decision.REVIEW
    assert found(decision) == {
        "count_24h": "review", "count_7d": "review", "members_per_ip": "review", "members_per_address": "review",
        "address_cooling": "review", "first_use": "info", "unknown_ip": "review", "device": "review",
        "account_age": "review", "debt": "review",
    }  # fmt: skip


def test_a_harmless_request_is_allowed_and_written_down() -> None:
    version, user = policy().version, make_member()
    decision = decide(context(user), subject=Subject("withdrawal", "4711"))
    assert (decision.decision, decision.findings, decision.policy_version) == (Decision.ALLOW, (), version)
    event = RiskEvent.objects.get(pk=decision.event_id)
    assert (event.user, event.decision, event.policy_id, event.findings) == (user, "allow", version, [])
    assert (event.asset, event.amount, event.ip, event.device_id) == ("USDT", Decimal(100), "203.0.113.9", "device-1")
    assert event.address == "0x52908400098527886e0f7030069857d2e4169ee7"
    assert event.context["sum_24h"] == "0"
    assert event.context["at"] == "2026-11-21T09:00:00.000000Z"
    assert list(events_of(kind="withdrawal", number="4711")) == [event]
    assert not Alert.objects.exists()


def test_the_severest_finding_decides() -> None:
    policy(amount={"USDT": {"review": "50", "block": "100"}}, debt="review", first_use="info")
    decision = decide(context(make_member(), debt=Decimal(1), address_first_used_at=None))
    assert (decision.decision, found(decision)) == (
        Decision.BLOCK,
        {"amount": "block", "first_use": "info", "debt": "review"},
    )


def test_a_finding_is_read_in_either_language_later() -> None:
    policy(amount={"USDT": {"review": "50", "block": None}})
    decide(context(make_member()))
    (finding,) = RiskEvent.objects.get().found()
    assert (finding.found, finding.limit) == ("100", "50")
    with translation.override("en"):
        assert finding.text() == "The amount, 100 USDT, reaches the figure of 50 USDT for one request."
    with translation.override("ko"):
        assert finding.text() == "출금 금액(100 USDT)이 1회 기준(50 USDT)에 도달했습니다."


def test_a_sentence_that_a_later_release_forgot_stays_readable() -> None:
    old = {
        "rule": "gone",
        "severity": "info",
        "sentence": "Once, %(n)s.",
        "parameters": {"n": "1"},
        "found": "",
        "limit": "",
    }
    with translation.override("ko"):
        assert Finding.from_json(old).text() == "Once, 1."


@pytest.mark.parametrize(("figure", "severity"), [("review", "warning"), ("block", "critical")])
def test_review_and_block_raise_an_alert(figure: str, severity: str) -> None:
    policy(debt=figure)
    user = make_member("kim-7@example.com")
    for _ in range(2):
        decide(context(user, debt=Decimal(3)))
    alert = Alert.objects.get()
    assert (alert.key, alert.severity, alert.count) == (f"risk.{figure}.{user.pk}", severity, 2)
    assert "kim-7@" not in alert.sentence
    assert "k***@example.com" in alert.sentence
    assert "3 USDT" in alert.sentence
    assert alert.details["event"] == str(RiskEvent.objects.latest("pk").pk)


def test_the_decision_belongs_to_the_callers_transaction() -> None:
    user = make_member()
    with pytest.raises(WrongTransaction):
        evaluate(context(user))
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        evaluate(context(user))
        raise ZeroDivisionError
    assert not RiskEvent.objects.exists()
    assert not KnownDevice.objects.exists()


class TestFaults:
    def test_a_rule_that_fails_is_reviewed_and_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        policy()
        monkeypatch.setattr(AmountOfRequest, "find", lambda _self, _case: 1 // 0)
        decision = decide(context(make_member()))
        assert (decision.decision, found(decision)) == (Decision.REVIEW, {"amount": "review"})
        with translation.override("en"):
            assert "“amount” could not be judged (ZeroDivisionError)" in decision.findings[0].text()

    def test_lists_that_cannot_be_read_are_reviewed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(**_: Any) -> Any:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1/0")

        policy()
        monkeypatch.setattr(looking, "entries_holding", broken)
        decision = decide(context(make_member()))
        assert decision.decision == Decision.REVIEW
        assert found(decision) == dict.fromkeys(
            ("address_list", "ip_list", "members_per_address", "members_per_ip"), "review"
        )
        assert RiskEvent.objects.get().decision == "review"

    def test_a_look_that_takes_too_long_is_reviewed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def endless(**_: Any) -> Any:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(60)")

        policy(new_device="info")
        monkeypatch.setattr(looking, "PATIENCE_MS", 20)
        monkeypatch.setattr(looking, "notice_device", endless)
        with transaction.atomic():
            before = patience()
            decision = decide(context(make_member()))
            assert patience() == before
        (finding,) = decision.findings
        assert (decision.decision, finding.rule) == (Decision.REVIEW, "device")
        with translation.override("en"):
            assert finding.text() == "The rule “device” could not be judged in time: a person must look."

    @pytest.mark.django_db(transaction=True)
    def test_a_lost_connection_is_the_callers_to_know(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing could be written down: the request must fail, not pass."""

        def severed(**_: Any) -> Any:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                with connect_beside("default") as beside:
                    beside.execute("SELECT pg_terminate_backend(%s)", cursor.fetchone())
                cursor.execute("SELECT 1")

        user = make_member()
        monkeypatch.setattr(looking, "entries_holding", severed)
        with pytest.raises(OperationalError):
            decide(context(user))
        connection.close()
        assert not RiskEvent.objects.exists()


def patience() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])


class TestBadInput:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("amount", Decimal("NaN")), ("amount", Decimal("sNaN")), ("amount", Decimal("Infinity")), ("amount", Decimal(0)),
            ("amount", Decimal(-1)), ("amount", 1.5), ("amount", 100), ("amount", "100"), ("amount", None),
            ("amount", Decimal(10**20)), ("sum_24h", Decimal("NaN")), ("sum_7d", Decimal(-1)), ("debt", None),
            ("count_24h", -1), ("count_24h", True), ("count_7d", 1.0), ("count_7d", None), ("members_from_ip", 2**63),
            ("members_with_address", "1"), ("user_id", None), ("uid", ""), ("uid", "x" * 256), ("asset", None),
            ("asset", "x" * 11), ("at", None), ("at", NOW.replace(tzinfo=None)), ("at", "2026-11-21"),
            ("account_created_at", None), ("address_usable_from", NOW.replace(tzinfo=None)),
            ("address_first_used_at", "never"), ("ip", 1), ("device_id", b"x"), ("address", 0),
        ],
    )  # fmt: skip
    def test_a_context_that_is_not_right_is_refused(self, field: str, value: Any) -> None:
        user = make_member()
        with pytest.raises(Invalid) as refusal:
            context(user, **{field: value})
        assert refusal.value.parameters["field"] == field
        assert not RiskEvent.objects.exists()

    def test_no_field_may_be_left_out(self) -> None:
        whole = vars(context(make_member()))
        for name in whole:
            with pytest.raises(TypeError):
                type(context(make_member(name)))(**{key: value for key, value in whole.items() if key != name})

    @pytest.mark.parametrize("ip", NO_IP_ADDRESSES)
    def test_what_is_no_ip_address_is_reviewed(self, ip: str) -> None:
        policy()
        decision = decide(context(make_member(), ip=ip))
        assert (decision.decision, found(decision)) == (Decision.REVIEW, {"unknown_ip": "review"})
        assert RiskEvent.objects.get().ip is None

    @pytest.mark.parametrize("device", ["x" * 256, "x" * 10_240, "a\0b", "\u202eabc", "\ud800", "a\nb"])
    def test_a_device_that_cannot_be_read_is_reviewed_and_not_remembered(self, device: str) -> None:
        policy()
        decision = decide(context(make_member(), device_id=device))
        assert (decision.decision, found(decision)) == (Decision.REVIEW, {"device": "review"})
        assert len(RiskEvent.objects.get().context["device_id"]) <= 256
        assert not KnownDevice.objects.exists()

    @pytest.mark.parametrize("address", ["한글", "a b", "x" * 129, "\0", "\ud800"])
    def test_what_is_no_payout_address_is_reviewed(self, address: str) -> None:
        policy()
        decision = decide(context(make_member(), address=address))
        assert (decision.decision, found(decision)) == (Decision.REVIEW, {"address_list": "review"})

    def test_a_block_stays_a_block_when_something_cannot_be_read(self) -> None:
        policy(unknown_ip="block", new_device="block")
        assert found(decide(context(make_member(), ip="x", device_id="\0"))) == {
            "unknown_ip": "block",
            "device": "block",
        }

    def test_what_is_not_said_counts_as_unknown(self) -> None:
        policy(unknown_ip="review", new_device="review")
        for nothing in (None, ""):
            decision = decide(context(make_member(str(nothing)), ip=nothing, device_id=nothing))
            assert found(decision) == {"unknown_ip": "review", "device": "review"}


class TestKept:
    def test_what_was_decided_cannot_be_changed_nor_removed(self) -> None:
        decide(context(make_member()))
        for change in ({"decision": "allow", "findings": []}, {"policy_id": 2}, {"amount": Decimal(1)}):
            with (
                pytest.raises(DatabaseError),
                transaction.atomic(),
            ):
                RiskEvent.objects.update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            RiskEvent.objects.all()._raw_delete("default")

    def test_the_database_holds_the_decision_to_its_findings(self) -> None:
        policy(debt="review")
        decide(context(make_member(), debt=Decimal(1)))
        event = RiskEvent.objects.get()
        event.pk, event.decision = None, "allow"
        with pytest.raises(DatabaseError, match="decided_by_findings"), transaction.atomic():
            event.save(force_insert=True)

    def test_the_subject_is_said_once(self) -> None:
        event_id = decide(context(make_member())).event_id
        for _ in range(2):
            attach_subject(event_id=event_id, subject=Subject("withdrawal", "1"))
        with pytest.raises(OtherSubject):
            attach_subject(event_id=event_id, subject=Subject("withdrawal", "2"))
        with pytest.raises(NotFound):
            attach_subject(event_id=4711, subject=Subject("withdrawal", "2"))
        with pytest.raises(DatabaseError), transaction.atomic():
            RiskEvent.objects.update(subject_id="2")
        assert RiskEvent.objects.get().subject_id == "1"


def test_blocks_since_a_time_are_those_of_the_member_from_it_on() -> None:
    policy(debt="block")
    kim, lee = make_member("kim"), make_member("lee")
    events = [decide(context(kim, debt=Decimal(1)), at=NOW + step * MICROSECOND).event_id for step in (-1, 0, 1)]
    decide(context(lee, debt=Decimal(1)))
    decide(context(kim))
    assert [event.pk for event in blocks_since(user_id=kim.pk, since=NOW)] == events[1:]


def test_the_clock_of_the_house_decides_not_the_requests() -> None:
    policy()
    with clock.steered(lambda: NOW + timedelta(hours=1)), transaction.atomic():
        evaluate(context(make_member()))
    event = RiskEvent.objects.get()
    assert (event.requested_at, event.decided_at) == (NOW, NOW + timedelta(hours=1))
