"""The pool's key, planted and then searched for in everything anybody may read."""

import io
import logging
from decimal import Decimal
from typing import Any, Final

import pytest
from django.core import serializers
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from aeghash.core.models import Alert, AuditRow, Job, Proposal
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.operations.issue_api_token import issue_api_token
from aeghash.core.operations.work_due_jobs import work_due_jobs
from mining.models import DayFacts, MiningWithdrawal, OrderKind, PoolOrder, PoolWithdrawal, Status
from mining.operations.order_power import KIND
from mining.operations.reconcile_payouts import reconcile_payouts
from tests.people import make_staff
from tests.sandbox.served import Served, StoppedClock

pytestmark = pytest.mark.django_db(transaction=True)

KEY: Final = "canary-hashdam-api-key-0123456789"
SCREENS: Final = ("dayfacts", "miningwithdrawal", "poolwithdrawal", "poolorder", "reserveproof")
API: Final = ("hash-balance", "profits", "withdrawals", "credit-charges", "power-swaps")
OF_CORE: Final = ("jobs", "audit", "alerts")
STORED: Final = (Alert, AuditRow, Job, Proposal, MiningWithdrawal, PoolOrder, PoolWithdrawal, DayFacts)


@pytest.fixture
def client(pool: Served, settings: Any) -> Client:
    settings.APPROVAL_OTP_REQUIRED = False
    settings.HASHDAM_API_KEY = KEY
    user = make_staff("all", "operations", "finance", "sysadmin", with_device=False)
    client = Client(headers={"Authorization": f"Bearer {issue_api_token(user=user)}"})
    client.force_login(user)
    return client


def want(name: str, **arguments: Any) -> None:
    with transaction.atomic():
        enqueue(name, key=name, **arguments)


def live(pool: Served) -> None:
    """A pool that says our key back wherever it may: in refusals of money calls and of readings, and in a row's text."""
    says = {"message": f"who is {KEY}?"}
    pool.fault("refusal", method="assetWithdrawRequest", times=1, **says)
    pool.fault("refusal", method="hashCreditCharge", times=1, **says)
    want("mining.pay_out", reference="p", coin="LTC", amount="1.5")
    want(KIND, reference="c", kind=str(OrderKind.CHARGE), amount="7")
    work_due_jobs(until=lambda done: done >= 10)
    pool.control("withdraw-outside", coin="LTC", amount="2")
    (outside,) = [row for row in pool.books()["withdrawals"] if row["origin"] == "outside"]
    pool.control("end", withdrawId=outside["withdrawId"], status="failed", message=says["message"])
    reconcile_payouts()
    for method in ("projectInfo", "hashBalance", "profitDaily", "hashCreditChargeHistory"):
        pool.fault("refusal", method=method, **says)
    want("mining.sync")
    work_due_jobs(until=lambda done: done >= 10)


def test_the_pools_key_is_in_no_sink(
    client: Client,
    pool: Served,
    time: StoppedClock,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    live(pool)
    payout, order = MiningWithdrawal.objects.get(), PoolOrder.objects.get()
    assert {payout.status, order.status} == {Status.UNKNOWN}
    assert Job.objects.exclude(last_error="").exists()
    with pytest.raises(SystemExit):
        call_command("sync_mining", "--json", stdout=(told := io.StringIO()))
    paths = [
        *(f"/admin/mining/{name}/" for name in SCREENS),
        f"/admin/mining/miningwithdrawal/{payout.pk}/",
        f"/admin/mining/poolorder/{order.pk}/",
        *(f"/admin/mining/poolwithdrawal/{row.pk}/" for row in PoolWithdrawal.objects.all()),
        *(f"/admin/core/job/{job.pk}/" for job in Job.objects.all()),
        *(f"/admin/core/alert/{alert.pk}/" for alert in Alert.objects.all()),
        *(f"/api/v1/mining/{name}/" for name in API),
        *(f"/api/v1/{name}/" for name in OF_CORE),
    ]
    pages = {path: client.get(path) for path in paths}
    assert {path for path, page in pages.items() if page.status_code != 200} == set()
    exports = [client.post(f"/admin/mining/{name}/export/csv/") for name in ("dayfacts", "allocation")]
    refused = client.post("/api/v1/mining/power-swaps/", {"amount": str(Decimal(10**9)), "reason": KEY[:6]})
    said = capfd.readouterr()
    sinks = {
        "log": caplog.text,
        "output": said.out + said.err + told.getvalue(),
        "error": refused.content.decode(),
        **{path: page.content.decode() for path, page in pages.items()},
        **{model.__name__: serializers.serialize("json", model._default_manager.all()) for model in STORED},
        **{f"export {n}": b"".join(export.streaming_content).decode() for n, export in enumerate(exports)},  # type: ignore[attr-defined]
    }
    found = {name: sink[max(0, sink.index(KEY) - 150) : sink.index(KEY)] for name, sink in sinks.items() if KEY in sink}
    assert not found
