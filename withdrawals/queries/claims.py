"""Whether what was approved may still be paid. Asked under the request's lock, right before the claim."""

from django.conf import settings
from django.utils import translation

from aeghash.core import clock
from aeghash.core.errors import Refusal
from aeghash.core.queries.entitled import holders
from risk.queries import blocking_entry, blocks_since
from withdrawals.models import Approval, AssetPolicy, Withdrawal
from withdrawals.queries.limits import check_address, check_limits
from withdrawals.rights import APPROVE


def why_not_any_more(withdrawal: Withdrawal, policy: AssetPolicy) -> str:
    """Empty: go on. In the words that the request's log will keep, so in English. `policy` was read under the lock."""
    return _approvals(withdrawal) or _policy(withdrawal, policy) or _risk(withdrawal)


def _approvals(withdrawal: Withdrawal) -> str:
    given = Approval.objects.filter(withdrawal=withdrawal, round=withdrawal.round)
    needed, people = approvals_needed(withdrawal), {approval.approver_id for approval in given}
    if len(people) < needed:
        return f"it has fewer than {needed} approvals"
    if any(approval.digest != withdrawal.digest for approval in given):
        return "an approval is for something else"
    if any(approval.expires_at <= clock.now() for approval in given):
        return "an approval is older than 24 hours"
    if holders(APPROVE, people) != people:
        return "an approver has lost the right to approve"
    return ""


def approvals_needed(withdrawal: Withdrawal) -> int:
    """What was asked in one-step mode needs a second person, too, once two are required again; never the other way round."""
    return 2 if settings.WITHDRAWAL_TWO_STEP_REQUIRED else withdrawal.approvals_needed


def _policy(withdrawal: Withdrawal, policy: AssetPolicy) -> str:
    if policy.channel != withdrawal.channel:
        return "its asset is paid by another channel now"
    if not withdrawal.user.is_active:
        return "the member is not active"
    with translation.override("en"):
        try:
            check_limits(withdrawal.user, policy, withdrawal.amount, asked_at=withdrawal.requested_at)
            check_address(withdrawal.user, policy.asset, withdrawal.address)
        except Refusal as refusal:
            return f"{refusal.code}: {refusal}"
    return ""


def _risk(withdrawal: Withdrawal) -> str:
    """A later request of the member's that was blocked speaks against this one too; so does an address listed since."""
    if blocks_since(user_id=withdrawal.user_id, since=withdrawal.requested_at).exists():
        return "risk has blocked the member since"
    if withdrawal.address and blocking_entry(user_id=withdrawal.user_id, address=withdrawal.address, at=clock.now()):
        return "the address is on the blocked list"
    return ""
