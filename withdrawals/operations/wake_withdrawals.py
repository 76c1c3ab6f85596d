"""Approved requests that no job will come to: its last attempt failed, or somebody gave it up."""

from aeghash.core.models import Job, JobState
from aeghash.core.transactions import must_have_none, opens_one
from withdrawals.models import Withdrawal
from withdrawals.operations.approve_withdrawal import SUBMIT, want_submitted
from withdrawals.operations.step import lock_withdrawal
from withdrawals.operations.submit_withdrawal import TO_BE_SUBMITTED


@must_have_none()
def wake_withdrawals() -> int:
    """Returns how many. One job too many does no harm: it finds nothing to do."""
    jobs = Job.objects.filter(kind=SUBMIT, state__in=(JobState.QUEUED, JobState.RUNNING))
    awaited = set(jobs.values_list("arguments__withdrawal_id", flat=True))
    waiting = Withdrawal.objects.filter(status__in=TO_BE_SUBMITTED).order_by("pk").values_list("pk", flat=True)
    return sum(_wake(pk) for pk in waiting if pk not in awaited)


@opens_one()
def _wake(withdrawal_id: int) -> bool:
    withdrawal = lock_withdrawal(withdrawal_id)
    if withdrawal.status not in TO_BE_SUBMITTED:
        return False
    want_submitted(withdrawal)
    return True
