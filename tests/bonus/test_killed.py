"""A closing killed at each of its checkpoints and started again ends like one that nobody disturbed."""

import signal
from itertools import count
from typing import Any

import pytest

from bonus.models import Closing, ClosingMember
from bonus.operations.confirm_closing import confirm_closing
from bonus.operations.draft_closing import draft_closing
from bonus.queries.canonical import differences
from organization.models import Member
from tests.bonus.closing import long_ago
from tests.bonus.shares import line_of, paid
from tests.races.processes import Processes
from wallets.models import Transfer


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("check_invariants_after")
def test_killed_everywhere_it_pays_everybody_once(request: Any) -> None:
    """One process after the other, each killed one checkpoint later than it gets by itself, until one comes to the end."""
    members = line_of(9)
    Member.objects.filter(pk__in=[members[0].pk, members[1].pk]).update(rank="D2")
    for member in members[3:]:
        paid(member, 100, paid_at=long_ago())
    foreseen = draft_closing()
    closing = confirm_closing(closing_id=foreseen.pk)
    steps = (1, 2, 3, 4, 5) if request.config.getoption("--prove") else (3, 4)
    deaths = 0
    with Processes(kinds="tests.bonus.kinds", REDIS_URL="", CLOSING_CHUNK_SIZE="2") as processes:
        for attempt in count():
            dies_at = str(steps[attempt % len(steps)]) if attempt < 12 else "0"
            process = processes.start("run_closing", DIES_AT=dies_at)
            if process.wait(60) != -signal.SIGKILL:
                break
            deaths += 1
    assert deaths >= 2
    closing = Closing.objects.get(pk=closing.pk)
    assert closing.status == "closed"
    assert closing.report == foreseen.figures
    assert Transfer.objects.filter(reference__startswith="bonus:").count() == ClosingMember.objects.count() == 8
    assert differences(closing.pk) == []
