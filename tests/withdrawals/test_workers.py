"""Several workers with the same request in hand, and a database that fails in the middle of one."""

import threading
from typing import Any

import pytest
from django.db import OperationalError, connection

from aeghash.core.checkpoints import hooked
from aeghash.core.models import Job, User
from aeghash.core.operations.claim_job import claim_job
from aeghash.core.operations.work_job import work_job
from tests.api.conftest import _own_cache, client_of, problem  # noqa: F401
from tests.partners.world import make_mall
from tests.races.together import run_together
from tests.wallets.books import give, standing
from tests.withdrawals.dying import deliver_again
from tests.withdrawals.world import World, approved, ask, fresh, heal, member, staff
from withdrawals.models import Status, Withdrawal, WithdrawalAttempt
from withdrawals.operations import submit_withdrawal as submitting
from withdrawals.operations.approve_withdrawal import SUBMIT

WORKERS = 4
HOLD = "ledger_put"


class Deadlock(Exception):
    sqlstate = "40P01"


def taken_by_many_at_once(world: World) -> Withdrawal:
    """Each has a message of its own, and all have found that it is to be submitted before the first claims it."""
    withdrawal = approved(ask(member(LTC="10")))
    for _ in range(WORKERS - 1):
        deliver_again(withdrawal)
    marked = threading.Barrier(WORKERS, timeout=30)

    def all_there(name: str) -> None:
        if name == "withdrawal: marked":
            marked.wait()

    def work(number: int) -> Any:
        def act() -> None:
            lease = claim_job(job_id=number)
            assert lease is not None
            work_job(lease=lease)

        return act

    with hooked(all_there):
        outcomes = run_together(*map(work, Job.objects.filter(kind=SUBMIT).values_list("pk", flat=True)))
    assert [outcome.error for outcome in outcomes] == [None] * WORKERS
    return withdrawal


def test_of_many_workers_one_calls(world: World) -> None:
    withdrawal = taken_by_many_at_once(world)
    assert (WithdrawalAttempt.objects.count(), len(world.paid(withdrawal))) == (1, 1)
    assert not Job.objects.filter(kind=SUBMIT).exclude(last_error=""), (
        "the others have seen that there is nothing to do"
    )
    heal(world)
    assert fresh(withdrawal).status == Status.COMPLETED


def test_control_without_the_lock_the_others_meet_the_databases_own_guard(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(submitting, "lock_withdrawal", lambda pk: Withdrawal.objects.get(pk=pk))
        withdrawal = taken_by_many_at_once(world)
    assert Job.objects.filter(kind=SUBMIT).exclude(last_error="").exists()
    assert len(world.paid(withdrawal)) == 1
    heal(world)


def deadlocks(times: int) -> Any:
    """The hold is refused so often, as PostgreSQL ends one of two who wait for each other."""
    met: list[int] = []

    def fail(execute: Any, sql: str, *words: Any) -> Any:
        if HOLD in sql and len(met) < times:
            met.append(1)
            raise OperationalError("deadlock detected") from Deadlock()
        return execute(sql, *words)

    return connection.execute_wrapper(fail)


def test_a_deadlock_under_a_partners_request_is_tried_again(world: World) -> None:
    mall = make_mall()
    mall.join("root")
    user = User.objects.get(uid="root").pk
    give(user, "10", "LTC")
    with deadlocks(2):
        answer = mall.post("withdrawals", {"uid": "root", "asset": "LTC", "amount": "4"}, key="k")
    assert answer.status_code == 201, answer.content
    assert (Withdrawal.objects.count(), standing(user, "LTC")) == (1, (10, 4))


def test_a_deadlock_under_staffs_leaves_nothing_and_says_try_again(world: World) -> None:
    user, clerk = member(LTC="10"), client_of(staff("operations"))
    asked = {"uid": user.uid, "asset": "LTC", "amount": "4"}
    with deadlocks(1):
        answer = clerk.post("/api/v1/withdrawals/", asked, content_type="application/json")
    problem(answer, 503, "temporarily_unavailable")
    assert (Withdrawal.objects.count(), standing(user.pk, "LTC")) == (0, (10, 0))
    assert clerk.post("/api/v1/withdrawals/", asked, content_type="application/json").status_code == 201
