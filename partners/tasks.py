"""What partners' calls need by themselves."""

from aeghash.core.jobs import Lease, job
from aeghash.core.models import Missed
from aeghash.core.schedules import declare_schedule
from partners.operations.purge_calls import purge_calls
from partners.operations.purge_idempotency_keys import purge_idempotency_keys
from partners.operations.watch_keys import watch_keys, watch_traffic


@job("partners.purge")
def purge_task(_lease: Lease) -> None:
    purge_idempotency_keys()
    purge_calls()


@job("partners.watch_keys")
def watch_keys_task(_lease: Lease) -> None:
    watch_keys()


@job("partners.watch_traffic")
def watch_traffic_task(_lease: Lease) -> None:
    watch_traffic()


declare_schedule("partners.purge", kind="partners.purge", cron="17 * * * *", missed=Missed.SKIP)
declare_schedule("partners.watch_keys", kind="partners.watch_keys", cron="0 0 * * *", missed=Missed.CATCH_UP)
declare_schedule("partners.watch_traffic", kind="partners.watch_traffic", cron="*/15 * * * *", missed=Missed.SKIP)
