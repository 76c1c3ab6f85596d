"""The pages of bonuses, closings, credits and rules, and what two people do on them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aeghash.core import clock, rights
from aeghash.core.errors import Refusal
from aeghash.core.models import Job, Proposal, User
from aeghash.core.operations.approve_proposal import agree
from aeghash.core.operations.propose import propose
from bonus.models import Closing, ClosingMember, Entry, Rule
from bonus.operations.confirm_closing import CONFIRM_CLOSING
from bonus.operations.draft_closing import draft_closing
from bonus.operations.retry_credit import note_failure
from bonus.queries.warnings import times_the_usual
from organization.models import Member
from tests.bonus.closing import closed, long_ago
from tests.bonus.shares import line_of, paid
from tests.face.conftest import as_user, staff  # noqa: F401
from tests.people import make_staff

pytestmark = pytest.mark.django_db(transaction=True)

LISTS = ("entry", "allocation", "closingmember", "closing", "rule")


@pytest.fixture
def client(as_user: Callable[..., Client]) -> Client:  # noqa: F811
    return as_user(make_staff("choi", rights.FINANCE))


@pytest.fixture
def members() -> list[Member]:
    return line_of(4)


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def queries(client: Client, url: str) -> int:
    page(client, url)
    with CaptureQueriesContext(connection) as counted:
        page(client, url)
    return len(counted)


def test_a_list_costs_the_same_for_three_rows_as_for_one(client: Client, members: list[Member]) -> None:
    paid(members[1], 100, paid_at=long_ago())
    closed()
    ClosingMember.objects.update(status="failed")
    urls = [f"/admin/bonus/{name}/" for name in LISTS] + ["/admin/bonus/entry/?q=m0", "/admin/bonus/closingmember/?q=m"]
    one = [queries(client, url) for url in urls]
    for member in members[1:]:
        paid(member, 100, paid_at=long_ago())
    three = [queries(client, url) for url in urls]
    assert three == one
    assert max(three) < 12


def test_every_page_opens_empty_and_full(client: Client, members: list[Member]) -> None:
    for name in LISTS:
        page(client, f"/admin/bonus/{name}/")
    order = paid(members[3], 100, paid_at=long_ago())
    closing = closed()
    entry, credit = Entry.objects.earliest("pk"), ClosingMember.objects.earliest("pk")
    assert closing.sha256 in page(client, f"/admin/bonus/closing/{closing.pk}/")
    assert "the order has no center" in page(
        client, f"/admin/bonus/entry/{entry.pk}/"
    )  # a share that nobody got, and why
    page(client, f"/admin/bonus/allocation/{order.pk}/")
    page(client, f"/admin/bonus/closingmember/{credit.pk}/")
    page(client, f"/admin/bonus/rule/act/propose/?row={Rule.objects.get().pk}")


def test_a_closing_is_confirmed_by_another_person_and_not_after_it_was_counted_anew(members: list[Member]) -> None:
    operations, finance = make_staff("kim", rights.OPERATIONS), make_staff("choi", rights.FINANCE)
    draft = draft_closing()
    first = asked(draft, operations)
    with pytest.raises(Refusal):
        agreed(first, operations)
    paid(members[3], 100, paid_at=long_ago())
    draft_closing()
    with pytest.raises(Refusal):
        agreed(first, finance)
    draft.refresh_from_db()
    assert draft.status == "draft"
    assert not Job.objects.filter(kind="bonus.run_closing").exists()
    agreed(asked(draft, operations), finance)
    draft.refresh_from_db()
    assert draft.status == "running"
    assert Job.objects.filter(kind="bonus.run_closing").exists()


def asked(closing: Closing, by: User) -> Proposal:
    return propose(act=CONFIRM_CLOSING, content={"closing": closing.pk}, by=by, reason="end of the week")


def agreed(proposal: Proposal, by: User) -> Any:
    return agree(proposal_id=proposal.pk, digest=proposal.digest, by=by)


def test_a_failed_credit_is_put_back_by_hand(client: Client, members: list[Member]) -> None:
    paid(members[3], 100, paid_at=long_ago())
    User.objects.filter(pk=members[2].pk).update(is_active=False)
    closed()
    credit = ClosingMember.objects.get(status="retrying")
    note_failure(credit_id=credit.pk, error="suspended", is_last=True)
    chosen = {"row": [str(credit.pk)]}
    asked_first = client.get("/admin/bonus/closingmember/act/retry/", chosen)
    assert asked_first.status_code == 200
    done = client.post(f"/admin/bonus/closingmember/act/retry/?row={credit.pk}", chosen)
    assert done.status_code in (200, 302)
    credit.refresh_from_db()
    assert credit.status == "retrying"


def test_three_times_the_usual_is_warned_of(members: list[Member]) -> None:
    paid(members[3], 100, paid_at=long_ago(20))
    closed(clock.now() - timedelta(days=8))
    paid(members[3], 500, paid_at=long_ago(12))
    draft = draft_closing()
    assert str(times_the_usual(draft)["total"]) == "5.0"
