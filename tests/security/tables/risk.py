"""Of risk: its screens and its part of the API."""

from collections.abc import Callable
from typing import Any, Final

from aeghash.core import ids
from aeghash.core.models import User
from risk.models import ListKind, Policy, Target
from risk.operations.add_list_entry import add_list_entry
from tests.risk.contexts import context, decide, make_member

TABLE: Final = """
                                                         anon none   oper fina supp sysa
GET    admin/risk/riskevent/                             302  403   200  200  200  200
GET    admin/risk/riskevent/<path:object_id>/            302  403   200  200  200  200
GET    admin/risk/riskevent/act/<slug:name>/             302  404   404  404  404  404
GET    admin/risk/riskevent/export/<slug:kind>/          302  405   405  405  405  405
GET    admin/risk/knowndevice/                           302  403   200  200  200  200
GET    admin/risk/knowndevice/<path:object_id>/          302  403   200  200  200  200
GET    admin/risk/knowndevice/act/<slug:name>/           302  404   404  404  404  404
GET    admin/risk/knowndevice/export/<slug:kind>/        302  405   405  405  405  405
GET    admin/risk/listentry/                             302  403   200  200  200  200
GET    admin/risk/listentry/new/                         302  403   200  403  403  200
GET    admin/risk/listentry/<path:object_id>/            302  403   200  200  200  200
GET    admin/risk/listentry/act/<slug:name>/             302  403   302  403  403  302
GET    admin/risk/listentry/export/<slug:kind>/          302  405   405  405  405  405
GET    admin/risk/policy/                                302  403   200  200  200  200
GET    admin/risk/policy/<path:object_id>/               302  403   200  200  200  200
GET    admin/risk/policy/act/<slug:name>/                302  403   302  302  403  302
GET    admin/risk/policy/export/<slug:kind>/             302  405   405  405  405  405

GET    api/v1/risk/events/                               401  403   200  200  200  200
GET    api/v1/risk/events/<id:event_id>/                 401  403   200  200  200  200
GET    api/v1/risk/devices/                              401  403   200  200  200  200
GET    api/v1/risk/lists/                                401  403   200  200  200  200
POST   api/v1/risk/lists/                                401  403   201  403  403  409
GET    api/v1/risk/lists/<id:entry_id>/                  401  403   200  200  200  200
DELETE api/v1/risk/lists/<id:entry_id>/                  401  403   200  403  403  200
"""


def make_event() -> int:
    return decide(context(make_member(ids.request_id()))).event_id


def make_device() -> Any:
    make_event()
    return User.objects.latest("pk").known_devices.get().pk


def make_entry() -> int:
    note: dict[str, Any] = {"kind": ListKind.BLOCKED, "target": Target.ADDRESS, "note": "theft"}
    return add_list_entry(**note, value=f"0x{ids.random_bytes(20).hex()}", by=User.objects.earliest("pk")).pk


SAMPLES: Final[dict[str, Callable[[], Any]]] = {
    "admin/risk/riskevent/act/<slug:name>": lambda: "nothing",
    "admin/risk/riskevent/<path:object_id>": make_event,
    "admin/risk/knowndevice/act/<slug:name>": lambda: "nothing",
    "admin/risk/knowndevice/<path:object_id>": make_device,
    "admin/risk/listentry/act/<slug:name>": lambda: "remove",
    "admin/risk/listentry/<path:object_id>": make_entry,
    "admin/risk/policy/act/<slug:name>": lambda: "propose",
    "admin/risk/policy/<path:object_id>": lambda: Policy.objects.latest("pk").pk,
    "risk/events/<id:event_id>": make_event,
    "risk/lists/<id:entry_id>": make_entry,
}
# The second to say the same is told so.
BODIES: Final[dict[str, dict[str, Any]]] = {
    "POST api/v1/risk/lists/": {"kind": "blocked", "target": "ip", "value": "198.51.100.0/24", "note": "a botnet"},
}
