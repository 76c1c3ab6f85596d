"""What of mining is done by itself."""

from datetime import timedelta
from decimal import Decimal

from aeghash.core import clock
from aeghash.core.jobs import Lease, job
from aeghash.core.models import Missed
from aeghash.core.schedules import declare_schedule
from mining.models import OrderKind
from mining.operations.allocate_due_days import allocate_due_days
from mining.operations.order_power import KIND, place_order, reconcile_orders
from mining.operations.pay_out_coins import pay_out_coins
from mining.operations.prove_reserves import prove_reserves
from mining.operations.reconcile_payouts import reconcile_payouts
from mining.operations.sync_balances import sync_recent_rates
from mining.operations.sync_mining import NotAllRead, sync_mining


@job("mining.sync", attempts=8, lease=timedelta(minutes=5), first_pause=timedelta(minutes=1))
def sync_mining_task(lease: Lease) -> None:
    """Retried until all is read: what has been stored meanwhile isn't read again."""
    report = sync_mining(tell=lease.extend)
    if report.failed:
        raise NotAllRead(", ".join(f"{name}: {reason}" for name, reason in report.failed.items()))


@job("mining.sync_rates")
def sync_rates_task(_lease: Lease) -> None:
    sync_recent_rates()


@job("mining.allocate", attempts=8, lease=timedelta(minutes=10), first_pause=timedelta(minutes=1))
def allocate_task(lease: Lease) -> None:
    """A day that is refused has raised its alert already, and is tried again an hour later."""
    allocate_due_days(tell=lease.extend)


# Three attempts at the call itself are counted by the payout's rows; the job comes back for what was not ready as well.
@job("mining.pay_out", attempts=6, first_pause=timedelta(seconds=30), lease=timedelta(minutes=3))
def pay_out_task(_lease: Lease, *, reference: str, coin: str, amount: str) -> None:
    pay_out_coins(reference=reference, coin=coin, amount=Decimal(amount))


@job("mining.reconcile", lease=timedelta(minutes=5))
def reconcile_task(_lease: Lease) -> None:
    reconcile_payouts()
    reconcile_orders()


@job(KIND, attempts=6, first_pause=timedelta(seconds=30), lease=timedelta(minutes=3))
def order_task(_lease: Lease, *, reference: str, kind: str, amount: str) -> None:
    place_order(reference=reference, kind=OrderKind(kind), amount=Decimal(amount))


@job("mining.prove_reserves")
def prove_reserves_task(_lease: Lease) -> None:
    """After the day before was given out. A snapshot that was read late is proven late."""
    for day in (clock.today() - timedelta(days=1), clock.today()):
        prove_reserves(day=day)


# The day's facts are there from 00:00 UTC on; the hours after that catch what the pool brings late or restates.
declare_schedule("mining.sync", kind="mining.sync", cron="5 * * * *", missed=Missed.SKIP)
declare_schedule("mining.allocate", kind="mining.allocate", cron="20 * * * *", missed=Missed.SKIP)
declare_schedule("mining.prove_reserves", kind="mining.prove_reserves", cron="50 * * * *", missed=Missed.SKIP)
declare_schedule("mining.reconcile", kind="mining.reconcile", cron="* * * * *", missed=Missed.SKIP)
declare_schedule("mining.sync_rates", kind="mining.sync_rates", cron="*/10 * * * *", missed=Missed.SKIP)
