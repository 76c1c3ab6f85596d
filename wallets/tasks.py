"""What the ledger does by itself."""

from aeghash.core.jobs import Lease, job
from aeghash.core.models import Missed
from aeghash.core.schedules import declare_schedule
from wallets.operations.roll_system_sums import roll_system_sums


@job("wallets.roll_system_sums")
def roll_system_sums_task(lease: Lease) -> None:
    roll_system_sums()
    with lease.last_transaction():
        pass


declare_schedule("wallets.roll_system_sums", kind="wallets.roll_system_sums", cron="*/5 * * * *", missed=Missed.SKIP)
