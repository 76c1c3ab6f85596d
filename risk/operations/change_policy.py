"""Put a new version of the risk policy in force. Takes two people: see the act at the end."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.acts import Act, Content, declare
from aeghash.core.checkpoints import checkpoint
from aeghash.core.errors import Invalid
from aeghash.core.operations.record import record
from risk.figures import as_json, differences, read_figures
from risk.models import Policy, RiskEvent
from risk.operations.policy_lock import stop_deciding
from risk.queries import newest_policy
from risk.rights import APPROVE_RULES, PROPOSE_RULES

MICROSECOND = timedelta(microseconds=1)


@transaction.atomic
def change_policy(*, figures: Mapping[str, Any], reason: str, starts_at: datetime | None = None) -> Policy:
    """Every decision from its start on is made by the new version, and no earlier one is touched.

    Refuses figures that can't be understood, the same as before, and an empty reason (`validation_error`). A start that has
    passed means now.
    """
    wanted = read_figures(figures)
    if not reason.strip():
        raise Invalid(field="reason", reason=_("Say why."))
    stop_deciding()
    before = newest_policy()
    if wanted == before.read():
        raise Invalid(field="figures", reason=_("are the same as before."))
    policy = Policy.objects.create(
        version=before.version + 1,
        figures=as_json(wanted),
        reason=reason.strip(),
        valid_from=max(filter(None, (starts_at, _earliest_start()))),
        created_at=clock.now(),
    )
    record("risk_policy.changed", of=policy, before=before.figures, after=policy.figures, reason=reason)
    checkpoint("risk.policy.changed")
    return policy


def _earliest_start() -> datetime:
    """After everything that is decided, also where a clock was set back."""
    latest = RiskEvent.objects.aggregate(at=Max("decided_at"))["at"]
    now = clock.now()
    return now if latest is None else max(now, latest + MICROSECOND)


def content_for(*, figures: Mapping[str, Any], reason: str, starts_at: datetime | None = None) -> dict[str, Any]:
    """What is proposed: checked now, so that nobody is asked to agree to what would be refused."""
    base = newest_policy()
    wanted = read_figures(figures)
    if wanted == base.read():
        raise Invalid(field="figures", reason=_("are the same as before."))
    return {
        "base": base.version,
        "figures": as_json(wanted),
        "starts_at": None if starts_at is None else starts_at.isoformat(),
        "reason": reason,
    }


def _execute(content: Content) -> dict[str, int]:
    starts_at = parse_datetime(content["starts_at"]) if content["starts_at"] else None
    return {"version": change_policy(figures=content["figures"], reason=content["reason"], starts_at=starts_at).version}


def _described(content: Content) -> dict[Any, Any]:
    """Against the version it was proposed on: what is shown stays the same once it is executed."""
    base = Policy.objects.get(pk=content["base"]).read()
    changes = differences(base, read_figures(content["figures"]))
    shown: dict[Any, Any] = {label: f"{old} → {new}" for label, (old, new) in changes.items()}
    return {
        _("present version"): f"v{content['base']}",
        **shown,
        _("in force from"): content["starts_at"] or _("at once"),
    }


CHANGE_RISK_POLICY = declare(
    Act(
        kind="risk.policy",
        label=_("Change the risk policy"),
        may_propose=PROPOSE_RULES,
        may_approve=APPROVE_RULES,
        execute=_execute,
        seen=lambda _content: newest_policy().version,
        describe=_described,
    )
)
