"""What withdrawals do by themselves."""

from datetime import timedelta

from aeghash.core.jobs import Lease, job
from aeghash.core.models import Missed
from aeghash.core.schedules import declare_schedule
from withdrawals.operations.approve_withdrawal import SUBMIT
from withdrawals.operations.expire_approvals import expire_approvals
from withdrawals.operations.reconcile_withdrawals import reconcile_withdrawals
from withdrawals.operations.submit_withdrawal import CALL_LASTS, submit_withdrawal


@job(SUBMIT, lease=CALL_LASTS)
def submit_withdrawal_task(lease: Lease, *, withdrawal_id: int) -> None:
    submit_withdrawal(lease=lease, withdrawal_id=withdrawal_id)


@job("withdrawals.reconcile", lease=timedelta(minutes=10))
def reconcile_withdrawals_task(_lease: Lease) -> None:
    reconcile_withdrawals()


@job("withdrawals.expire_approvals")
def expire_approvals_task(_lease: Lease) -> None:
    expire_approvals()


declare_schedule("withdrawals.reconcile", kind="withdrawals.reconcile", cron="* * * * *", missed=Missed.SKIP)
declare_schedule(
    "withdrawals.expire_approvals", kind="withdrawals.expire_approvals", cron="*/5 * * * *", missed=Missed.SKIP
)
