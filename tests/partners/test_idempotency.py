"""Every row of the contract's table, alone and in parallel."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from aeghash.core import checkpoints, clock
from aeghash.core.actors import acting_as, command
from aeghash.core.models import Alert
from bonus.models import Entry
from organization.models import Order
from partners import inbound
from partners.models import EventState, IdempotencyRecord, InboundEvent, RecordState
from partners.operations.purge_idempotency_keys import purge_idempotency_keys
from partners.operations.reprocess_event import reprocess_event
from tests.partners.test_calls import problem
from tests.partners.world import Mall, in_own_thread, no_trace, order
from tests.races.interleaving import Interleaving
from tests.races.together import run_together

pytestmark = pytest.mark.django_db(transaction=True)

REPLAYED = "Idempotent-Replayed"


class Deadlock(Exception):
    sqlstate = "40P01"


def fails(times: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The work of orders meets so many deadlocks, each after it has written."""
    begun: list[int] = []
    take = inbound.named("orders").work

    def work(*words: Any, **values: Any) -> Any:
        answer = take(*words, **values)
        begun.append(1)
        if len(begun) <= times:
            raise OperationalError("deadlock detected") from Deadlock()
        return answer

    monkeypatch.setitem(inbound._kinds, "orders", inbound.Inbound("orders", inbound.named("orders").read, work))
    monkeypatch.setattr("partners.api.calls.ORDERS", inbound.named("orders"))
    return begun


def again(event_id: int) -> InboundEvent:
    with acting_as(command("test")):
        return reprocess_event(event_id=event_id)


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aeghash.core.transactions.FIRST_PAUSE", 0.001)


def records(*states: str) -> list[str]:
    found = IdempotencyRecord.objects.exclude(call="members").order_by("pk").values_list("state", flat=True)
    assert not states or list(found) == list(states)
    return list(found)


@pytest.mark.parametrize(
    ("key", "code"),
    [(None, "idempotency_key_missing"), ("", "idempotency_key_invalid"), ("x" * 256, "idempotency_key_invalid"),
     ("tab\there", "idempotency_key_invalid"), ("ü", "idempotency_key_invalid")],
)  # fmt: skip
def test_a_key_is_needed_and_readable(mall: Mall, key: str | None, code: str) -> None:
    with no_trace():
        problem(mall.call("POST", "orders", order(), key=key), 400, code)


def test_the_same_again_has_the_same_answer(mall: Mall) -> None:
    first = mall.post("orders", order(), key="k")
    twice = mall.post("orders", order(), key="k")
    assert (twice.status_code, twice.content) == (first.status_code, first.content) == (201, first.content)
    assert REPLAYED not in first
    assert twice[REPLAYED] == "true"
    assert Order.objects.count() == 1
    records("SUCCEEDED")


def test_a_refusal_is_kept_and_given_again(mall: Mall) -> None:
    first = mall.post("orders", order(pv_amount="-1"), key="k")
    twice = mall.post("orders", order(pv_amount="-1"), key="k")
    problem(twice, 400, "validation_error")
    assert twice.content == first.content
    assert twice[REPLAYED] == "true"
    records("REFUSED")


@pytest.mark.parametrize("path", ["orders", "hashpower"])
def test_another_call_under_the_key_is_a_conflict_and_noted(mall: Mall, path: str) -> None:
    mall.post("orders", order(), key="k")
    first = IdempotencyRecord.objects.get(key="k")
    problem(mall.post(path, order("o-2"), key="k"), 409, "idempotency_conflict")
    records("SUCCEEDED", "FAILED_CONFLICT")
    assert IdempotencyRecord.objects.get(pk=first.pk).answer == first.answer
    assert Order.objects.count() == 1


def test_keys_belong_to_their_partner(mall: Mall) -> None:
    from tests.partners.world import make_mall

    mall.post("orders", order(), key="k")
    other = make_mall("other")
    other.join("theirs")
    assert other.post("orders", order(uid="theirs"), key="k").status_code == 201


def test_a_call_that_runs_is_told_so(mall: Mall) -> None:
    def slow() -> Any:
        return in_own_thread(mall, "POST", "orders", order(), key="k")

    def second() -> Any:
        with no_trace():
            return slow()

    first, told = Interleaving(at="partner call: worked").run(slow, second)
    assert first.value.status_code == 201
    assert problem(told.value, 409, "idempotency_in_progress")["state"] == "PENDING"
    assert told.value["Retry-After"] == "1"
    assert mall.post("orders", order(), key="k")[REPLAYED] == "true"


def test_after_24_hours_it_is_a_new_key_but_the_order_is_the_old_one(mall: Mall) -> None:
    mall.post("orders", order(), key="k")
    later = clock.now() + timedelta(hours=24)
    with clock.steered(lambda: later):
        twice = mall.post("orders", order(), key="k")
        assert twice.status_code == 200
        assert REPLAYED not in twice
        assert Order.objects.count() == 1
        assert mall.post("orders", order("o-2"), key="k").status_code == 409
        assert purge_idempotency_keys() == 3  # two members joined, too
    assert records() == ["SUCCEEDED", "FAILED_CONFLICT"]


@pytest.mark.usefixtures("_quick")
def test_a_passing_fault_is_tried_again(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = fails(3, monkeypatch)
    assert mall.post("orders", order(), key="k").status_code == 201
    assert len(begun) == 4
    assert Order.objects.count() == 1
    records("SUCCEEDED")


@pytest.mark.usefixtures("_quick")
def test_what_fails_for_good_leaves_nothing_but_is_kept_and_told(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    fails(8, monkeypatch)
    answer = mall.post("orders", order(), key="k")
    problem(answer, 503, "temporarily_unavailable")
    assert answer["Retry-After"]
    assert not Order.objects.exists()
    assert not Entry.objects.exists()
    records("FAILED")
    event = InboundEvent.objects.get()
    assert (event.state, event.call, bytes(event.body)[:1]) == ("failed", "orders", b"{")
    assert Alert.objects.filter(key=f"partner-event:{event.pk}").exists()
    # The same key is tried again, fails again, and is still one event.
    problem(mall.post("orders", order(), key="k"), 503, "temporarily_unavailable")
    assert InboundEvent.objects.get().attempts == 2
    assert mall.post("orders", order(), key="k").status_code == 201
    assert InboundEvent.objects.get().state == EventState.DONE
    assert Order.objects.count() == 1
    records("SUCCEEDED")


@pytest.mark.usefixtures("_quick")
def test_staff_work_a_failed_call_again(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    fails(4, monkeypatch)
    mall.post("orders", order(), key="k")
    event = again(InboundEvent.objects.get().pk)
    assert event.state == EventState.DONE
    assert Order.objects.count() == 1
    assert mall.post("orders", order(), key="k")[REPLAYED] == "true"
    assert again(event.pk).state == EventState.DONE
    assert Order.objects.count() == 1


def test_a_mistake_of_ours_is_a_failed_call_too(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    def work(*_words: Any, **_values: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr("partners.api.calls.ORDERS", inbound.Inbound("orders", inbound.named("orders").read, work))
    problem(mall.post("orders", order(), key="k"), 503, "temporarily_unavailable")
    records("FAILED")


def check_equal_calls(mall: Mall, count: int) -> None:
    outcomes = run_together(
        *(lambda: in_own_thread(mall, "POST", "orders", order(), key="k") for _ in range(count))
    )  # fmt: skip
    answers = [outcome.value for outcome in outcomes]
    firsts = [answer for answer in answers if answer.status_code == 201 and REPLAYED not in answer]
    replays = [answer for answer in answers if answer.status_code == 201 and REPLAYED in answer]
    running = [answer for answer in answers if answer.status_code == 409]
    assert len(firsts) == 1
    assert len(firsts) + len(replays) + len(running) == count
    assert {answer.json()["code"] for answer in running} <= {"idempotency_in_progress"}
    assert Order.objects.count() == 1
    assert Entry.objects.filter(order__source_id="o-1").count() == firsts[0].json()["bonuses_created"]
    records("SUCCEEDED")


def test_equal_calls_at_once_have_one_effect(mall: Mall) -> None:
    check_equal_calls(mall, 8)


@pytest.mark.prove
def test_50_equal_calls_at_once_have_one_effect(mall: Mall) -> None:
    check_equal_calls(mall, 50)


def test_without_its_lock_a_running_call_is_not_seen(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the second does the same work, until the record's unique key stops it."""
    monkeypatch.setattr("partners.operations.answer_once.TAKE", "SELECT true FROM (SELECT %s) AS nothing")

    def call() -> Any:
        return in_own_thread(mall, "POST", "hashpower", {"uid": "buyer", "hash": 1}, key="k")

    race = Interleaving(at="partner call: worked", grace=0.3)
    first, second = race.run(call, call)
    assert race.second_had_to_wait
    assert (first.value.status_code, second.value.status_code) == (201, 503)


class Killed(BaseException):
    """Like a SIGKILL: nothing of ours runs any more."""


@pytest.mark.parametrize("place", ["partner call: begun", "partner call: worked"])
def test_a_worker_killed_in_the_middle_leaves_one_truth(mall: Mall, place: str) -> None:
    def die(name: str) -> None:
        if name == place:
            raise Killed

    with no_trace(), checkpoints.hooked(die), pytest.raises(Killed):
        mall.post("orders", order(), key="k")
    assert mall.post("orders", order(), key="k").status_code == 201
    assert Order.objects.count() == 1
    records("SUCCEEDED")


def test_beyond_the_days_limit_it_waits_for_staff(mall: Mall) -> None:
    from partners.models import Partner

    Partner.objects.update(pv_a_day=100)
    assert mall.post("orders", order(), key="a").status_code == 201
    held = mall.post("orders", order("o-2"), key="b")
    assert (held.status_code, held.json()["status"]) == (202, "REVIEW")
    assert Order.objects.count() == 1
    assert mall.post("orders", order("o-2"), key="b")[REPLAYED] == "true"
    event = again(held.json()["event"])
    assert event.state == EventState.DONE
    assert Order.objects.count() == 2
    assert mall.post("orders", order("o-2"), key="b").json()["status"] == "PAID"


def test_states_are_those_of_the_contract() -> None:
    assert set(RecordState.values) == {"PENDING", "SUCCEEDED", "REFUSED", "FAILED", "FAILED_CONFLICT"}
