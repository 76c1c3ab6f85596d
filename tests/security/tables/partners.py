"""Of the partners. To AEGMALL's addresses no log-in opens; what a key of another partner gets is in tests/partners."""

from collections.abc import Callable
from typing import Any, Final

from aeghash.core import ids
from aeghash.core.actors import acting_as, command
from partners.models import Call, EventState, IdempotencyRecord, InboundEvent, Partner, PartnerKey, RecordState
from partners.operations.create_partner import create_partner
from tests.partners.world import make_key

TABLE: Final = """
                                                         anon none   oper fina supp sysa
GET  api/from/                                           401  401    401  401  401  401
POST api/aegmall/v1/ping                                 401  401    401  401  401  401
GET  api/aegmall/v1/totals                               401  401    401  401  401  401
POST api/aegmall/v1/members                              401  401    401  401  401  401
GET  api/aegmall/v1/members/<path:uid>                   401  401    401  401  401  401
GET  api/aegmall/v1/members/<path:uid>/balances          401  401    401  401  401  401
GET  api/aegmall/v1/members/<path:uid>/bonuses           401  401    401  401  401  401
GET  api/aegmall/v1/members/<path:uid>/addresses         401  401    401  401  401  401
POST api/aegmall/v1/members/<path:uid>/addresses         401  401    401  401  401  401
POST api/aegmall/v1/hashpower                            401  401    401  401  401  401
POST api/aegmall/v1/orders                               401  401    401  401  401  401
GET  api/aegmall/v1/orders/<path:order_id>               401  401    401  401  401  401
POST api/aegmall/v1/orders/<path:order_id>/refund        401  401    401  401  401  401
POST api/aegmall/v1/withdrawals                          401  401    401  401  401  401
GET  api/aegmall/v1/withdrawals/<id:withdrawal_id>       401  401    401  401  401  401
POST api/aegmall/v1/withdrawals/<id:withdrawal_id>/cancel  401  401    401  401  401  401
GET  api/aegmall/<path:anything>                         401  401    401  401  401  401

GET  api/v1/partners/                                    401  403   403  403  403  200
GET  api/v1/partners/keys/                               401  403   403  403  403  200
POST api/v1/partners/keys/                               401  403   403  403  403  404
POST api/v1/partners/keys/<str:key_id>/revoke/           401  403   403  403  403  200
GET  api/v1/partners/events/                             401  403   403  403  403  200
GET  api/v1/partners/events/<id:event_id>/               401  403   403  403  403  200
POST api/v1/partners/events/<id:event_id>/reprocess/     401  403   403  403  403  200
POST api/v1/partners/events/<id:event_id>/drop/          401  403   403  403  403  200

GET  admin/partners/partner/                             302  403   403  403  403  200
GET  admin/partners/partner/new/                         302  403   403  403  403  200
GET  admin/partners/partner/debugger/                    302  403   403  403  403  200
GET  admin/partners/partner/<path:object_id>/            302  403   403  403  403  200
GET  admin/partners/partner/act/<slug:name>/             302  403   403  403  403  302
GET  admin/partners/partner/export/<slug:kind>/          302  405   405  405  405  405
GET  admin/partners/partnerkey/                          302  403   403  403  403  200
GET  admin/partners/partnerkey/<path:object_id>/         302  403   403  403  403  200
GET  admin/partners/partnerkey/<uuid:key>/secret/        302  403   403  403  403  302
GET  admin/partners/partnerkey/act/<slug:name>/          302  403   403  403  403  302
GET  admin/partners/partnerkey/export/<slug:kind>/       302  405   405  405  405  405
GET  admin/partners/inboundevent/                        302  403   403  403  403  200
GET  admin/partners/inboundevent/<path:object_id>/       302  403   403  403  403  200
GET  admin/partners/inboundevent/act/<slug:name>/        302  403   403  403  403  302
GET  admin/partners/inboundevent/export/<slug:kind>/     302  405   405  405  405  405
GET  admin/partners/call/                                302  403   403  403  403  200
GET  admin/partners/call/<path:object_id>/               302  403   403  403  403  200
GET  admin/partners/call/act/<slug:name>/                302  404   404  404  404  404
GET  admin/partners/call/export/<slug:kind>/             302  405   405  405  405  405
GET  admin/partners/idempotencyrecord/                   302  403   403  403  403  200
GET  admin/partners/idempotencyrecord/<path:object_id>/  302  403   403  403  403  200
GET  admin/partners/idempotencyrecord/act/<slug:name>/   302  404   404  404  404  404
GET  admin/partners/idempotencyrecord/export/<slug:kind>/  302  405   405  405  405  405
"""


def partner() -> Partner:
    with acting_as(command("test")):
        found: Partner | None = Partner.objects.filter(slug="matrix").first()
        return found or create_partner(slug="matrix")


def key() -> PartnerKey:
    return make_key(partner())


def event() -> int:
    return InboundEvent.objects.create(
        partner=partner(), key=key(), idempotency_key=ids.request_id(), fingerprint="0" * 64, call="refund",
        path="/api/aegmall/v1/orders/x/refund", arguments={"order_id": "x"}, body=b"", state=EventState.FAILED,
        reason="x",
    ).pk  # fmt: skip


def call() -> int:
    return Call.objects.create(key=key(), method="GET", path="/", status=200).pk


def record() -> int:
    made = IdempotencyRecord.objects.create(
        partner=partner(),
        key=ids.request_id(),
        fingerprint="0" * 64,
        call="orders",
        path="/",
        state=RecordState.REFUSED,
    )
    return made.pk


SAMPLES: Final[dict[str, Callable[[], Any]]] = {
    "aegmall/<path:anything>": lambda: "v1/nothing",
    "members/<path:uid>": lambda: "nobody",
    "orders/<path:order_id>": lambda: "none",
    "aegmall/v1/withdrawals/<id:withdrawal_id>": lambda: 1,
    "partners/keys/<str:key_id>": lambda: key().key_id,
    "partners/events/<id:event_id>": event,
    "partners/partner/act/<slug:name>": lambda: "change",
    "partners/partner/export/<slug:kind>": lambda: "csv",
    "partners/partner/<path:object_id>": lambda: partner().pk,
    "partners/partnerkey/act/<slug:name>": lambda: "revoke",
    "partners/partnerkey/export/<slug:kind>": lambda: "csv",
    "partners/partnerkey/<uuid:key>": lambda: key().pk,
    "partners/partnerkey/<path:object_id>": lambda: key().pk,
    "partners/inboundevent/act/<slug:name>": lambda: "drop",
    "partners/inboundevent/export/<slug:kind>": lambda: "csv",
    "partners/inboundevent/<path:object_id>": event,
    "partners/call/act/<slug:name>": lambda: "none",
    "partners/call/export/<slug:kind>": lambda: "csv",
    "partners/call/<path:object_id>": call,
    "partners/idempotencyrecord/act/<slug:name>": lambda: "none",
    "partners/idempotencyrecord/export/<slug:kind>": lambda: "csv",
    "partners/idempotencyrecord/<path:object_id>": record,
}
BODIES: Final[dict[str, dict[str, Any]]] = {
    "POST api/v1/partners/keys/": {"partner": "nobody", "reason": "rotation"},
    "POST api/v1/partners/keys/<str:key_id>/revoke/": {"reason": "lost"},
    "POST api/v1/partners/events/<id:event_id>/drop/": {"reason": "a test"},
}
