from typing import Final

from django.utils.translation import gettext_lazy as _

from aeghash.core.admin.kit.verbs import name_verbs
from aeghash.core.admin.navigation import Area
from aeghash.core.rights import permission

MONEY: Final = Area(20, _("Money"))
VIEW_BALANCES: Final = permission("view_balances")

name_verbs(
    {
        "transfer.posted": _("Transfer posted"),
        "transfer.held": _("Amount held"),
        "transfer.settled": _("Hold settled"),
        "transfer.released": _("Hold released"),
        "transfers.posted": _("Batch of transfers posted"),
    }
)
