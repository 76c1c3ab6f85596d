"""Risk's pages, and rows for them, as the walks through the staff's site take them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.urls import reverse

from aeghash.core import clock
from aeghash.core.models import Proposal, User
from aeghash.core.operations.propose import propose
from risk.models import KnownDevice, ListEntry, ListKind, Policy, RiskEvent, Target
from risk.operations.add_list_entry import add_list_entry
from risk.operations.change_policy import CHANGE_RISK_POLICY, change_policy, content_for
from risk.operations.evaluate import Subject, evaluate
from risk.operations.remove_list_entry import remove_list_entry
from tests.risk.contexts import ADDRESS, OTHER_ADDRESS, context, make_member

WHY = "한지우 고객의 신고"


def pages() -> dict[str, str]:
    lists = {
        name: reverse(f"admin:risk_{name}_changelist") for name in ("riskevent", "knowndevice", "listentry", "policy")
    }
    rows = {
        "risk-event": row_url("riskevent", RiskEvent, decision="review"),
        "risk-block": row_url("riskevent", RiskEvent, decision="block"),
        "risk-device": row_url("knowndevice", KnownDevice),
        "risk-entry": row_url("listentry", ListEntry),
        "risk-policy": row_url("policy", Policy),
        "risk-policy-now": row_url("policy", Policy, version=Policy.objects.latest("pk").pk),
        "risk-proposal": reverse(
            "admin:core_proposal_change", args=[Proposal.objects.filter(kind="risk.policy")[0].pk]
        ),
    }
    acts = {
        "risk-entry-remove": act_url("listentry", "remove", ListEntry.objects.latest("pk").pk),
        "risk-policy-propose": act_url("policy", "propose", Policy.objects.latest("pk").pk),
    }
    others = {
        "risk-blocked": f"{lists['riskevent']}?tab=block",
        "risk-removed": f"{lists['listentry']}?tab=removed",
        "risk-entry-new": reverse("admin:risk_listentry_new"),
    }
    return {**{f"risk-{name}": url for name, url in lists.items()}, **rows, **acts, **others}


def row_url(name: str, model: Any, **which: Any) -> str:
    return reverse(f"admin:risk_{name}_change", args=[model.objects.filter(**which).earliest("pk").pk])


def act_url(name: str, act: str, key: int) -> str:
    return f"{reverse(f'admin:risk_{name}_act', args=[act])}?row={key}"


def fill(each: int, by: User) -> None:
    """Rows in every list, as many of each sort."""
    for number in range(each):
        make_entries(number, by)
        make_decisions(number)
        make_version(by)


def make_entries(number: int, by: User) -> None:
    network = f"198.51.{number}.0/24"
    blocked: dict[str, Any] = {"kind": ListKind.BLOCKED, "target": Target.IP, "value": network, "note": WHY, "by": by}
    remove_list_entry(entry_id=add_list_entry(**blocked).pk, by=by, reason=WHY)
    add_list_entry(**blocked)
    uid = make_member(f"trusted-{by.pk}-{number}@example.com").uid
    add_list_entry(kind=ListKind.TRUSTED, target=Target.ADDRESS, value=OTHER_ADDRESS, note=WHY, by=by, uid=uid)


def make_decisions(number: int) -> None:
    now = clock.now()
    member = make_member(f"member-{User.objects.count()}@example.com")
    times: dict[str, Any] = {"at": now, "account_created_at": now - timedelta(hours=2), "address_first_used_at": None}
    stories: list[dict[str, Any]] = [
        {"debt": Decimal(3)},
        {"ip": f"198.51.{number}.7"},
        {"ip": None, "address": ADDRESS},
    ]
    for step, changed in enumerate(stories):
        with transaction.atomic():
            evaluate(context(member, **times, **changed), subject=Subject("withdrawal", str(step)))


def make_version(by: User) -> None:
    newest = Policy.objects.latest("version")
    review = {"USDT": {"review": str(1000 + newest.version), "block": None}}
    change_policy(figures={**newest.figures, "amount": review}, reason=WHY)
    wanted = {**newest.figures, "amount": {}, "new_device": "block", "count_7d": {"review": 9, "block": 20}}
    content = content_for(figures=wanted, reason=WHY)
    propose(act=CHANGE_RISK_POLICY, content=content, by=by, reason=WHY)
