"""The demo: the pool's last 90 days and what members got of them, in a few seconds."""

from typing import Any

import pytest
from django.core.management import call_command

from aeghash.core import rights
from aeghash.core.models import Job, Proposal, User
from aeghash.core.models.proposals import ProposalStatus
from mining import demo
from mining.models import Allocation, DayFacts, Grant, MiningBalance, ReserveProof
from tests.people import make_staff
from tests.sandbox.served import Served
from wallets.models import Balance

pytestmark = pytest.mark.django_db(transaction=True)

MADE: tuple[Any, ...] = (DayFacts, Grant, Allocation, MiningBalance, Proposal, Job)


def test_a_second_run_changes_nothing(pool: Served, check_invariants_after: None) -> None:
    User.objects.bulk_create(User(email=f"m{n}@example.com", uid=f"m{n}") for n in range(8))
    for name in ("one", "two"):
        make_staff(name, rights.FINANCE, with_device=False)
    demo.seed()
    figures = [model.objects.count() for model in MADE]
    assert figures[:3] == [90, 8, 30 * 8]
    assert sorted(Proposal.objects.values_list("kind", "status")) == [
        ("mining.charge_credit", ProposalStatus.WAITING),
        ("mining.swap_power", ProposalStatus.EXECUTED),
    ]
    assert Balance.objects.filter(amount__gt=0).count() == 8 * 8
    assert not [proof for proof in ReserveProof.objects.all() if proof.difference < 0]
    demo.seed()
    assert figures == [model.objects.count() for model in MADE]


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
