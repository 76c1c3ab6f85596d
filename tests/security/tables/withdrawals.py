"""Of the withdrawals. What a request refuses by its state or its requester is an operation's, with tests of its own."""

from collections.abc import Callable
from typing import Any, Final

from aeghash.core.actors import acting_as, command
from tests.withdrawals.world import ask, member, staff
from withdrawals.models import PayoutAddress

TABLE: Final = """
                                                         anon none   oper fina supp sysa
GET  admin/withdrawals/withdrawal/                       302  403   200  200  200  200
GET  admin/withdrawals/withdrawal/<path:object_id>/      302  403   200  200  200  200
GET  admin/withdrawals/withdrawal/<int:number>/take-up/  302  405   405  405  405  405
GET  admin/withdrawals/withdrawal/act/<slug:name>/       302  403   302  302  403  302
GET  admin/withdrawals/withdrawal/export/<slug:kind>/    302  405   405  405  405  405
GET  admin/withdrawals/payoutaddress/                    302  403   200  200  200  200
GET  admin/withdrawals/payoutaddress/<path:object_id>/   302  403   200  200  200  200
GET  admin/withdrawals/payoutaddress/act/<slug:name>/    302  403   302  302  403  403
GET  admin/withdrawals/payoutaddress/export/<slug:kind>/ 302  405   405  405  405  405
GET  admin/withdrawals/assetpolicy/                      302  403   200  200  200  200
GET  admin/withdrawals/assetpolicy/<path:object_id>/     302  403   200  200  200  200
GET  admin/withdrawals/assetpolicy/act/<slug:name>/      302  403   302  302  403  302
GET  admin/withdrawals/assetpolicy/export/<slug:kind>/   302  405   405  405  405  405
GET  admin/withdrawals/submissionlock/                   302  302   302  302  302  302
GET  admin/withdrawals/submissionlock/<path:object_id>/  302  403   200  200  200  200
GET  admin/withdrawals/submissionlock/act/<slug:name>/   302  403   403  302  403  302
GET  admin/withdrawals/submissionlock/export/<slug:kind>/ 302  405   405  405  405  405

GET  api/v1/withdrawals/                                 401  403   200  200  200  200
POST api/v1/withdrawals/                                 401  403   404  404  403  403
GET  api/v1/withdrawals/<id:withdrawal_id>/              401  403   200  200  200  200
POST api/v1/withdrawals/<id:withdrawal_id>/approve/      401  403   202  202  403  202
POST api/v1/withdrawals/<id:withdrawal_id>/reject/       401  403   200  200  403  200
POST api/v1/withdrawals/<id:withdrawal_id>/cancel/       401  403   200  200  403  403
POST api/v1/withdrawals/<id:withdrawal_id>/retry/        401  403   409  409  403  403
POST api/v1/withdrawals/<id:withdrawal_id>/resolve/      401  403   403  409  403  409
POST api/v1/withdrawals/<id:withdrawal_id>/forward/      401  403   409  409  403  403
GET  api/v1/withdrawals/<id:withdrawal_id>/audit/        401  403   200  200  200  200
"""


def asked() -> int:
    with acting_as(command("test")):
        return ask(member(), requested_by=staff("operations")).pk


def booked() -> int:
    with acting_as(command("test")):
        member()
    return int(PayoutAddress.objects.latest("pk").pk)


SAMPLES: Final[dict[str, Callable[[], Any]]] = {
    "admin/withdrawals/withdrawal/<path:object_id>": asked,
    "admin/withdrawals/withdrawal/<int:number>": asked,
    "admin/withdrawals/withdrawal/act/<slug:name>": lambda: "approve",
    "admin/withdrawals/payoutaddress/<path:object_id>": booked,
    "admin/withdrawals/payoutaddress/act/<slug:name>": lambda: "remove",
    "admin/withdrawals/assetpolicy/<path:object_id>": lambda: "LTC",
    "admin/withdrawals/assetpolicy/act/<slug:name>": lambda: "propose",
    "admin/withdrawals/submissionlock/<path:object_id>": lambda: 1,
    "admin/withdrawals/submissionlock/act/<slug:name>": lambda: "unlock",
    "withdrawals/<id:withdrawal_id>": asked,
}
BODIES: Final[dict[str, dict[str, Any]]] = {
    "POST api/v1/withdrawals/": {"uid": "nobody", "asset": "LTC", "amount": "1"},
    "POST api/v1/withdrawals/<id:withdrawal_id>/approve/": {"version": 1},
    "POST api/v1/withdrawals/<id:withdrawal_id>/reject/": {"reason": "not now"},
    "POST api/v1/withdrawals/<id:withdrawal_id>/resolve/": {"resolution": "release", "reason": "absent"},
    "POST api/v1/withdrawals/<id:withdrawal_id>/forward/": {"txid": "exchange-1"},
}
