"""The rights of the core's table that this app asks for."""

from typing import Final

from aeghash.core.rights import permission

VIEW_RISK: Final = permission("view_risk")
EDIT_RISK_LISTS: Final = permission("edit_risk_lists")
PROPOSE_RULES: Final = permission("propose_rules")
APPROVE_RULES: Final = permission("approve_rules")
