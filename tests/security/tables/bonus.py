"""Of the bonuses: entries, orders shared out, rules, closings and their credits."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.db import transaction

from aeghash.core import clock
from aeghash.core.actors import acting_as, command
from bonus.models import BonusSettings, Closing, ClosingMember, Entry, Rule
from bonus.operations.allocate_order import allocate_order
from organization.models import Order
from tests.organization import world
from tests.security.tables.organization import make_member, numbers

TABLE: Final = """
                                                         anon none   oper fina supp sysa
GET  admin/bonus/entry/                                  302  403   200  200  200  200
GET  admin/bonus/entry/<path:object_id>/                 302  403   200  200  200  200
GET  admin/bonus/entry/act/<slug:name>/                  302  404   404  404  404  404
GET  admin/bonus/entry/export/<slug:kind>/               302  405   405  405  405  405
GET  admin/bonus/allocation/                             302  403   200  200  200  200
GET  admin/bonus/allocation/<path:object_id>/            302  403   200  200  200  200
GET  admin/bonus/allocation/act/<slug:name>/             302  404   404  404  404  404
GET  admin/bonus/allocation/export/<slug:kind>/          302  405   405  405  405  405
GET  admin/bonus/closing/                                302  403   200  200  200  200
GET  admin/bonus/closing/<path:object_id>/               302  403   200  200  200  200
GET  admin/bonus/closing/act/<slug:name>/                302  403   302  302  403  403
GET  admin/bonus/closing/export/<slug:kind>/             302  405   405  405  405  405
GET  admin/bonus/closingmember/                          302  403   200  200  200  200
GET  admin/bonus/closingmember/<path:object_id>/         302  403   200  200  200  200
GET  admin/bonus/closingmember/act/<slug:name>/          302  403   302  302  403  302
GET  admin/bonus/closingmember/export/<slug:kind>/       302  405   405  405  405  405
GET  admin/bonus/rule/                                   302  403   200  200  200  200
GET  admin/bonus/rule/<path:object_id>/                  302  403   200  200  200  200
GET  admin/bonus/rule/act/<slug:name>/                   302  403   302  302  403  302
GET  admin/bonus/rule/export/<slug:kind>/                302  405   405  405  405  405
GET  admin/bonus/bonussettings/                          302  403   200  200  200  200
GET  admin/bonus/bonussettings/<path:object_id>/         302  403   200  200  200  200
GET  admin/bonus/bonussettings/act/<slug:name>/          302  403   302  302  403  302
GET  admin/bonus/bonussettings/export/<slug:kind>/       302  405   405  405  405  405

GET  api/v1/bonus/entries/                               401  403   200  200  200  200
GET  api/v1/bonus/rules/                                 401  403   200  200  200  200
POST api/v1/bonus/rules/                                 401  403   202  202  403  202
GET  api/v1/bonus/closings/                              401  403   200  200  200  200
POST api/v1/bonus/closings/                              401  403   201  201  403  403
GET  api/v1/bonus/closings/<id:closing_id>/              401  403   200  200  200  200
GET  api/v1/bonus/closings/<id:closing_id>/credits/      401  403   200  200  200  200
GET  api/v1/bonus/closings/<id:closing_id>/verification/ 401  403   404  404  404  404
GET  api/v1/bonus/orders/<id:order_id>/                  401  403   200  200  200  200
"""


def make_shared_out() -> Order:
    make_member()
    with acting_as(command("test")), transaction.atomic():
        order = world.sell(next(numbers), make_member())
        allocate_order(order=order)
    return order


def make_entry() -> Entry:
    make_shared_out()
    return Entry.objects.latest("pk")


def make_closing() -> Closing:
    """A draft of long ago, which nobody could make by now."""
    end = clock.now() - timedelta(days=4000 - Closing.objects.count())
    return Closing.objects.create(period="weekly", starts_at=end - timedelta(days=7), ends_at=end, cutoff=end)


def make_credit() -> ClosingMember:
    entry = make_entry()
    return ClosingMember.objects.create(
        closing=make_closing(), member=entry.beneficiary, gross=entry.amount, clawed_back=0, amount=entry.amount,
        entry_ids=[entry.pk], amounts=[entry.amount], digest="", status="failed",
    )  # fmt: skip


SAMPLES: Final[dict[str, Callable[[], Any]]] = {
    "admin/bonus/entry/act/<slug:name>": lambda: "nothing",
    "admin/bonus/entry/<path:object_id>": lambda: make_entry().pk,
    "admin/bonus/allocation/act/<slug:name>": lambda: "nothing",
    "admin/bonus/allocation/<path:object_id>": lambda: make_shared_out().pk,
    "admin/bonus/closing/act/<slug:name>": lambda: "confirm",
    "admin/bonus/closing/<path:object_id>": lambda: make_closing().pk,
    "admin/bonus/closingmember/act/<slug:name>": lambda: "retry",
    "admin/bonus/closingmember/<path:object_id>": lambda: make_credit().pk,
    "admin/bonus/rule/act/<slug:name>": lambda: "propose",
    "admin/bonus/rule/<path:object_id>": lambda: Rule.objects.latest("pk").pk,
    "admin/bonus/bonussettings/act/<slug:name>": lambda: "propose",
    "admin/bonus/bonussettings/<path:object_id>": lambda: BonusSettings.objects.latest("pk").pk,
    "closings/<id:closing_id>": lambda: make_closing().pk,
    "bonus/orders/<id:order_id>": lambda: make_shared_out().pk,
}
BODIES: Final[dict[str, dict[str, Any]]] = {
    "POST api/v1/bonus/rules/": {
        "lines": [{"type": "share", "percentage": "10"}],
        "valid_from": "2999-01-01T00:00:00Z",
        "reason": "less",
    },
}
