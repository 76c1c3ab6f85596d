"""The pages of bonuses, closings, credits and rules, and what two people do on them."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
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
from tests.api.conftest import client_of
from tests.bonus.closing import closed, long_ago
from tests.bonus.shares import line_of, paid
from tests.database import Owner
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


def test_a_draft_shows_how_it_differs_from_the_last_one_and_the_last_period(
    client: Client, members: list[Member]
) -> None:
    paid(members[3], 100, paid_at=long_ago(20))
    closed(clock.now() - timedelta(days=8))
    paid(members[3], 10, paid_at=long_ago())
    draft = draft_closing()
    paid(members[3], 100, paid_at=long_ago())
    draft_closing()
    (row,) = re.findall("<tr><td>referral</td>.*?</tr>", page(client, f"/admin/bonus/closing/{draft.pk}/"))
    figures = re.findall(r"-?[0-9.]+", re.sub("<[^>]*>", " ", row))
    # Entries, 40 % of 110, of the 100 since the last draft, of 10 more than in the period before.
    assert [Decimal(figure) for figure in figures] == [6, 44, 40, 4]


def test_a_closed_period_is_verified_on_its_page(client: Client, members: list[Member], owner: Owner) -> None:
    paid(members[3], 100, paid_at=long_ago())
    closing = closed()
    address, chosen = "/admin/bonus/closing/act/verify/", {"row": closing.pk}
    done: Any = client.post(address, chosen)
    assert done.url == f"/admin/bonus/closing/{closing.pk}/"
    owner.execute("SET session_replication_role = replica")
    owner.execute("UPDATE bonus_entries SET amount = amount + 1 WHERE type = 'referral' AND level = 1")
    refused = client.post(address, chosen)
    assert refused.status_code == 200
    assert "1 differences, the first: member" in refused.content.decode()


LINES = [{"type": "referral", "level": 1, "percentage": "12.5", "needs_active": True}]


def new_rules(**changed: Any) -> dict[str, Any]:
    begin = (clock.now() + timedelta(days=1)).isoformat()
    return {"lines": LINES, "valid_from": begin, "reason": "less", **changed}


def test_programs_propose_rules_and_another_person_agrees() -> None:
    program: Any = client_of(make_staff("finance", rights.FINANCE))
    answer = program.post("/api/v1/bonus/rules/", new_rules(), content_type="application/json")
    assert answer.status_code == 202
    proposal = Proposal.objects.get(pk=answer.json()["id"])
    assert (answer.json()["digest"], answer.json()["status"]) == (proposal.digest, "waiting")
    assert Rule.objects.count() == 1
    agreed(proposal, make_staff("kang", rights.FINANCE))
    (line,) = Rule.objects.latest("pk").lines.all()
    assert (line.type, line.level, line.percentage, line.needs_active) == ("referral", 1, Decimal("12.5"), True)


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"lines": [{**LINES[0], "percentage": "-1"}]}, "validation_error", "percentage"),
        ({"lines": [{**LINES[0], "percentage": "1e400"}]}, "validation_error", "percentage"),
        ({"lines": [{**LINES[0], "percentage": "100.1"}]}, "validation_error", "percentage"),
        ({"lines": [{**LINES[0], "lowest_rank": "D9"}]}, "validation_error", "lowest_rank"),
        ({"lines": [{**LINES[0], "extra": 1}]}, "validation_error", "extra"),
        (
            {"lines": [{**LINES[0], "percentage": "60"}, {**LINES[0], "level": 2, "percentage": "41"}]},
            "over_the_whole",
            "",
        ),
        ({"lines": []}, "validation_error", "lines"),
        ({"valid_from": "2026-01-01T00:00:00Z"}, "validation_error", "valid_from"),
        ({"reason": " "}, "validation_error", "reason"),
    ],
)
def test_rules_that_no_plan_has_are_refused_by_the_api(changed: dict[str, Any], code: str, field: str) -> None:
    program: Any = client_of(make_staff("finance", rights.FINANCE))
    answer = program.post("/api/v1/bonus/rules/", new_rules(**changed), content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert field in answer.content.decode()
    assert not Proposal.objects.exists()
    assert Rule.objects.count() == 1


def test_whoever_may_not_propose_rules_does_not() -> None:
    program: Any = client_of(make_staff("support", rights.SUPPORT))
    assert program.post("/api/v1/bonus/rules/", new_rules(), content_type="application/json").status_code == 403
    assert not Proposal.objects.exists()
