"""What a partner's key opens: its own objects, within its scopes; another partner's are as if they were not there."""

import re
from typing import Any, Final

import pytest

from aeghash.core import ids
from aeghash.core.actors import acting_as, command
from organization.models import Member
from partners.models import Partner
from partners.scopes import SCOPES
from tests.partners.world import Mall, make_key, make_mall, order
from tests.security.addresses import all_addresses
from tests.wallets.books import give
from withdrawals.models import Withdrawal

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS: Final = "MUu2gSoEDTrKBtLvyLzuYdtf5KPgsW3NMF"
# Who calls: whose objects they are; another partner; a key of theirs for something else; one that may only look.
TABLE: Final = """
                                                             own other scope look
POST api/aegmall/v1/ping                                     200 200   200   200
GET  api/aegmall/v1/totals                                   200 200   403   200
POST api/aegmall/v1/members                                  201 404   403   403
GET  api/aegmall/v1/members/<path:uid>                       200 404   403   200
GET  api/aegmall/v1/members/<path:uid>/balances              200 404   403   200
GET  api/aegmall/v1/members/<path:uid>/bonuses               200 404   403   200
GET  api/aegmall/v1/members/<path:uid>/addresses             200 404   403   200
POST api/aegmall/v1/members/<path:uid>/addresses             201 404   403   403
POST api/aegmall/v1/hashpower                                201 404   403   403
POST api/aegmall/v1/orders                                   201 404   403   403
GET  api/aegmall/v1/orders/<path:order_id>                   200 404   403   200
POST api/aegmall/v1/orders/<path:order_id>/refund            200 404   403   403
POST api/aegmall/v1/withdrawals                              201 404   403   403
GET  api/aegmall/v1/withdrawals/<id:withdrawal_id>           200 404   403   200
POST api/aegmall/v1/withdrawals/<id:withdrawal_id>/cancel    200 404   403   403
"""
MATRIX: Final = {
    f"{method} {route}": tuple(map(int, codes.split()))
    for method, route, codes in re.findall(r"^(GET|POST) +(\S+) +([\d ]+)$", TABLE, re.MULTILINE)
}
BODIES: Final[dict[str, Any]] = {
    "POST api/aegmall/v1/members": {"uid": "newcomer", "sponsor_uid": "buyer"},
    "POST api/aegmall/v1/members/<path:uid>/addresses": {"asset": "LTC", "address": ADDRESS},
    "POST api/aegmall/v1/hashpower": {"uid": "buyer", "hash": "10"},
    "POST api/aegmall/v1/orders": order("o-2"),
    "POST api/aegmall/v1/withdrawals": {"uid": "buyer", "asset": "LTC", "amount": "1"},
}


def test_every_address_of_partners_is_in_the_table() -> None:
    assert MATRIX.keys() == {each for each in all_addresses() if "api/aegmall/v1/" in each}


@pytest.fixture
def owner(db: None) -> Mall:
    """With a member of each kind of object."""
    mall = make_mall()
    for uid, sponsor in (("company", None), ("buyer", "company")):
        mall.join(uid, sponsor)
    assert mall.post("orders", order("o-1")).status_code == 201
    with acting_as(command("test")):
        give(Member.objects.get(user__uid="buyer").pk, "5", "LTC")
    assert mall.post("withdrawals", {"uid": "buyer", "asset": "LTC", "amount": "1"}).status_code == 201
    return mall


def with_scopes(*scopes: str) -> Mall:
    return Mall(make_key(Partner.objects.get(slug="mall"), scopes=list(scopes)).key_id)


@pytest.mark.parametrize("address", sorted(MATRIX))
def test_each_key_gets_what_the_table_says(owner: Mall, address: str) -> None:
    method, _, route = address.partition(" ")
    path = route.removeprefix("api/aegmall/v1/").replace("<path:uid>", "buyer").replace("<path:order_id>", "o-1")
    path = path.replace("<id:withdrawal_id>", str(Withdrawal.objects.get().pk))
    needed = scope_of(path)
    others = [scope for scope in SCOPES if not scope.startswith(needed)]
    reading = [scope for scope in SCOPES if scope.endswith(":read")]
    callers = {"look": with_scopes(*reading), "scope": with_scopes(*others), "other": make_mall("other"), "own": owner}
    got = {name: status(mall, method, path, BODIES.get(address, {})) for name, mall in callers.items()}
    assert (got["own"], got["other"], got["scope"], got["look"]) == MATRIX[address]


def scope_of(path: str) -> str:
    """The first word of the path is the scope's; of the totals it is the orders'."""
    return {"totals": "orders"}.get(path, path.partition("/")[0])


def status(mall: Mall, method: str, path: str, body: Any) -> int:
    answer = mall.get(path) if method == "GET" else mall.call("POST", path, body, key=ids.request_id())
    return int(answer.status_code)
