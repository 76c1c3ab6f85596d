"""Done, but the answer lost: in COMMIT the connection goes, or the process dies right after it.

Whoever asked sees that it may be tried again; trying again does nothing twice, and says what is there.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from aeghash.core.checkpoints import hooked
from aeghash.core.models import User
from tests.api.conftest import _own_cache, client_of, problem  # noqa: F401
from tests.partners.world import make_mall
from tests.severing import severing_proxy
from tests.wallets.books import give, standing
from tests.wallets.mblock.dying import Killed
from tests.withdrawals.test_requests import failed_one
from tests.withdrawals.world import World, approved, ask, fresh, heal, member, staff, work
from wallets.models import Transfer
from withdrawals.api.views import WithdrawalView
from withdrawals.models import Action, Approval, Status, Withdrawal, WithdrawalLog

URL = "/api/v1/withdrawals/"
REQUEST, STEP = 'INSERT INTO "withdrawal_requests"', "UPDATE withdrawal_requests"
Fault = Callable[[str], Any]


@pytest.fixture(autouse=True)
def _without_codes(settings: Any) -> None:
    settings.APPROVAL_OTP_REQUIRED = False


@contextmanager
def answer_of_commit_lost(after: str) -> Iterator[None]:
    """The first commit after a statement with these words is carried out, and nobody hears of it."""
    with severing_proxy() as proxy:

        def arm(execute: Any, sql: str, *words: Any) -> Any:
            if after in sql and not proxy.severed:
                proxy.sever_after = b"COMMIT"
            return execute(sql, *words)

        with connection.execute_wrapper(arm):
            yield
        assert proxy.severed == 1, "the fault has happened"


def lost(client: Client, url: str, body: dict[str, Any], after: str) -> None:
    with answer_of_commit_lost(after):
        answer = client.post(url, body, content_type="application/json")
    problem(answer, 503, "temporarily_unavailable")
    assert answer["Retry-After"]


def killed(client: Client, url: str, body: dict[str, Any], _after: str) -> None:
    """After the commit, before a word of the answer."""
    with pytest.MonkeyPatch.context() as patch:

        def die(*_words: Any) -> None:
            raise Killed

        patch.setattr(WithdrawalView, "answer", die)
        with pytest.raises(Killed):
            client.post(url, body, content_type="application/json")


FAULTS = pytest.mark.parametrize("fault", [lost, killed])


def again(client: Client, url: str, body: dict[str, Any]) -> Any:
    return client.post(url, body, content_type="application/json")


def written() -> list[int]:
    return [model.objects.count() for model in (Withdrawal, Approval, WithdrawalLog, Transfer)]


@FAULTS
def test_a_request_filed_under_a_reference_is_there_once(world: World, fault: Any) -> None:
    user, clerk = member(LTC="10"), client_of(staff("operations"))
    asked = {"uid": user.uid, "asset": "LTC", "amount": "4", "reference_id": "ticket 7"}
    fault(clerk, URL, asked, REQUEST)
    (made,) = Withdrawal.objects.all()
    before = written()
    told = problem(again(clerk, URL, asked), 409, "reference_used")
    assert (told["id"], written(), standing(user.pk, "LTC")) == (made.pk, before, (10, 4))
    other = again(clerk, URL, asked | {"reference_id": "ticket 8"})
    assert other.status_code == 201, "another matter is another request"
    again(clerk, f"{URL}{made.pk}/cancel/", {})
    assert again(clerk, URL, asked).status_code == 201, "what was taken back may be asked for again"


@FAULTS
def test_an_approval_counts_once(world: World, fault: Any) -> None:
    withdrawal, first = ask(member(LTC="10")), staff()
    url, body = f"{URL}{withdrawal.pk}/approve/", {"version": 1}
    fault(client_of(first), url, body, STEP)
    assert fresh(withdrawal).status == Status.APPROVED_PENDING
    before = written()
    problem(again(client_of(first), url, body), 409, "same_approver")
    assert written() == before
    approved(withdrawal, staff())
    heal(world)
    assert (fresh(withdrawal).status, len(world.paid(withdrawal))) == (Status.COMPLETED, 1)


@FAULTS
def test_the_last_approval_leads_to_one_submission(world: World, fault: Any) -> None:
    """The job is there with the approval, although nobody was told of either."""
    first, second = staff(), staff()
    withdrawal = approved(ask(member(LTC="10")), first)
    url, body = f"{URL}{withdrawal.pk}/approve/", {"version": 2}
    fault(client_of(second), url, body, STEP)
    assert fresh(withdrawal).status == Status.APPROVED
    problem(again(client_of(second), url, body), 409, "invalid_state")
    heal(world)
    assert (fresh(withdrawal).status, len(world.paid(withdrawal))) == (Status.COMPLETED, 1)


@FAULTS
@pytest.mark.parametrize(("act", "body", "status"), [("reject", {"reason": "no"}, 409), ("cancel", {}, 200)])
def test_refused_or_taken_back_the_money_is_free_once(
    world: World, fault: Any, act: str, body: dict[str, Any], status: int
) -> None:
    user, clerk = member(LTC="10"), client_of(staff("operations"))
    withdrawal = ask(user, amount="4")
    fault(clerk, f"{URL}{withdrawal.pk}/{act}/", body, STEP)
    before = written()
    assert again(clerk, f"{URL}{withdrawal.pk}/{act}/", body).status_code == status
    assert (written(), standing(user.pk, "LTC")) == (before, (10, 0))


@FAULTS
def test_a_retry_is_one_request(world: World, fault: Any) -> None:
    failed = failed_one(world, member(LTC="10"))
    clerk = client_of(staff("operations"))
    fault(clerk, f"{URL}{failed.pk}/retry/", {}, REQUEST)
    made = Withdrawal.objects.get(retry_of=failed)
    told = problem(again(clerk, f"{URL}{failed.pk}/retry/", {}), 409, "retried_already")
    assert (told["id"], standing(failed.user_id, "LTC")) == (made.pk, (10, Decimal("1.5")))


def test_a_partners_request_is_there_once_and_answered(world: World) -> None:
    """Its record is in the same commit: the product itself finds out that it was done, and answers at once."""
    mall = make_mall()
    mall.join("root")
    user = User.objects.get(uid="root").pk
    give(user, "10", "LTC")
    with answer_of_commit_lost(REQUEST):
        answer = mall.post("withdrawals", {"uid": "root", "asset": "LTC", "amount": "4"}, key="k")
    assert answer.status_code == 201, answer.content
    same = mall.post("withdrawals", {"uid": "root", "asset": "LTC", "amount": "4"}, key="k")
    assert (same.status_code, same.json()) == (201, answer.json())
    assert (Withdrawal.objects.count(), standing(user, "LTC")) == (1, (10, 4))


@pytest.mark.parametrize("place", ["withdrawal: marked", "withdrawal: answered"])
def test_the_workers_own_commits_are_found_to_be_done(world: World, place: str) -> None:
    """Of the claim: nobody calls, and it is given up. Of the outcome: it is looked up, and not written a second time."""
    withdrawal = approved(ask(member(LTC="10")))
    with severing_proxy() as proxy:

        def arm(name: str) -> None:
            if name == place and not proxy.severed:
                proxy.sever_after = b"COMMIT"

        with hooked(arm):
            work()
        assert proxy.severed == 1
    steps = list(WithdrawalLog.objects.filter(withdrawal=withdrawal).values_list("action", flat=True))
    if place == "withdrawal: answered":
        assert (fresh(withdrawal).status, steps.count(Action.SUBMITTED)) == (Status.SUBMITTED, 1)
        assert len(world.paid(withdrawal)) == 1
    else:
        assert (fresh(withdrawal).status, world.paid(withdrawal)) == (Status.SUBMITTING, [])
    heal(world)
    ended = fresh(withdrawal).status
    assert ended == (Status.COMPLETED if place == "withdrawal: answered" else Status.MANUAL_REVIEW)
    assert len(world.paid(withdrawal)) == (ended == Status.COMPLETED)
