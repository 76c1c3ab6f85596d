"""/api/v1/mining/: what staff's programs see and do, in as many queries for three rows as for one."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aeghash.core import clock
from aeghash.core.models import Proposal, User
from mining.models import CoinFacts, Grant, HashBalance, MiningWithdrawal, PoolCharge, PoolHolding, PoolSwap
from mining.operations.pay_out_coins import pay_out_coins
from tests.api.conftest import client_of
from tests.people import make_staff
from tests.sandbox.served import Served, StoppedClock
from tests.security.tables.mining import make_day, make_grant, make_payout, make_pool_withdrawal

ONE = Decimal("1.50")


def client(*groups: str) -> Client:
    return client_of(make_staff("somebody", *groups))


def make_balance() -> object:
    return HashBalance.objects.create(day=make_day().day, credit=ONE, power=ONE, raw={})


def make_profit() -> object:
    return CoinFacts.objects.create(facts=make_day(), coin_id="LTC", total=ONE, per_mega=ONE, price=ONE)


def make_holding() -> object:
    return PoolHolding.objects.create(day=make_day().day, coin_id="LTC", balance=ONE, available=ONE)


def make_charge() -> object:
    row = make_pool_withdrawal()
    return PoolCharge.objects.create(
        remote_id=row.remote_id, amount=ONE, price=ONE, coin="USDT", status="completed", raw={}, made_at=clock.now()
    )


def make_swap() -> object:
    row = make_pool_withdrawal()
    return PoolSwap.objects.create(remote_id=row.remote_id, amount=ONE, status="pending", raw={}, made_at=clock.now())


LISTS: dict[str, Callable[[], object]] = {
    "hash-balance": make_balance,
    "hash-rates": make_day,
    "profits": make_profit,
    "assets": make_holding,
    "withdrawals": make_payout,
    "credit-charges": make_charge,
    "power-swaps": make_swap,
    "grants": make_grant,
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_as_many_queries_with_three_rows_as_with_one(name: str) -> None:
    caller, counts = client("support"), []
    caller.get(f"/api/v1/mining/{name}/")  # the first use of a token is noted
    for more in (1, 2):
        for _row in range(more):
            LISTS[name]()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = caller.get(f"/api/v1/mining/{name}/")
        assert answer.status_code == 200
        counts.append((len(answer.json()["results"]), len(queries)))
    assert [count for count, _queries in counts] == [1, 3]
    assert counts[0][1] == counts[1][1]


@pytest.mark.django_db
def test_amounts_are_decimal_strings_and_days_are_filtered() -> None:
    make_balance()
    caller, address = client("support"), "/api/v1/mining/hash-balance/"
    (row,) = caller.get(f"{address}?since=2020-01-01").json()["results"]
    assert (row["credit"], row["power"]) == ("1.5", "1.5")
    assert caller.get(f"{address}?until=2020-01-01").json()["results"] == []


def post(caller: Client, name: str, body: dict[str, Any]) -> Any:
    return caller.post(f"/api/v1/mining/{name}/", body, "application/json")


@pytest.mark.django_db
def test_staff_give_and_take_hash_power() -> None:
    User.objects.create_user("m@example.com", uid="m1")
    caller = client("operations")
    body = {"uid": "m1", "hash": "12.5", "reason": "bought"}
    answer = post(caller, "grants", body)
    assert (answer.status_code, answer.json()["hash"], answer.json()["source"]) == (201, "12.5", "staff")
    answer = post(caller, "grants", {**body, "hash": "13", "direction": "debit"})
    assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_hash_power")
    assert post(caller, "grants", {**body, "hash": "NaN"}).status_code == 400
    assert post(caller, "grants", {**body, "uid": "nobody"}).status_code == 404
    assert Grant.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "kind"), [("credit-charges", "charge"), ("power-swaps", "swap")])
def test_a_charge_or_swap_is_a_proposal(name: str, kind: str) -> None:
    HashBalance.objects.create(day=clock.today(), credit=Decimal(10), power=ONE, raw={})
    caller = client("finance")
    answer = post(caller, name, {"amount": "7.5", "reason": "more power"})
    assert (answer.status_code, answer.json()["content"]) == (202, {"kind": kind, "amount": "7.5"})
    refused = post(caller, name, {"amount": "11", "reason": "more power"}).status_code
    assert refused == (422 if kind == "swap" else 202)
    assert Proposal.objects.count() == (1 if kind == "swap" else 2)


@pytest.mark.django_db(transaction=True)
def test_a_payout_is_reconciled_on_demand(pool: Served, time: StoppedClock) -> None:
    pay_out_coins(reference="r", coin="LTC", amount=Decimal("1.5"))
    time.turn(60)
    row = MiningWithdrawal.objects.get()
    answer = post(client("operations"), f"withdrawals/{row.pk}/reconcile", {})
    assert (answer.status_code, answer.json()["status"], answer.json()["fee"]) == (200, "completed", "0.001")
