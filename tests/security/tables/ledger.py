"""Of the ledger: balances and transfers, on pages and in the API."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from aeghash.core import ids
from aeghash.core.actors import acting_as, command
from aeghash.core.models import User
from wallets.models import Balance, SystemAccount
from wallets.operations.post import post

TABLE: Final = """
                                                         anon none   oper fina supp sysa
GET  admin/wallets/balance/                              302  403   200  200  200  200
GET  admin/wallets/balance/<path:object_id>/             302  403   200  200  200  200
GET  admin/wallets/balance/act/<slug:name>/              302  403   403  302  403  403
GET  admin/wallets/balance/adjust/                       302  403   403  200  403  403
GET  admin/wallets/balance/books/                        302  403   200  200  200  200
GET  admin/wallets/balance/export/<slug:kind>/           302  405   405  405  405  405
GET  admin/wallets/transfer/                             302  403   200  200  200  200
GET  admin/wallets/transfer/<path:object_id>/            302  403   200  200  200  200
GET  admin/wallets/transfer/act/<slug:name>/             302  404   404  404  404  404
GET  admin/wallets/transfer/export/<slug:kind>/          302  405   405  405  405  405

GET  api/v1/balances/                                    401  403   200  200  200  200
GET  api/v1/transfers/                                   401  403   200  200  200  200
GET  api/v1/transfers/<id:transfer_id>/                  401  403   200  200  200  200
"""


def make_transfer() -> int:
    member = User.objects.create_user(f"{ids.request_id()}@members.example", uid=ids.request_id())
    with acting_as(command("test")):
        return post(
            reference=ids.request_id(),
            asset="USDT",
            amount=Decimal(1),
            source=SystemAccount.ISSUANCE,
            target=member.pk,
        )


def make_balance() -> int:
    make_transfer()
    return Balance.objects.latest("pk").pk


SAMPLES: Final[dict[str, Callable[[], Any]]] = {
    "admin/wallets/balance/act/<slug:name>": lambda: "adjust",
    "admin/wallets/balance/<path:object_id>": make_balance,
    "admin/wallets/transfer/act/<slug:name>": lambda: "nothing",
    "admin/wallets/transfer/<path:object_id>": make_transfer,
    "transfers/<id:transfer_id>": make_transfer,
}
BODIES: Final[dict[str, dict[str, Any]]] = {}
