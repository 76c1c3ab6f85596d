from typing import Final

from django.utils.translation import gettext_lazy as _

from aeghash.core.admin.kit.verbs import name_verbs
from aeghash.core.admin.navigation import Area
from aeghash.core.rights import permission

WITHDRAWALS: Final = Area(5, _("Withdrawals"))
VIEW: Final = permission("view_withdrawals")
FILE: Final = permission("file_withdrawals")
APPROVE: Final = permission("approve_withdrawals")
REJECT: Final = permission("reject_withdrawals")
RESOLVE: Final = permission("resolve_withdrawals")
RECORD: Final = permission("record_forwarding")
CONFIRM: Final = permission("confirm_forwarding")
PROPOSE_RULES: Final = permission("propose_rules")
VIEW_BALANCES: Final = permission("view_balances")

name_verbs(
    {
        "payout_address.removed": _("Payout address removed"),
        "payout_policy.changed": _("Rule of payout changed"),
        "submissions.locked": _("Submissions locked"),
        "submissions.unlocked": _("Submissions unlocked"),
        "withdrawal.approved": _("Withdrawal approved"),
        "withdrawal.approved_first": _("Withdrawal approved once"),
        "withdrawal.blocked": _("Withdrawal blocked by risk"),
        "withdrawal.cancelled": _("Withdrawal cancelled"),
        "withdrawal.completed": _("Withdrawal completed"),
        "withdrawal.expired": _("Approvals of a withdrawal void"),
        "withdrawal.failed": _("Withdrawal failed"),
        "withdrawal.forwarded": _("Forwarding recorded"),
        "withdrawal.forwarding": _("Withdrawal to be forwarded"),
        "withdrawal.manual_review": _("Withdrawal in manual review"),
        "withdrawal.reconciled": _("Withdrawal found at the remote"),
        "withdrawal.rejected": _("Withdrawal rejected"),
        "withdrawal.requested": _("Withdrawal requested"),
        "withdrawal.retrying": _("Withdrawal to be submitted again"),
        "withdrawal.submitted": _("Withdrawal submitted"),
        "withdrawal.submitting": _("Submission of a withdrawal begun"),
        "withdrawal.unknown": _("Outcome of a withdrawal unknown"),
    }
)
