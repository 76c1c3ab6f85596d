"""/api/v1/balances/ and /api/v1/transfers/."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from aeghash.core import clock
from aeghash.core.models import User
from tests.api.conftest import Call, _own_cache, api, caller, problem, queries_for  # noqa: F401
from tests.wallets.books import give, make_member
from wallets.models import Balance, SystemAccount, Transfer
from wallets.operations.hold import hold
from wallets.operations.post import post

pytestmark = pytest.mark.django_db

BALANCES, TRANSFERS = "/api/v1/balances/", "/api/v1/transfers/"
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.fixture
def holder() -> int:
    with clock.steered(lambda: NOW):
        member = make_member("M-1")
        give(member, "12.50", reference="income 1")
        hold(reference="withdrawal 1", asset="USDT", amount=Decimal(2), source=member)
    return member


def found(client: Client, url: str) -> list[dict[str, Any]]:
    answer = client.get(url)
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()["results"]
    return rows


def test_a_balance_as_it_is_shown(api: Client, holder: int) -> None:  # noqa: F811
    assert found(api, BALANCES) == [
        {
            "id": Balance.objects.get().pk,
            "member": {"id": holder, "uid": "M-1", "email": "m-1@members.example"},
            "asset": "USDT",
            "amount": "12.5",
            "locked_amount": "2",
            "available_amount": "10.5",
            "updated_at": "2026-11-21T09:00:00Z",
        }
    ]


def test_a_transfer_as_it_is_shown(api: Client, holder: int) -> None:  # noqa: F811
    held, given = found(api, TRANSFERS)
    member = {"id": holder, "uid": "M-1", "email": "m-1@members.example"}
    balance = Balance.objects.get().pk
    assert given == {
        "id": Transfer.objects.get(reference="income 1").pk,
        "kind": "post",
        "reference": "income 1",
        "asset": "USDT",
        "amount": "12.5",
        "source": {"balance": None, "member": None, "system": "issuance"},
        "target": {"balance": balance, "member": member, "system": None},
        "resolves": None,
        "at": "2026-11-21T09:00:00Z",
    }
    assert held["kind"] == "hold"
    assert api.get(f"{TRANSFERS}{held['id']}/").json() == held
    problem(api.get(f"{TRANSFERS}4711/"), 404, "not_found")


def test_e_mails_are_masked_for_support(caller: Call, holder: int) -> None:  # noqa: F811
    support = caller("support")
    assert found(support, BALANCES)[0]["member"]["email"] == "m***@members.example"
    assert found(support, TRANSFERS)[0]["source"]["member"]["email"] == "m***@members.example"


def test_filters(api: Client, holder: int) -> None:  # noqa: F811
    other = make_member("M-2")
    give(other, "1", "POINT", "bonus")
    post(reference="gift", asset="USDT", amount=Decimal(1), source=holder, target=other)
    for query, count in {f"user={holder}": 1, "uid=M-2": 2, "asset=USDT": 2}.items():
        assert len(found(api, f"{BALANCES}?{query}")) == count, query
    for query, references in {
        f"user={holder}": ["gift", "withdrawal 1", "income 1"],
        "uid=M-2": ["gift", "bonus"],
        "uid=M-3": [],
        "asset=POINT": ["bonus"],
        "reference=gift": ["gift"],
        "kind=hold": ["withdrawal 1"],
        "before=2026-11-21T09:00:01Z": ["withdrawal 1", "income 1"],
        "since=2026-11-21T09:00:01Z": [] if clock.now() < NOW else ["gift", "bonus"],
    }.items():
        assert [row["reference"] for row in found(api, f"{TRANSFERS}?{query}")] == references, query
    problem(api.get(f"{TRANSFERS}?kind=x"), 400, "validation_error")
    problem(api.get(f"{TRANSFERS}?user={10**30}"), 400, "validation_error")


@pytest.mark.parametrize("url", [BALANCES, TRANSFERS, f"{TRANSFERS}?uid=M-1"])
def test_a_list_takes_as_many_queries_for_three_rows_as_for_one(api: Client, holder: int, url: str) -> None:  # noqa: F811
    one = queries_for(api, url + ("&" if "?" in url else "?") + "page_size=1")
    for number in range(2, 5):
        give(make_member(f"M-{number}"), "1")
        give(holder, "1")
    assert queries_for(api, url) == one <= 6


def test_who_may_not_see_balances_sees_none(caller: Call, holder: int) -> None:  # noqa: F811
    api = caller("operations")  # noqa: F811
    User.objects.get(name="caller").groups.clear()
    for url in (BALANCES, TRANSFERS):
        problem(api.get(url), 403, "permission_denied")


def test_nobody_posts_through_the_api(api: Client, holder: int) -> None:  # noqa: F811
    for url in (BALANCES, TRANSFERS):
        problem(api.post(url, {}, "application/json"), 405, "method_not_allowed")
    assert Balance.objects.get().amount == Decimal("12.5")
    assert Transfer.objects.filter(source_system=SystemAccount.ISSUANCE).count() == 1
