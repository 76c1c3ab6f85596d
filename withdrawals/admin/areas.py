from typing import Final

from django.utils.translation import gettext_lazy as _

from aeghash.core.admin.kit.verbs import name_verbs
from aeghash.core.admin.navigation import Area

WITHDRAWALS: Final = Area(5, _("Withdrawals"))

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
