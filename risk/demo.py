"""Risk's part of the demo: lists, and what was decided about members who asked."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from aeghash.core import clock
from aeghash.core.models import User
from risk.context import RiskContext
from risk.models import ListEntry, ListKind, RiskEvent, Target
from risk.operations.add_list_entry import add_list_entry
from risk.operations.evaluate import Subject, evaluate

MEMBERS: Final = 6
CLERK: Final = "operations@aeghash.example"
THIEF: Final = "0x00000000000000000000000000000000deadbeef"
ENTRIES: Final = (
    (ListKind.BLOCKED, Target.ADDRESS, THIEF, "도난 신고된 지갑 주소"),
    (ListKind.BLOCKED, Target.IP, "198.51.100.0/24", "피싱에 쓰인 네트워크"),
    (ListKind.TRUSTED, Target.IP, "203.0.113.0/24", "AEGMALL 매장"),
    (ListKind.TRUSTED, Target.ADDRESS, "0x1111111111111111111111111111111111111111", "회사 거래소 계정"),
)
# What is special about each request; the others are harmless.
STORIES: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"amount": Decimal(2500), "count_24h": 5, "sum_24h": Decimal(4100)},
    {"address": THIEF, "ip": "192.0.2.44"},
    {"ip": "198.51.100.17"},
    {"debt": Decimal("12.5"), "members_with_address": 3},
    {"ip": None, "device_id": None},
)


def seed() -> list[str]:
    """Works on the members that are there; a second run changes nothing."""
    clerk = User.objects.filter(email=CLERK).first()
    if clerk is not None and not ListEntry.with_deleted.exists():
        for kind, target, value, note in ENTRIES:
            add_list_entry(kind=kind, target=target, value=value, note=note, by=clerk)
    if not RiskEvent.objects.exists():
        for number, context in enumerate(contexts(), 1):
            with transaction.atomic():
                evaluate(context, subject=Subject("demo", str(number)))
    return []


def contexts() -> Iterator[RiskContext]:
    members = User.objects.filter(uid__isnull=False).order_by("pk")[:MEMBERS]
    for member, story in zip(members, STORIES, strict=False):
        yield RiskContext(**{**harmless(member), **story})


def harmless(member: User) -> dict[str, Any]:
    now = clock.now()
    return {
        "user_id": member.pk,
        "uid": member.uid,
        "asset": "USDT",
        "amount": Decimal(120),
        "address": f"0x{member.pk:040x}",
        "ip": "203.0.113.20",
        "device_id": f"android-{member.pk:04}",
        "account_created_at": now - timedelta(days=90),
        "at": now,
        "address_usable_from": None,
        "address_first_used_at": now - timedelta(days=30),
        "count_24h": 0,
        "count_7d": 1,
        "sum_24h": Decimal(0),
        "sum_7d": Decimal(120),
        "debt": Decimal(0),
        "members_from_ip": 1,
        "members_with_address": 1,
    }
