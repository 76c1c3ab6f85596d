from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from aeghash.core.admin.kit.verbs import name_verbs
from aeghash.core.admin.navigation import Area
from aeghash.core.rights import permission

MINING: Final = Area(30, _("Mining"))
VIEW_MINING: Final = permission("view_mining")

name_verbs(
    {
        "hash_power.granted": _("Hash power credited or debited"),
        "mining.egress_addresses_changed": _("Egress addresses changed"),
        "mining.income_allocated": _("Mining income given out"),
        "mining.order_moved": _("Charge or swap went on"),
        "mining.order_settled": _("Charge or swap settled by two people"),
        "mining.payout_begun": _("Coin payout begun"),
        "mining.payout_reconciled": _("Coin payout reconciled"),
        "mining.registered_external": _("Withdrawal explained"),
        "mining.reserves_proven": _("Reserves compared"),
        "mining.restatement_decided": _("Restatement decided"),
    }
)


def table(heads: list[Any], lines: list[list[Any]]) -> str:
    return render_to_string("admin/mining_table.html", {"heads": heads, "lines": lines})
