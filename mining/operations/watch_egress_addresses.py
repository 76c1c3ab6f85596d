"""Notice that the addresses we go out from have changed: HashDam lets in only those it was told of."""

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.models import Severity
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.operations.record import record
from mining.models import EgressAddresses


@transaction.atomic
def watch_egress_addresses() -> bool:
    """Whether HASHDAM_IP_ALLOWLIST differs from what it was the last time; that is then recorded and told."""
    now_set = sorted(str(network) for network in settings.HASHDAM_IP_ALLOWLIST)
    EgressAddresses.objects.bulk_create([EgressAddresses()], ignore_conflicts=True)
    known = EgressAddresses.objects.select_for_update().get()
    if known.addresses == now_set:
        return False
    before, known.addresses, known.changed_at = known.addresses, now_set, clock.now()
    known.save(update_fields=["addresses", "changed_at"])
    record("mining.egress_addresses_changed", of=known, before={"networks": before}, after={"networks": now_set})
    raise_alert(
        key="mining.egress_addresses",
        severity=Severity.WARNING,
        sentence=_("The addresses we call HashDam from have changed. HashDam must be told, or it refuses us."),
        before=", ".join(before) or "–",
        now=", ".join(now_set) or "–",
    )
    return True
