from typing import Final

from django.utils.translation import gettext_lazy as _

from aeghash.core.admin.kit.verbs import name_verbs
from aeghash.core.admin.navigation import Area

PARTNERS: Final = Area(70, _("Partners"))

name_verbs(
    {
        "partner.created": _("Partner created"),
        "partner.changed": _("Partner changed"),
        "partner.members_assigned": _("Members assigned to a partner"),
        "partner_key.issued": _("Partner's key issued"),
        "partner_key.handed_over": _("Partner's secret handed over"),
        "partner_key.revoked": _("Partner's key revoked"),
        "partner_event.reprocessed": _("Partner's call worked again"),
        "partner_event.dropped": _("Partner's call set aside"),
        "address.added": _("Payout address added"),
    }
)
