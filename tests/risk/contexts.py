"""Requests to judge: a harmless one, and what is changed about it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from aeghash.core import clock
from aeghash.core.models import User
from risk.context import RiskContext
from risk.figures import Figures, as_json, read_figures
from risk.findings import RiskDecision
from risk.models import Policy
from risk.operations.evaluate import NO_SUBJECT, Subject, evaluate
from risk.severities import Outcome

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
IP = "203.0.113.9"
ADDRESS = "0x52908400098527886E0F7030069857D2E4169EE7"
OTHER_ADDRESS = "0xde709f2102306220921060314715629080e2fb77"
# Of every rule that staff can switch off, so that a test sees the one it switches on.
SILENT = {
    "count_24h": {"review": None, "block": None},
    "count_7d": {"review": None, "block": None},
    "members_per_ip": {"review": None, "block": None},
    "members_per_address": {"review": None, "block": None},
    **dict.fromkeys(
        ("debt", "account_age", "new_device", "address_cooling", "first_use", "unknown_ip"), Outcome.OFF.value
    ),
}


def make_member(uid: str = "kim@example.com", **fields: Any) -> User:
    return User.objects.create_user(f"{User.objects.count()}-{uid}"[:254], uid=uid, **fields)


def context(user: User, **changed: Any) -> RiskContext:
    given: dict[str, Any] = {
        "user_id": user.pk,
        "uid": user.uid or "unnamed",
        "asset": "USDT",
        "amount": Decimal(100),
        "address": ADDRESS,
        "ip": IP,
        "device_id": "device-1",
        "account_created_at": NOW - timedelta(days=100),
        "at": NOW,
        "address_usable_from": None,
        "address_first_used_at": NOW - timedelta(days=50),
        "count_24h": 0,
        "count_7d": 0,
        "sum_24h": Decimal(0),
        "sum_7d": Decimal(0),
        "debt": Decimal(0),
        "members_from_ip": 1,
        "members_with_address": 1,
    }
    return RiskContext(**given | changed)


def policy(**figures: Any) -> Policy:
    """The next version, in force since long ago: silent but for these."""
    wanted = read_figures({**as_json(Figures()), **SILENT, **figures})
    newest = Policy.objects.latest("version")
    return Policy.objects.create(
        version=newest.version + 1, figures=as_json(wanted), reason="test", valid_from=newest.valid_from
    )


def decide(judged: RiskContext, *, at: datetime | None = None, subject: Subject = NO_SUBJECT) -> RiskDecision:
    """As a caller does: in a transaction of its own, at the context's time."""
    with clock.steered(lambda: at or judged.at), transaction.atomic():
        return evaluate(judged, subject=subject)


def found(decision: RiskDecision) -> dict[str, str]:
    return {finding.rule: finding.severity.value for finding in decision.findings}
