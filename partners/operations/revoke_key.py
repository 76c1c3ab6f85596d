"""A key ends at once. One person is enough: whoever waits for a second one may wait too long."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.models import Severity
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.operations.record import record
from partners.models import PartnerKey
from partners.refusals import UnknownKey


@transaction.atomic
def revoke_key(*, key_id: str, reason: str = "") -> PartnerKey:
    """Revoked already: nothing happens. Refuses a key that isn't there (`key_not_found`)."""
    key = PartnerKey.objects.select_for_update(of=("self",)).select_related("partner").filter(key_id=key_id).first()
    if key is None:
        raise UnknownKey(key_id=key_id)
    if key.revoked_at is not None:
        return key
    now = clock.now()
    PartnerKey.objects.filter(pk=key.pk).update(revoked_at=now, updated_at=now)
    key.revoked_at = now
    record("partner_key.revoked", of=key, after={"key_id": key_id, "partner": key.partner.slug}, reason=reason)
    sentence = _("A partner's key was revoked: its calls are refused from now on.")
    raise_alert(key=f"partner-key:{key_id}", severity=Severity.WARNING, sentence=sentence, partner=key.partner.slug)
    return key
