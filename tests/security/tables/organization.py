"""Of the organisation: its screens, the tree viewer, its part of the API."""

from collections.abc import Callable
from itertools import count
from typing import Any, Final

from aeghash.core.actors import acting_as, command
from aeghash.core.models import User
from organization import days
from organization.models import Member, Node, Order, RankChange, Spillover, Tree
from organization.operations.join_member import join_member
from tests.organization import planted, world

TABLE: Final = """
                                                         anon none   oper fina supp sysa
GET  admin/organization/member/                          302  403   200  200  200  200
GET  admin/organization/member/<path:object_id>/         302  403   200  200  200  200
GET  admin/organization/member/act/<slug:name>/          302  403   302  403  403  302
GET  admin/organization/member/export/<slug:kind>/       302  405   405  405  405  405
GET  admin/organization/node/                            302  403   200  200  200  200
GET  admin/organization/node/<path:object_id>/           302  403   302  302  302  302
GET  admin/organization/node/<int:node_id>/why/          302  403   200  200  200  200
GET  admin/organization/node/act/<slug:name>/            302  404   404  404  404  404
GET  admin/organization/node/export/<slug:kind>/         302  405   405  405  405  405
GET  admin/organization/order/                           302  403   200  200  200  200
GET  admin/organization/order/<path:object_id>/          302  403   200  200  200  200
GET  admin/organization/order/act/<slug:name>/           302  404   404  404  404  404
GET  admin/organization/order/export/<slug:kind>/        302  405   405  405  405  405
GET  admin/organization/dailyvolume/                     302  403   200  200  200  200
GET  admin/organization/dailyvolume/<path:object_id>/    302  403   200  200  200  200
GET  admin/organization/dailyvolume/act/<slug:name>/     302  404   404  404  404  404
GET  admin/organization/dailyvolume/export/<slug:kind>/  302  405   405  405  405  405
GET  admin/organization/spillover/                       302  403   200  200  200  200
GET  admin/organization/spillover/<path:object_id>/      302  403   200  200  200  200
GET  admin/organization/spillover/act/<slug:name>/       302  404   404  404  404  404
GET  admin/organization/spillover/export/<slug:kind>/    302  405   405  405  405  405
GET  admin/organization/rankchange/                      302  403   200  200  200  200
GET  admin/organization/rankchange/<path:object_id>/     302  403   200  200  200  200
GET  admin/organization/rankchange/act/<slug:name>/      302  404   404  404  404  404
GET  admin/organization/rankchange/export/<slug:kind>/   302  405   405  405  405  405

GET  api/v1/organization/members/                        401  403   200  200  200  200
POST api/v1/organization/members/                        401  403   404  403  403  404
GET  api/v1/organization/members/<id:member_id>/         401  403   200  200  200  200
GET  api/v1/organization/nodes/<id:node_id>/tree/        401  403   200  200  200  200
GET  api/v1/organization/nodes/<id:node_id>/kpi/         401  403   200  200  200  200
GET  api/v1/organization/orders/                         401  403   200  200  200  200
GET  api/v1/organization/spillovers/                     401  403   200  200  200  200
GET  api/v1/organization/rank-changes/                   401  403   200  200  200  200
"""

numbers = count(1)


def make_member() -> Member:
    """The company, or the next one below it."""
    with acting_as(command("test")):
        top = Member.objects.filter(sponsor=None).first()
        return join_member(uid=f"sample-{next(numbers)}-{User.objects.latest('pk').pk}", sponsor=top)


def make_node() -> Node:
    return Node.objects.get(member=make_member(), tree=Tree.BINARY)


def make_spillover() -> Spillover:
    while not Spillover.objects.exists():
        make_member()
    return Spillover.objects.latest("pk")


def make_day() -> str:
    planted.sell(member := make_member(), "10")
    return f"{member.pk}-{days.today().isoformat()}"


def make_order() -> Order:
    return world.sell(next(numbers), make_member())


def make_rank_change() -> RankChange:
    return RankChange.objects.create(member=make_member(), before="FREE", after="D0", cause="rule", reason={})


SAMPLES: Final[dict[str, Callable[[], Any]]] = {
    "admin/organization/member/act/<slug:name>": lambda: "rank",
    "admin/organization/member/<path:object_id>": lambda: make_member().pk,
    "admin/organization/node/act/<slug:name>": lambda: "nothing",
    "admin/organization/node/<path:object_id>": lambda: make_node().pk,
    "admin/organization/node/<int:node_id>": lambda: make_node().pk,
    "admin/organization/order/act/<slug:name>": lambda: "nothing",
    "admin/organization/order/<path:object_id>": lambda: make_order().pk,
    "admin/organization/dailyvolume/act/<slug:name>": lambda: "nothing",
    "admin/organization/dailyvolume/<path:object_id>": make_day,
    "admin/organization/spillover/act/<slug:name>": lambda: "nothing",
    "admin/organization/spillover/<path:object_id>": lambda: make_spillover().pk,
    "admin/organization/rankchange/act/<slug:name>": lambda: "nothing",
    "admin/organization/rankchange/<path:object_id>": lambda: make_rank_change().pk,
    "members/<id:member_id>": lambda: make_member().pk,
    "nodes/<id:node_id>": lambda: make_node().pk,
}
# Whoever may place members is told that nobody has this sponsor's number; the others never get so far.
BODIES: Final[dict[str, dict[str, Any]]] = {
    "POST api/v1/organization/members/": {"uid": "newcomer", "sponsor_uid": "nobody"},
}
