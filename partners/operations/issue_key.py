"""A partner's new key. It takes two people; the secret is handed over once."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock, ids
from aeghash.core.acts import Act, Content, declare
from aeghash.core.crypto import Secret
from aeghash.core.errors import Invalid, Refusal
from aeghash.core.models import Severity
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.operations.record import record
from partners.models import Partner, PartnerKey
from partners.refusals import UnknownKey, UnknownPartner
from partners.rights import MANAGE_PARTNERS
from partners.scopes import SCOPES

LONGEST_OVERLAP: Final = 90


class SecretShown(Refusal):
    code = "secret_shown"
    sentence = _("The secret has been shown once, and is not shown again: issue another key.")


def new_key(*, slug: str, scopes: Sequence[str] = (), overlap_days: int | None = None) -> dict[str, Any]:
    """What is proposed; its id is known from here on. Without an overlap the older keys go on; with one, they end after it.

    Refuses: a partner that isn't there, a scope that is none, an overlap of more than 90 days.
    """
    found_partner(slug)
    if unknown := set(scopes) - set(SCOPES):
        raise Invalid(field="scopes", reason=_("%(scopes)s: there are no such scopes.") % {"scopes": sorted(unknown)})
    if overlap_days is not None and not 0 <= overlap_days <= LONGEST_OVERLAP:
        raise Invalid(field="overlap_days", reason=_("0 to 90 days."))
    return {
        "slug": slug,
        "key_id": f"ak_{ids.random_bytes(10).hex()}",
        "scopes": sorted(scopes or SCOPES),
        "overlap_days": overlap_days,
    }


@transaction.atomic
def issue_key(
    *, slug: str, key_id: str, scopes: Sequence[str], overlap_days: int | None, secret: str | None = None
) -> PartnerKey:
    """The caller has heard both people; a `secret` comes along where one is brought from elsewhere."""
    partner = found_partner(slug)
    if overlap_days is not None:
        end = clock.now() + timedelta(days=overlap_days)
        live = partner.keys.filter(Q(expires_at=None) | Q(expires_at__gt=end), revoked_at=None)
        live.update(expires_at=end, updated_at=clock.now())
    key = PartnerKey.objects.create(
        partner=partner, key_id=key_id, secret=secret or secrets.token_urlsafe(32), scopes=list(scopes)
    )
    record(
        "partner_key.issued",
        of=key,
        after={"partner": slug, "key_id": key_id, "scopes": list(scopes), "overlap_days": overlap_days},
    )
    sentence = _("A key was issued to a partner. Whoever didn't expect this should revoke it.")
    raise_alert(key=f"partner-key:{key_id}", severity=Severity.INFO, sentence=sentence, partner=slug, key_id=key_id)
    return key


@transaction.atomic
def show_secret(*, key_id: str) -> Secret:
    """Once. Refuses it the second time (`secret_shown`)."""
    key = PartnerKey.objects.select_for_update(of=("self",)).filter(key_id=key_id).first()
    if key is None:
        raise UnknownKey(key_id=key_id)
    if key.shown_at is not None:
        raise SecretShown
    secret = key.secret
    PartnerKey.objects.filter(pk=key.pk).update(shown_at=clock.now())
    record("partner_key.handed_over", of=key, after={"key_id": key_id})
    return secret


def found_partner(slug: str) -> Partner:
    partner: Partner | None = Partner.objects.filter(slug=slug).first()
    if partner is None:
        raise UnknownPartner(slug=slug)
    return partner


def _execute(content: Content) -> dict[str, Any]:
    """Results are kept with the proposal: the secret isn't one."""
    return {"key_id": issue_key(**content).key_id}


def _described(content: Content) -> dict[Any, Any]:
    days = content["overlap_days"]
    return {
        _("partner"): content["slug"],
        _("key"): content["key_id"],
        _("scopes"): ", ".join(content["scopes"]),
        _("older keys"): _("go on") if days is None else _("end after %(days)s days") % {"days": days},
    }


ISSUE_KEY = declare(
    Act(
        kind="partner_key.issue",
        label=_("Issue a partner's key"),
        may_propose=MANAGE_PARTNERS,
        may_approve=MANAGE_PARTNERS,
        execute=_execute,
        describe=_described,
    )
)
