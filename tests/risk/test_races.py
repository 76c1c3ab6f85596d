"""Two decisions on one new device, and a policy that changes while requests run: each with the race without its lock."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from aeghash.core import catalogue, clock
from aeghash.core.actors import acting_as, command
from risk.context import RiskContext
from risk.findings import RiskDecision
from risk.models import KnownDevice, Policy, RiskEvent
from risk.operations import evaluate as evaluating
from risk.operations import look_up as looking
from risk.operations.change_policy import change_policy
from risk.queries import newest_policy
from risk.severities import Decision
from tests.database import Owner
from tests.races import Interleaving, run_together
from tests.risk.contexts import SILENT, context, make_member, policy

pytestmark = pytest.mark.django_db(transaction=True)


def now_context(**changed: Any) -> RiskContext:
    now = clock.now()
    times = {"at": now, "account_created_at": now - timedelta(days=9), "address_first_used_at": now - timedelta(days=9)}
    return context(make_member(f"m{RiskEvent.objects.count()}-{now.timestamp()}"), **times, **changed)


def judged(asked: RiskContext) -> RiskDecision:
    with transaction.atomic():
        return evaluating.evaluate(asked)


class TestOneNewDevice:
    def test_two_decisions_make_one_row_and_a_finding_each(self) -> None:
        policy(new_device="review")
        asked = now_context()
        outcomes = run_together(*[lambda: judged(asked)] * 2)
        assert [outcome.error for outcome in outcomes] == [None, None]
        assert [[f.rule for f in outcome.value.findings] for outcome in outcomes] == [["device"]] * 2
        assert KnownDevice.objects.get().times_seen == 2
        assert RiskEvent.objects.filter(decision="review").count() == 2

    def test_without_the_upsert_one_of_them_fails(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The negative control: look first and insert then. The loser's finding is only that its look failed."""

        def naive(*, user_id: int, device_id: str, ip: Any) -> Any:
            known = KnownDevice.objects.filter(user_id=user_id, device_id=device_id).first()
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.2)")
            if known is None:
                now = clock.now()
                known = KnownDevice.objects.create(
                    user_id=user_id, device_id=device_id, first_seen_at=now, last_seen_at=now
                )
            return known.first_seen_at

        policy(new_device="review")
        monkeypatch.setattr(looking, "notice_device", naive)
        asked = now_context()
        outcomes = run_together(*[lambda: judged(asked)] * 2)
        said = sorted(outcome.value.findings[0].sentence for outcome in outcomes)
        assert [sentence.startswith("The rule “%(rule)s” could not be judged") for sentence in said] == [False, True]


def change(asset_limit: str) -> Policy:
    with acting_as(command("test")):
        figures = {**newest_policy().figures, **SILENT, "amount": {"USDT": {"review": asset_limit, "block": None}}}
        return change_policy(figures=figures, reason="test")


def violations() -> list[dict[str, Any]]:
    (entry,) = (entry for entry in catalogue.entries() if entry.id == "K1")
    for since in (None, 0):
        found = catalogue.look(entry, since=since).violations
    return found


def decide_while_it_changes() -> tuple[Interleaving, RiskDecision]:
    change("50")
    asked = now_context()
    order = Interleaving(at="risk.policy.changed")
    changed, decided = order.run(lambda: change("200"), lambda: judged(asked))
    assert (changed.error, decided.error) == (None, None)
    return order, decided.value


def test_a_decision_waits_for_a_policy_that_is_changing() -> None:
    order, decision = decide_while_it_changes()
    assert order.second_had_to_wait
    assert (decision.policy_version, decision.decision) == (newest_policy().version, Decision.ALLOW)
    assert violations() == []


def test_without_the_lock_a_version_that_is_over_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control, which also shows that the invariant sees it."""
    monkeypatch.setattr(evaluating, "hold_policy_still", lambda: None)
    order, decision = decide_while_it_changes()
    assert not order.second_had_to_wait
    assert (decision.policy_version, decision.decision) == (newest_policy().version - 1, Decision.REVIEW)
    assert [row["id"] for row in violations()] == [decision.event_id]


@pytest.mark.parametrize("rounds", [6, pytest.param(100, marks=pytest.mark.prove)])
def test_each_decision_belongs_to_one_version_while_the_policy_changes(rounds: int) -> None:
    """Every finding was compared with the figure of the very version that stands on the decision."""
    first = change("1").version

    def decide_often() -> None:
        for _ in range(rounds):
            judged(now_context())

    def change_often() -> None:
        for number in range(2, rounds + 2):
            change(str(number % 90 + 1))

    outcomes = run_together(decide_often, decide_often, change_often)
    assert [outcome.error for outcome in outcomes] == [None, None, None]
    figures = {
        row.version: row.figures["amount"]["USDT"]["review"] for row in Policy.objects.filter(version__gte=first)
    }
    events = RiskEvent.objects.all()
    assert len(events) == 2 * rounds
    for event in events:
        assert [finding["limit"] for finding in event.findings if finding["rule"] == "amount"] == [
            figures[event.policy_id]
        ]
    assert violations() == []


def test_the_invariant_sees_a_decision_by_another_version(owner: Owner) -> None:
    decision = judged(now_context())
    assert violations() == []
    with owner.transaction():
        owner.execute("SET LOCAL session_replication_role = replica")
        owner.execute("UPDATE risk_policies SET valid_from = now() - interval '1 day' WHERE version = 1")
        owner.execute("UPDATE risk_events SET decided_at = now() - interval '2 days'")
    assert [row["id"] for row in violations()] == [decision.event_id]


def test_a_start_never_lies_before_what_was_decided() -> None:
    """A clock that is set back an hour: the new version begins after the last decision."""
    judged(now_context())
    last = RiskEvent.objects.get().decided_at
    with clock.steered(lambda: last - timedelta(hours=1)):
        changed = change("7")
    assert changed.valid_from == last + timedelta(microseconds=1)
    assert violations() == []
