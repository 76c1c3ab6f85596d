"""What a partner may do, and from where. It takes two people."""

from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core.acts import Act, Content, declare
from aeghash.core.errors import Invalid
from aeghash.core.money import Sign, parse_amount
from aeghash.core.operations.record import record
from partners.models import Partner
from partners.operations.create_partner import checked_networks
from partners.operations.issue_key import found_partner
from partners.rights import MANAGE_PARTNERS

CHANGEABLE: Final = (
    "name", "is_active", "networks", "allows_sha256", "allows_legacy_get", "reads_a_minute", "writes_a_minute", "burst",
    "hash_a_day", "pv_a_day",
)  # fmt: skip
LIMITS: Final = ("reads_a_minute", "writes_a_minute", "burst")
A_DAY: Final = ("hash_a_day", "pv_a_day")
MOST: Final = 1_000_000


def change_of_partner(*, slug: str, **fields: Any) -> dict[str, Any]:
    """What is proposed. Refuses a partner that isn't there, and values that can't be."""
    found_partner(slug)
    return {"slug": slug, **checked(fields)}


def checked(fields: dict[str, Any]) -> dict[str, Any]:
    if unknown := fields.keys() - set(CHANGEABLE):
        raise Invalid(field=min(unknown), reason=_("There is no such field."))
    for name in LIMITS:
        if name in fields and not 1 <= fields[name] <= MOST:
            raise Invalid(field=name, reason=_("1 to 1,000,000."))
    if "networks" in fields:
        fields["networks"] = checked_networks(fields["networks"])
    for name in A_DAY:
        if fields.get(name) is not None:
            amount = parse_amount(f"{fields[name]}", places=4, field=name, sign=Sign.NOT_NEGATIVE)
            fields[name] = f"{amount:f}"
    return fields


@transaction.atomic
def change_partner(*, slug: str, **fields: Any) -> Partner:
    """The caller has heard both people."""
    partner: Partner = Partner.objects.select_for_update(no_key=True).get(pk=found_partner(slug).pk)
    fields |= {name: Decimal(fields[name]) for name in A_DAY if fields.get(name) is not None}
    before = {name: getattr(partner, name) for name in fields}
    partner.update(**fields)
    record("partner.changed", of=partner, before=before, after=fields)
    return partner


def _execute(content: Content) -> dict[str, Any]:
    return {"slug": change_partner(**content).slug}


def _seen(content: Content) -> dict[str, Any]:
    partner = found_partner(content["slug"])
    return {name: getattr(partner, name) for name in content if name != "slug"}


def _described(content: Content) -> dict[Any, Any]:
    partner = found_partner(content["slug"])
    changes = {
        Partner._meta.get_field(name).verbose_name: f"{getattr(partner, name)} → {value}"  # type: ignore[union-attr]
        for name, value in content.items()
        if name != "slug"
    }
    return {_("partner"): content["slug"], **changes}


CHANGE_PARTNER = declare(
    Act(
        kind="partner.change",
        label=_("Change a partner"),
        may_propose=MANAGE_PARTNERS,
        may_approve=MANAGE_PARTNERS,
        execute=_execute,
        describe=_described,
        seen=_seen,
    )
)
