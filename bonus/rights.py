"""The rights of this app, out of the one table of all."""

from typing import Final

from aeghash.core.rights import permission

VIEW_BONUS: Final = permission("view_bonus")
DRAFT_CLOSINGS: Final = permission("draft_closings")
CONFIRM_CLOSINGS: Final = permission("confirm_closings")
PROPOSE_RULES: Final = permission("propose_rules")
APPROVE_RULES: Final = permission("approve_rules")
