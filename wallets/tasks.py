"""What the ledger and the wallets at MBlock do by themselves."""

from datetime import timedelta

from aeghash.core.jobs import Lease, job
from aeghash.core.models import Missed
from aeghash.core.schedules import declare_schedule
from wallets.operations.check_transaction import check_by_job
from wallets.operations.queue_transaction import SUBMIT
from wallets.operations.roll_system_sums import roll_system_sums
from wallets.operations.settle_call import CHECK
from wallets.operations.submit_transaction import submit_transaction
from wallets.operations.watch_api_key import watch_api_key
from wallets.operations.watch_wallets import watch_wallets


@job("wallets.roll_system_sums")
def roll_system_sums_task(lease: Lease) -> None:
    roll_system_sums()
    with lease.last_transaction():
        pass


# The lease outlasts the time a call may take, so that whoever gets the job next finds the call over.
@job(SUBMIT, attempts=3, lease=timedelta(minutes=2))
def submit_transaction_task(lease: Lease, *, transaction_id: int) -> None:
    submit_transaction(lease=lease, transaction_id=transaction_id)


@job(CHECK, attempts=10)
def check_transaction_task(lease: Lease, *, transaction_id: int) -> None:
    check_by_job(lease=lease, transaction_id=transaction_id)


@job("wallets.watch")
def watch_wallets_task(_lease: Lease) -> None:
    watch_wallets()


@job("wallets.watch_api_key")
def watch_api_key_task(_lease: Lease) -> None:
    watch_api_key()


declare_schedule("wallets.roll_system_sums", kind="wallets.roll_system_sums", cron="*/5 * * * *", missed=Missed.SKIP)
declare_schedule("wallets.watch", kind="wallets.watch", cron="* * * * *", missed=Missed.SKIP)
declare_schedule("wallets.watch_api_key", kind="wallets.watch_api_key", cron="7 * * * *", missed=Missed.SKIP)
