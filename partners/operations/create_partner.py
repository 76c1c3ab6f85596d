"""Somebody new may call us."""

import ipaddress
from collections.abc import Sequence
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core.database_errors import translated
from aeghash.core.errors import Duplicate, Invalid
from aeghash.core.operations.record import record
from partners.models import Partner
from partners.models.partners import is_slug

# Sources of our own: what staff or the demo write down bears them.
TAKEN: Final = ("staff", "test", "organization")


class PartnerExists(Duplicate):
    code = "partner_exists"
    sentence = _("There is a partner %(slug)s already.")


@transaction.atomic
def create_partner(
    *,
    slug: str,
    name: str = "",
    networks: Sequence[str] = (),
    allows_sha256: bool = False,
    allows_legacy_get: bool = False,
) -> Partner:
    """Without any key, nobody calls yet. Refuses a name that is taken (`partner_exists`) or none, and bad networks."""
    check_slug(slug)
    fields = {
        "name": name,
        "networks": checked_networks(networks),
        "allows_sha256": allows_sha256,
        "allows_legacy_get": allows_legacy_get,
    }
    try:
        with translated(), transaction.atomic():
            partner: Partner = Partner.objects.create(slug=slug, **fields)
    except Duplicate:
        raise PartnerExists(slug=slug) from None
    record("partner.created", of=partner, after={"slug": slug, **fields})
    return partner


def check_slug(slug: str) -> None:
    try:
        is_slug(slug)
    except ValidationError as error:
        raise Invalid(field="slug", reason=error.messages[0]) from None
    if slug in TAKEN:
        raise Invalid(field="slug", reason=_("This one is our own."))


def checked_networks(networks: Sequence[str]) -> list[str]:
    try:
        return [str(ipaddress.ip_network(network.strip())) for network in networks]
    except ValueError:
        raise Invalid(field="networks", reason=_("Networks are written such as 203.0.113.0/24.")) from None
