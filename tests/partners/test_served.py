"""Through the real web server: equal calls in many processes, a killed one, and more calls than can be done."""

import contextlib
import http.client
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from bonus.models import Entry
from organization.models import Order
from partners.models import IdempotencyRecord, InboundEvent, Partner, RateMark
from tests.database import Owner
from tests.partners.load import Load, check_nothing_is_lost_or_doubled, resent, statuses
from tests.partners.served import Served, ServedMall
from tests.partners.test_idempotency import REPLAYED
from tests.partners.world import BASE, Mall, order
from tests.races.processes import eventually
from tests.races.together import run_together
from tests.waiting import Running, blocked, until, until_blocked

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("served")]

THREADS = 4
ONE_PROCESS = {"WEB_CONCURRENCY": "1", "WEB_THREADS": f"{THREADS}"}
LONGEST_WAIT = 1
HASTY = {"WEB_LONGEST_WAIT": f"{LONGEST_WAIT}"}
PATIENT = {"WEB_LONGEST_WAIT": "60"}  # turns nobody away on a busy machine


@pytest.fixture(scope="module")
def servers(django_db_setup: None) -> Iterator[list[Served]]:
    """Processes that share nothing but the database. The last one is hasty."""
    with (
        Served(**ONE_PROCESS, **PATIENT) as one,
        Served(**ONE_PROCESS, **PATIENT) as other,
        Served(**ONE_PROCESS, **HASTY) as hasty,
    ):
        for server in (one, other, hasty):
            server.wait_until_ready()
        yield [one, other, hasty]


@pytest.fixture
def malls(mall: Mall, servers: list[Served]) -> list[ServedMall]:
    return [ServedMall(mall.key_id, server=server) for server in servers[:2]]


@pytest.fixture
def hasty(mall: Mall, servers: list[Served]) -> ServedMall:
    return ServedMall(mall.key_id, server=servers[2])


def effect_of(number: str = "o-1") -> int:
    return Entry.objects.filter(order__source_id=number).count()


def test_a_nonce_is_taken_once_by_all_processes_together(malls: list[ServedMall]) -> None:
    for _ in range(5):
        sent = malls[0].headers("POST", f"{BASE}ping", b"")
        calls = [partial(mall.send, "POST", f"{BASE}ping", b"", sent) for mall in malls * 2]
        outcomes = run_together(*calls)
        codes = sorted(outcome.value.json().get("code", "") for outcome in outcomes)
        assert codes == ["", *["replayed_nonce"] * 3]


def test_50_equal_calls_at_once_have_one_effect(malls: list[ServedMall]) -> None:
    outcomes = run_together(*[partial(mall.post, "orders", order(), key="k") for mall in malls * 25])
    answers = [outcome.value for outcome in outcomes]
    firsts = [answer for answer in answers if answer.status_code == 201 and REPLAYED not in answer]
    replays = [answer for answer in answers if answer.status_code == 201 and REPLAYED in answer]
    running = [answer for answer in answers if answer.status_code == 409]
    assert (len(firsts), len(replays) + len(running)) == (1, 49)
    assert {answer.json()["code"] for answer in running} <= {"idempotency_in_progress"}
    assert {answer.content for answer in replays} <= {firsts[0].content}
    assert Order.objects.count() == 1
    assert effect_of() == firsts[0].json()["bonuses_created"]


def test_a_web_worker_killed_in_the_middle_leaves_one_truth(malls: list[ServedMall], owner: Owner) -> None:
    """It dies when the order is written and its bonuses are not; its session in the database doesn't notice at once."""
    mall = malls[0]
    with owner.transaction():
        owner.execute("LOCK TABLE bonus_entries IN EXCLUSIVE MODE")
        call = Running(lambda: mall.post("orders", order(), key="k"))
        until_blocked(owner)
        killed = {worker.pid for worker in mall.server.workers()}
        mall.server.kill_workers()
        with pytest.raises((OSError, http.client.HTTPException)):
            call.result()
        told = Mall(mall.key_id).post("orders", order(), key="k")  # here, at once: its session gives up after a while
        assert (told.status_code, told.json()["code"]) == (409, "idempotency_in_progress")
    assert eventually(mall.server.answers, within=60)
    assert killed.isdisjoint(worker.pid for worker in mall.server.workers())
    answers: list[Any] = []

    def is_done() -> bool:
        answers.append(mall.post("orders", order(), key="k"))
        return bool(answers[-1].status_code == 201)

    until(is_done)
    assert REPLAYED not in answers[-1]
    assert mall.post("orders", order(), key="k").content == answers[-1].content
    assert Order.objects.count() == 1
    assert effect_of() == answers[-1].json()["bonuses_created"]
    assert IdempotencyRecord.objects.get(key="k").state == "SUCCEEDED"
    assert not InboundEvent.objects.exists()


@pytest.mark.prove
def test_killed_at_any_moment_nothing_is_lost_or_doubled(malls: list[ServedMall]) -> None:
    mall = malls[0]
    for number in range(40):
        body = order(f"o-{number}")
        call = Running(partial(mall.post, "orders", body, key=body["order_id"]))
        time.sleep(number * 0.001)
        mall.server.kill_workers()
        with contextlib.suppress(OSError, http.client.HTTPException):
            call.result()
        assert eventually(partial(said_201, mall, body), within=60)
        assert Order.objects.count() == number + 1
    assert not InboundEvent.objects.exists()


def said_201(mall: ServedMall, body: dict[str, Any]) -> bool:
    try:
        return bool(mall.post("orders", body, key=body["order_id"]).status_code == 201)
    except (OSError, http.client.HTTPException):
        return False


def test_what_waits_too_long_is_turned_away_and_lost_nowhere(hasty: ServedMall, mall: Mall, owner: Owner) -> None:
    """All threads hang in the database; whoever queues behind them is told to come again, before anything is done."""
    sent: list[Running] = []

    def send() -> None:
        number = f"o-{len(sent)}"
        sent.append(Running(partial(hasty.post, "orders", order(number), key=number)))

    def all_threads_hang() -> bool:
        """On a busy machine one of them may have waited too long already: then another takes its place."""
        if sum(running.is_alive() for running in sent) < THREADS:
            send()
        return blocked(owner) == THREADS

    with owner.transaction():
        owner.execute("LOCK TABLE bonus_entries IN EXCLUSIVE MODE")
        until(all_threads_hang)
        for _ in range(8):
            send()
        time.sleep(4 * LONGEST_WAIT)
    told: list[Any] = [running.result() for running in sent]
    turned_away = [answer for answer in told if answer.status_code != 201]
    assert len(told) - len(turned_away) >= THREADS
    assert {(answer.status_code, answer.json()["code"]) for answer in turned_away} == {(503, "temporarily_unavailable")}
    assert {answer["Retry-After"] for answer in turned_away} == {"1"}
    done = len(told) - len(turned_away)
    assert Order.objects.count() == IdempotencyRecord.objects.filter(call="orders").count() == done
    assert not InboundEvent.objects.exists()
    again = [mall.post("orders", order(f"o-{number}"), key=f"o-{number}") for number in range(len(told))]
    assert {answer.status_code for answer in again} == {201}
    assert sum(REPLAYED in answer for answer in again) == done
    assert Order.objects.count() == len(told)


@pytest.fixture
def load(malls: list[ServedMall]) -> Load:
    return Load(malls[0], malls[0].server.port, lambda number: order(f"o-{number}"))


def test_orders_in_a_row_come_in_without_loss(load: Load) -> None:
    assert statuses(load.offer(a_second=20, count=40)) == {(201, ""): 40}
    check_nothing_is_lost_or_doubled(load)


def test_beyond_a_keys_rate_calls_are_turned_away_and_lost_nowhere(load: Load) -> None:
    Partner.objects.update(writes_a_minute=6, burst=10)
    told = load.offer(a_second=100, count=40)
    refused = [call for call in told if call.status == 429]
    assert {call.status for call in told} == {201, 429}
    assert all(call.has_retry_after for call in refused)
    check_nothing_is_lost_or_doubled(load)
    Partner.objects.update(writes_a_minute=10**6, burst=10**6)
    RateMark.objects.all().delete()
    assert set(statuses(resent(load, refused))) == {(201, "")}
    check_nothing_is_lost_or_doubled(load)
