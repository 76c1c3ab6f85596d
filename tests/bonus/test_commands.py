"""What operators type, and what happens by itself."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from aeghash.core import clock, rights
from aeghash.core.models import AuditRow, Job, Proposal, User
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.operations.work_job import run_job
from bonus.models import Allocation, Closing, Entry
from organization.models import Member
from organization.operations.refund_order import refund_order
from tests.bonus.closing import closed, confirmed, long_ago
from tests.bonus.shares import line_of, paid
from tests.core.audit.trail import run, wait_until_nobody_is_before
from tests.database import Owner
from tests.organization.buying import bought
from tests.people import make_staff
from wallets.models import Transfer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def members() -> list[Member]:
    members = line_of(3)
    paid(members[2], 100, paid_at=long_ago())
    return members


@pytest.fixture
def finance() -> tuple[User, User]:
    return make_staff("choi", rights.FINANCE), make_staff("kang", rights.FINANCE)


def test_a_dry_run_says_all_and_changes_nothing(members: list[Member]) -> None:
    audits = AuditRow.objects.count()
    status, said = run("run_closing", "--dry-run")
    assert (status, said["status"], said["members"], said["total"]) == (0, "dry-run", 2, "37.000000")
    past = (clock.now() - timedelta(days=30)).isoformat()
    assert run("run_closing", "--dry-run", "--as-of", past)[1]["total"] == "0.000000"
    assert (Closing.objects.count(), AuditRow.objects.count()) == (0, audits)
    assert set(Entry.objects.values_list("status", flat=True)) == {"pending"}


def test_nobody_closes_the_future(members: list[Member]) -> None:
    tomorrow = (clock.now() + timedelta(days=1)).isoformat()
    assert run("run_closing", "--as-of", tomorrow)[0] == 1
    assert not Closing.objects.exists()


def test_alone_it_writes_the_draft_and_two_people_pay_it_out(members: list[Member], finance: tuple[User, User]) -> None:
    assert run("run_closing")[1]["status"] == "draft"
    assert not Transfer.objects.exists()
    by, second = finance
    with pytest.raises(CommandError):
        call_command("run_closing", "--by", by.email)
    assert run("run_closing", "--by", by.email, "--second", by.email)[0] == 1
    assert not Transfer.objects.exists()
    status, said = run("run_closing", "--by", by.email, "--second", second.email)
    assert (status, said["status"], said["sha256"]) == (0, "closed", Closing.objects.get().sha256)
    assert Transfer.objects.count() == 2
    assert Proposal.objects.latest("pk").status == "executed"


def test_a_stopped_one_goes_on(members: list[Member]) -> None:
    closing = confirmed()
    status, said = run("run_closing")
    assert (status, said["closing"], said["status"]) == (0, closing.pk, "closed")


def test_where_it_is_set_a_draft_goes_on_by_itself(members: list[Member], settings: Any) -> None:
    settings.CLOSING_AUTO_CONFIRM = True
    assert run("run_closing")[1]["status"] == "closed"


def test_a_closed_period_is_verified_and_what_differs_is_named(members: list[Member], owner: Owner) -> None:
    closing = closed()
    assert run("verify_closing", str(closing.pk)) == (0, {"closing": closing.pk, "differences": []})
    entry = Entry.objects.filter(type="referral").earliest("pk")
    owner.execute("SET session_replication_role = replica")
    owner.execute("UPDATE bonus_entries SET amount = amount + 1 WHERE id = %s", [entry.pk])
    status, said = run("verify_closing", str(closing.pk))
    assert status == 1
    (difference,) = said["differences"]
    assert f"entry {entry.pk} was {entry.amount:f}" in difference.replace(".000000000000000000", "")
    assert run("verify_closing", "999999")[0] == 1


def by_itself(kind: str) -> str:
    with transaction.atomic():
        job = enqueue(kind)
    run_job(job_id=job.pk)
    job.refresh_from_db()
    return job.state


def test_a_period_that_is_over_is_drafted_once(members: list[Member]) -> None:
    assert by_itself("bonus.draft") == "done"
    draft = Closing.objects.get()
    assert (draft.status, draft.figures["total"]) == ("draft", "37.000000")
    paid(members[2], 100, paid_at=long_ago())
    assert by_itself("bonus.draft") == "done"
    assert Closing.objects.get().version == 1  # what staff are looking at stays as it is


def test_where_it_is_set_the_draft_is_confirmed_and_run_by_jobs(members: list[Member], settings: Any) -> None:
    settings.CLOSING_AUTO_CONFIRM = True
    by_itself("bonus.draft")
    run_job(job_id=Job.objects.get(kind="bonus.run_closing").pk)
    assert Closing.objects.get().status == "closed"
    assert Transfer.objects.count() == 2


def test_orders_and_refunds_that_nobody_saw_to_are_found(members: list[Member]) -> None:
    order = bought(members[2])
    wait_until_nobody_is_before(refund_order(order=order).xid)
    assert by_itself("bonus.backlog") == "done"
    assert Allocation.objects.filter(order=order).exists()
    assert set(Entry.objects.filter(order=order).values_list("status", flat=True)) == {"cancelled"}
