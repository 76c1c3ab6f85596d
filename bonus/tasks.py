"""What of the bonuses is done by itself."""

from datetime import timedelta

from django.conf import settings

from aeghash.core.errors import Refusal
from aeghash.core.jobs import Lease, job
from aeghash.core.models import Missed
from aeghash.core.schedules import declare_schedule
from bonus.operations.allocate_backlog import allocate_backlog, reverse_backlog
from bonus.operations.confirm_closing import RUN, confirm_closing
from bonus.operations.draft_closing import PeriodClosed, draft_closing
from bonus.operations.retry_credit import note_failure, retry_credit
from bonus.operations.run_closing import CREDIT, run_closing
from bonus.queries.drafts import is_drafted
from bonus.queries.settings import closing_policy, credit_policy


@job("bonus.backlog", lease=timedelta(minutes=10))
def backlog_task(lease: Lease) -> None:
    allocate_backlog(tell=lease.extend)
    reverse_backlog()


@job("bonus.draft", lease=timedelta(minutes=10))
def draft_task(_lease: Lease) -> None:
    """A period that is over is drafted once; what staff draft anew stays theirs."""
    if is_drafted():
        return
    try:
        closing = draft_closing()
    except PeriodClosed:
        return
    if settings.CLOSING_AUTO_CONFIRM:
        confirm_closing(closing_id=closing.pk)


@job(RUN, policy=closing_policy)
def run_closing_task(lease: Lease, *, closing_id: int) -> None:
    run_closing(closing_id=closing_id, tell=lease.extend)


@job(CREDIT, policy=credit_policy)
def credit_task(lease: Lease, *, credit_id: int) -> None:
    try:
        retry_credit(credit_id=credit_id)
    except Refusal as refusal:
        is_last = lease.job.attempts >= lease.job.most_attempts
        note_failure(credit_id=credit_id, error=str(refusal), is_last=is_last)
        if not is_last:
            raise


declare_schedule("bonus.backlog", kind="bonus.backlog", cron="* * * * *", missed=Missed.SKIP)
declare_schedule("bonus.draft", kind="bonus.draft", cron="*/10 * * * *", missed=Missed.SKIP)
