"""What the rights of this app are called, where they are asked for. Who has them: the table in core."""

from typing import Final

from aeghash.core.rights import permission

VIEW: Final = permission("view_withdrawals")
FILE: Final = permission("file_withdrawals")
APPROVE: Final = permission("approve_withdrawals")
REJECT: Final = permission("reject_withdrawals")
RESOLVE: Final = permission("resolve_withdrawals")
RECORD: Final = permission("record_forwarding")
CONFIRM: Final = permission("confirm_forwarding")
PROPOSE_RULES: Final = permission("propose_rules")
APPROVE_RULES: Final = permission("approve_rules")
VIEW_BALANCES: Final = permission("view_balances")
