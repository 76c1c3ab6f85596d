"""The demo: the pool's last 90 days and what members got of them, in a few seconds."""

import pytest
from django.core.management import call_command

from aeghash.core import demo as staff
from aeghash.core.models import Proposal, User
from aeghash.core.operations.work_due_jobs import work_due_jobs
from mining import demo
from mining.models import (
    Allocation,
    DayFacts,
    Grant,
    MiningBalance,
    OrderKind,
    Owner,
    PoolOrder,
    PoolWithdrawal,
    ReserveProof,
    Status,
)
from mining.queries.orphans import orphans
from mining.queries.restatements import undecided
from tests.sandbox.served import Served
from wallets.models import Balance

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_second_run_changes_nothing(pool: Served, check_invariants_after: None) -> None:
    User.objects.bulk_create(User(email=f"m{n}@example.com", uid=f"m{n}") for n in range(8))
    staff.seed()
    demo.seed()
    figures = (
        DayFacts.objects.count(),
        Grant.objects.count(),
        Allocation.objects.count(),
        MiningBalance.objects.count(),
    )
    assert figures[:3] == (91, 8, 30 * 8)  # the pool has said one day anew
    proposals = Proposal.objects.count()
    assert Balance.objects.filter(amount__gt=0).count() == 8 * 8
    assert not [proof for proof in ReserveProof.objects.all() if proof.difference < 0]
    demo.seed()
    assert figures == (
        DayFacts.objects.count(), Grant.objects.count(), Allocation.objects.count(), MiningBalance.objects.count(),
    )  # fmt: skip
    assert Proposal.objects.count() == proposals
    assert undecided().count() == 1
    assert not orphans().exists()
    assert PoolWithdrawal.objects.get(owner=Owner.EXTERNAL, amount=25).explanation
    work_due_jobs(until=lambda done: done >= 10)
    assert set(PoolOrder.objects.values_list("kind", "status")) == {(kind, Status.SUBMITTED) for kind in OrderKind}


def test_without_a_pool_there_is_nothing_to_show(settings: object) -> None:
    settings.HASHDAM_API_BASE_URL = ""  # type: ignore[attr-defined]
    assert demo.seed() == []
    assert not DayFacts.objects.exists()


def test_the_schedules_name_jobs_that_exist() -> None:
    from aeghash.core.jobs import kind_named
    from aeghash.core.models import Schedule

    names = Schedule.objects.filter(name__startswith="mining.").values_list("kind", flat=True)
    assert len(names) == 5
    for kind in names:
        assert kind_named(kind).name == kind
    call_command("check", "--fail-level", "ERROR", verbosity=0)
