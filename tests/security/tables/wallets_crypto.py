"""Of the crypto wallets at MBlock."""

from collections.abc import Callable
from typing import Any, Final

from aeghash.core import clock, ids
from aeghash.core.crypto import Secret
from wallets.models import ApiKeySighting, Asset, CryptoWallet, TransitConfig, WalletTransaction

TABLE: Final = """
                                                                  anon none   oper fina supp sysa
GET  admin/wallets/cryptowallet/                                  302  403   200  200  403  200
GET  admin/wallets/cryptowallet/<path:object_id>/                 302  403   200  200  403  200
GET  admin/wallets/cryptowallet/act/<slug:name>/                  302  403   403  302  403  403
GET  admin/wallets/cryptowallet/export/<slug:kind>/               302  405   405  405  405  405
GET  admin/wallets/cryptowallet/issue/                            302  403   200  200  403  200
GET  admin/wallets/wallettransaction/                             302  403   200  200  403  200
GET  admin/wallets/wallettransaction/<path:object_id>/            302  403   200  200  403  200
GET  admin/wallets/wallettransaction/act/<slug:name>/             302  403   403  302  403  302
GET  admin/wallets/wallettransaction/export/<slug:kind>/          302  405   405  405  405  405
GET  admin/wallets/transitconfig/                                 302  302   302  302  302  302
GET  admin/wallets/transitconfig/<path:object_id>/                302  403   200  200  403  200
GET  admin/wallets/transitconfig/act/<slug:name>/                 302  403   403  403  403  302
GET  admin/wallets/transitconfig/export/<slug:kind>/              302  405   405  405  405  405
GET  admin/wallets/apikeysighting/                                302  403   200  200  403  200
GET  admin/wallets/apikeysighting/<path:object_id>/               302  403   200  200  403  200
GET  admin/wallets/apikeysighting/act/<slug:name>/                302  404   404  404  404  404
GET  admin/wallets/apikeysighting/export/<slug:kind>/             302  405   405  405  405  405

GET  api/mblock/callback/<str:secret>/                            405  405   405  405  405  405

GET  api/v1/wallets/                                              401  403   200  200  403  200
POST api/v1/wallets/                                              401  403   503  503  403  503
GET  api/v1/wallets/<uuid:wallet_id>/                             401  403   200  200  403  200
GET  api/v1/wallets/<uuid:wallet_id>/balance/                     401  403   503  503  403  503
POST api/v1/wallets/<uuid:wallet_id>/transfer/                    401  403   403  202  403  403
POST api/v1/wallets/<uuid:wallet_id>/transit/                     401  403   403  202  403  403
POST api/v1/wallets/<uuid:wallet_id>/refresh-key/                 401  403   403  403  403  409
GET  api/v1/wallets/transactions/                                 401  403   200  200  403  200
GET  api/v1/wallets/transactions/<id:transaction_id>/             401  403   200  200  403  200
POST api/v1/wallets/transactions/<id:transaction_id>/check/       401  403   200  200  403  200
POST api/v1/wallets/transactions/<id:transaction_id>/retry/       401  403   403  409  403  403
POST api/v1/wallets/transactions/<id:transaction_id>/resolve/     401  403   403  202  403  202
GET  api/v1/wallets/transit-config/                               401  403   200  200  403  200
PUT  api/v1/wallets/transit-config/                               401  403   403  403  403  503
DELETE api/v1/wallets/transit-config/                             401  403   403  403  403  503
GET  api/v1/wallets/transit-config/stored/                        401  403   503  503  403  503
"""


def make_wallet() -> CryptoWallet:
    return CryptoWallet.objects.create(address="0x" + ids.random_bytes(20).hex(), wallet_key=Secret("k"))


def make_review() -> WalletTransaction:
    row = WalletTransaction.objects.create(
        kind="transfer",
        wallet=make_wallet(),
        asset=Asset.objects.get(pk="USDT"),
        to_address="0x" + ids.random_bytes(20).hex(),
        amount=1,
        reference=ids.request_id(),
        status="submitting",
        call_until=clock.now(),
    )
    row.update(status="manual-review", call_until=None)
    return row


def make_sighting() -> ApiKeySighting:
    return ApiKeySighting.objects.create(key_id=ids.request_id()[:12])


SAMPLES: Final[dict[str, Callable[[], Any]]] = {
    "admin/wallets/cryptowallet/act/<slug:name>": lambda: "transfer",
    "admin/wallets/cryptowallet/<path:object_id>": lambda: make_wallet().pk,
    "admin/wallets/wallettransaction/act/<slug:name>": lambda: "sent",
    "admin/wallets/wallettransaction/<path:object_id>": lambda: make_review().pk,
    "admin/wallets/transitconfig/act/<slug:name>": lambda: "set",
    "admin/wallets/transitconfig/<path:object_id>": lambda: TransitConfig.objects.get().pk,
    "admin/wallets/apikeysighting/act/<slug:name>": lambda: "nothing",
    "admin/wallets/apikeysighting/<path:object_id>": lambda: make_sighting().pk,
    "wallets/<uuid:wallet_id>": lambda: make_wallet().pk,
    "transactions/<id:transaction_id>": lambda: make_review().pk,
    "callback/<str:secret>": lambda: "not-the-secret",
}
MOVING: Final = {"asset": "USDT", "to": "0x" + "ab" * 20, "amount": "1", "reason": "rent"}
BODIES: Final[dict[str, dict[str, Any]]] = {
    "POST api/v1/wallets/<uuid:wallet_id>/transfer/": MOVING,
    "POST api/v1/wallets/<uuid:wallet_id>/transit/": MOVING,
    "POST api/v1/wallets/transactions/<id:transaction_id>/retry/": {"reason": "again"},
    "POST api/v1/wallets/transactions/<id:transaction_id>/resolve/": {"reason": "not on the chain"},
    "PUT api/v1/wallets/transit-config/": {"delay": 10, "count": 10},
}
