"""The partners' part of the demo: a mall that brought the demo's members, with a week of calls."""

import random
import uuid
from datetime import timedelta
from typing import Final

from django.db import transaction

from aeghash.core import clock
from aeghash.core.actors import acting_as, command
from aeghash.core.rows import create_many
from organization.models import Member
from partners.models import Call, EventState, InboundEvent, Partner, PartnerKey, PartnerMember
from partners.operations.create_partner import create_partner
from partners.operations.issue_key import issue_key
from partners.scopes import SCOPES

SLUG: Final = "aegmall-demo"
DAYS: Final = 7
CALLS_A_DAY: Final = 60
KINDS: Final = {
    ("POST", "orders", 201, ""): 50,
    ("GET", "members/demo0001/balances", 200, ""): 25,
    ("POST", "hashpower", 201, ""): 15,
    ("POST", "withdrawals", 422, "insufficient_balance"): 4,
    ("GET", "orders/unknown", 404, "order_not_found"): 3,
    ("POST", "orders", 401, "stale_timestamp"): 2,
    ("POST", "members", 409, "member_exists"): 1,
}


def seed() -> list[str]:
    """A second run changes nothing. The key's secret is shown to nobody: a visitor issues a key of their own."""
    with transaction.atomic(), acting_as(command("seed_demo")):
        if not Partner.objects.filter(slug=SLUG).exists():
            partner = create_partner(slug=SLUG, name="AEGMALL (demo)", allows_sha256=True, allows_legacy_get=True)
            _bring_members(partner)
            _calls(partner)
    return [f"a partner to try the API with: {SLUG}; docs/partners.md leads from a key to the first order"]


def _bring_members(partner: Partner) -> None:
    """All but the company, and but those another partner brought."""
    alone = Member.objects.filter(brought_by=None, sponsor__isnull=False)
    create_many([PartnerMember(partner=partner, member=member) for member in alone])


def _calls(partner: Partner) -> None:
    key = issue_key(slug=partner.slug, key_id=f"ak_demo_{uuid.uuid4().hex[:8]}", scopes=SCOPES, overlap_days=None)
    chance, now = random.Random(2026), clock.now()  # noqa: S311 - a demo's chance has to be foreseeable
    kinds = chance.choices(list(KINDS), list(KINDS.values()), k=DAYS * CALLS_A_DAY)
    moments = sorted(now - timedelta(days=DAYS) * chance.random() for _ in kinds)
    create_many(
        [
            Call(
                key=key, key_given=key.key_id, method=method, path=f"/api/aegmall/v1/{path}", status=status, code=code,
                address="203.0.113.20", at=at,
            )
            for at, (method, path, status, code) in zip(moments, kinds, strict=True)
        ]
    )  # fmt: skip
    PartnerKey.objects.filter(pk=key.pk).update(last_used_at=moments[-1])
    body = b'{"order_id":"DEMO-HELD","uid":"demo0001","total_amount":"300.00","pv_amount":"240","channel":"ONLINE"}'
    InboundEvent.objects.create(
        partner=partner, key=key, idempotency_key="demo-held", fingerprint="0" * 64, call="orders",
        path="/api/aegmall/v1/orders", body=body, state=EventState.FAILED, reason="DeadlockDetected",
        created_at=now - timedelta(hours=2),
    )  # fmt: skip
