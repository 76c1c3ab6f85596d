"""The demo: requests at several stages, quickly, once, and also without a remote."""

import time
from typing import Any

import pytest

from tests.withdrawals.world import World, heal, member, staff
from withdrawals import demo
from withdrawals.models import Action, Status, Withdrawal

MOST_SECONDS = 8
AMOUNTS = {"USDT": "500", "POINT": "500", "LTC": "5", "DOGE": "5", "BELLS": "5", "LKY": "5", "PEP": "5"}


def people() -> None:
    member(**AMOUNTS)
    member(**AMOUNTS)
    staff("finance")
    staff("finance")


def test_there_is_something_at_every_stage_and_a_second_run_changes_nothing(world: World) -> None:
    people()
    begun = time.monotonic()
    assert demo.seed() == [f"{len(demo.WANTED)} withdrawals"]
    assert time.monotonic() - begun < 3 * MOST_SECONDS  # of a machine that does other things as well
    found = set(Withdrawal.objects.values_list("status", flat=True))
    of_people = {Status.PENDING, Status.APPROVED_PENDING, Status.REJECTED, Status.CANCELLED}
    assert of_people | {Status.UNKNOWN, Status.MANUAL_REVIEW, Status.FAILED, Status.RETRYING} < found
    assert found & {Status.SUBMITTED, Status.COMPLETED, Status.FORWARDING}
    assert Withdrawal.objects.filter(is_flagged=True, status=Status.PENDING).exists()
    assert Withdrawal.objects.filter(log__action=Action.EXPIRED, status=Status.PENDING, round=2).exists()
    heal(world)
    assert not Withdrawal.objects.filter(status__in=(Status.UNKNOWN, Status.RETRYING, Status.SUBMITTING)).exists()
    before = list(Withdrawal.objects.order_by("pk").values_list("pk", "status", "version"))
    assert demo.seed() == []
    assert list(Withdrawal.objects.order_by("pk").values_list("pk", "status", "version")) == before


@pytest.mark.django_db(transaction=True)
def test_without_a_remote_they_wait_for_their_approvals(settings: Any, check_invariants_after: None) -> None:
    settings.HASHDAM_API_BASE_URL = settings.MBLOCK_API_BASE_URL = ""
    people()
    demo.seed()
    found = set(Withdrawal.objects.values_list("status", flat=True))
    assert found == {Status.PENDING, Status.APPROVED_PENDING, Status.REJECTED, Status.CANCELLED}
