"""Of mining: the pool's facts, hash power, income, what moves at the pool."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from aeghash.core import clock, ids
from aeghash.core.actors import acting_as, command
from aeghash.core.models import User
from mining.models import (
    Allocation,
    DayFacts,
    Grant,
    MiningWithdrawal,
    OrderKind,
    PoolOrder,
    PoolWithdrawal,
    ReserveProof,
)

TABLE: Final = """
                                                         anon none   oper fina supp sysa
GET  admin/mining/dayfacts/                              302  403   200  200  200  200
GET  admin/mining/dayfacts/<path:object_id>/             302  403   200  200  200  200
GET  admin/mining/dayfacts/act/<slug:name>/              302  403   403  302  403  403
GET  admin/mining/dayfacts/export/<slug:kind>/           302  405   405  405  405  405
GET  admin/mining/allocation/                            302  403   200  200  200  200
GET  admin/mining/allocation/<path:object_id>/           302  403   200  200  200  200
GET  admin/mining/allocation/act/<slug:name>/            302  404   404  404  404  404
GET  admin/mining/allocation/export/<slug:kind>/         302  405   405  405  405  405
GET  admin/mining/grant/                                 302  403   200  200  200  200
GET  admin/mining/grant/new/                             302  403   200  403  403  403
GET  admin/mining/grant/<path:object_id>/                302  403   200  200  200  200
GET  admin/mining/grant/act/<slug:name>/                 302  404   404  404  404  404
GET  admin/mining/grant/export/<slug:kind>/              302  405   405  405  405  405
GET  admin/mining/miningwithdrawal/                      302  403   200  200  200  200
GET  admin/mining/miningwithdrawal/<path:object_id>/     302  403   200  200  200  200
GET  admin/mining/miningwithdrawal/act/<slug:name>/      302  403   302  302  403  302
GET  admin/mining/miningwithdrawal/export/<slug:kind>/   302  405   405  405  405  405
GET  admin/mining/poolwithdrawal/                        302  403   200  200  200  200
GET  admin/mining/poolwithdrawal/<path:object_id>/       302  403   200  200  200  200
GET  admin/mining/poolwithdrawal/act/<slug:name>/        302  403   403  302  403  302
GET  admin/mining/poolwithdrawal/export/<slug:kind>/     302  405   405  405  405  405
GET  admin/mining/poolorder/                             302  403   200  200  200  200
GET  admin/mining/poolorder/new/<slug:kind>/             302  403   403  200  403  403
GET  admin/mining/poolorder/<path:object_id>/            302  403   200  200  200  200
GET  admin/mining/poolorder/act/<slug:name>/             302  403   403  302  403  302
GET  admin/mining/poolorder/export/<slug:kind>/          302  405   405  405  405  405
GET  admin/mining/reserveproof/                          302  403   200  200  200  200
GET  admin/mining/reserveproof/<path:object_id>/         302  403   200  200  200  200
GET  admin/mining/reserveproof/act/<slug:name>/          302  404   404  404  404  404
GET  admin/mining/reserveproof/export/<slug:kind>/       302  405   405  405  405  405

GET  api/v1/mining/hash-balance/                         401  403   200  200  200  200
GET  api/v1/mining/hash-rates/                           401  403   200  200  200  200
GET  api/v1/mining/profits/                              401  403   200  200  200  200
GET  api/v1/mining/assets/                               401  403   200  200  200  200
GET  api/v1/mining/withdrawals/                          401  403   200  200  200  200
GET  api/v1/mining/withdrawals/<id:payout_id>/           401  403   200  200  200  200
POST api/v1/mining/withdrawals/<id:payout_id>/reconcile/ 401  403   200  200  403  200
GET  api/v1/mining/credit-charges/                       401  403   200  200  200  200
POST api/v1/mining/credit-charges/                       401  403   403  202  403  403
GET  api/v1/mining/power-swaps/                          401  403   200  200  200  200
POST api/v1/mining/power-swaps/                          401  403   403  202  403  403
GET  api/v1/mining/grants/                               401  403   200  200  200  200
POST api/v1/mining/grants/                               401  403   404  403  403  403
"""


def make_day() -> DayFacts:
    """Each of its own: there is only one of a day and version."""
    oldest = DayFacts.objects.order_by("day").first()
    day = oldest.day - timedelta(days=1) if oldest else date(2026, 1, 31)
    return DayFacts.objects.create(day=day, version=1, flaw="LTC.total: not_a_decimal", digest="", raw={})


def make_allocation() -> Allocation:
    facts, one = make_day(), Decimal(1)
    return Allocation.objects.create(
        facts=facts, day=facts.day, coin_id="LTC", total=one, per_mega=one, power=one, members=one, members_count=1,
        is_scaled=False,
    )  # fmt: skip


def make_grant() -> Grant:
    user = User.objects.create_user(f"{ids.request_id()}@members.example", uid=ids.request_id())
    with acting_as(command("test")):
        return Grant.objects.create(user=user, hash=Decimal(5), source="staff", starts_on=clock.today())


def submission() -> dict[str, Any]:
    now = clock.now()
    amount = Decimal(int(ids.request_id()[:8], 16) + 1)
    return {"reference": ids.request_id(), "amount": amount, "mark": {"known": []}, "marked_at": now, "deadline": now}


def make_payout(status: str = "not_sent") -> MiningWithdrawal:
    return MiningWithdrawal.objects.create(coin="LTC", status=status, **submission())


def make_order() -> PoolOrder:
    return PoolOrder.objects.create(kind=OrderKind.CHARGE, status="unknown", **submission())


def make_pool_withdrawal() -> PoolWithdrawal:
    return PoolWithdrawal.objects.create(
        remote_id=ids.request_id(), amount=Decimal(5), fee=Decimal(), coin="LTC", status="pending", raw={},
        made_at=clock.now(),
    )  # fmt: skip


def make_proof() -> ReserveProof:
    day, one = make_day().day, Decimal(1)
    return ReserveProof.objects.create(day=day, coin_id="LTC", held=one, under_way=one, at_the_pool=one)


SAMPLES: Final[dict[str, Callable[[], Any]]] = {
    "admin/mining/dayfacts/act/<slug:name>": lambda: "decide",
    "admin/mining/dayfacts/<path:object_id>": lambda: make_day().pk,
    "admin/mining/allocation/act/<slug:name>": lambda: "nothing",
    "admin/mining/allocation/<path:object_id>": lambda: make_allocation().pk,
    "admin/mining/grant/act/<slug:name>": lambda: "nothing",
    "admin/mining/grant/<path:object_id>": lambda: make_grant().pk,
    "admin/mining/miningwithdrawal/act/<slug:name>": lambda: "reconcile",
    "admin/mining/miningwithdrawal/<path:object_id>": lambda: make_payout().pk,
    "admin/mining/poolwithdrawal/act/<slug:name>": lambda: "explain",
    "admin/mining/poolwithdrawal/<path:object_id>": lambda: make_pool_withdrawal().pk,
    "admin/mining/poolorder/new/<slug:kind>": lambda: "charge",
    "admin/mining/poolorder/act/<slug:name>": lambda: "not-done",
    "admin/mining/poolorder/<path:object_id>": lambda: make_order().pk,
    "admin/mining/reserveproof/act/<slug:name>": lambda: "nothing",
    "admin/mining/reserveproof/<path:object_id>": lambda: make_proof().pk,
    "mining/withdrawals/<id:payout_id>": lambda: make_payout().pk,
}
BODIES: Final[dict[str, dict[str, Any]]] = {
    "POST api/v1/mining/credit-charges/": {"amount": "5", "reason": "more power"},
    "POST api/v1/mining/power-swaps/": {"amount": "5", "reason": "more power"},
    "POST api/v1/mining/grants/": {"uid": "nobody", "hash": "5", "reason": "bought"},
}
