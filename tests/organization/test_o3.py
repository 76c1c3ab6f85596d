"""O3 is seen broken, in full and since the last watermark, whichever figure it is."""

from decimal import Decimal

import pytest

from aeghash.core import catalogue
from aeghash.core.catalogue import Finding
from organization.models import Member
from organization.operations.refund_order import refund_order
from organization.operations.roll_up_volumes import roll_up_volumes
from organization.operations.set_rank import set_rank
from tests.database import Owner
from tests.organization.buying import bought
from tests.organization.counting import kept, ranks_kept, ranks_recounted, recounted
from tests.organization.planting import joined, planted
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = "member_id = (SELECT min(member_id) FROM organization_metrics_daily)"
CORRUPTIONS = [
    f"UPDATE organization_metrics_daily SET {column} = {column} + 1 WHERE {FIRST}"
    for column in (
        "personal_volume",
        "group_volume",
        "volume_left",
        "volume_right",
        "orders_count",
        "group_joined",
        "joined_left",
        "joined_right",
    )
] + [
    "DELETE FROM organization_metrics_daily WHERE personal_volume <> 0",
    "INSERT INTO organization_metrics_daily"
    " SELECT user_id, DATE '2020-01-01', 1, 0, 0, 0, 0, 0, 0, 0 FROM organization_members LIMIT 1",
    "UPDATE organization_group_ranks SET members = members + 1 WHERE rank = 'FREE'",
    "DELETE FROM organization_group_ranks",
]


def o3(since: int | None = None) -> Finding:
    (invariant,) = [entry for entry in catalogue.entries() if entry.id == "O3"]
    return catalogue.look(invariant, since=since)


@pytest.fixture
def organisation() -> list[Member]:
    members = root, left, right, below = planted([None, 0, 0, 1])
    for member in (root, left, below):
        bought(member, Decimal("10.5"))
    refund_order(order=bought(right))
    set_rank(member=below, rank="D1", reason="test")

    def is_counted() -> bool:
        roll_up_volumes()
        return kept() == recounted() and ranks_kept() == ranks_recounted()

    until(is_counted)
    return list(members)


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_a_planted_corruption_is_reported(organisation: list[Member], corruption: str, owner: Owner) -> None:
    assert (o3().violations, o3(since=0).violations) == ([], [])
    owner.execute(corruption)
    assert not o3().holds
    if "2020" not in corruption:  # what no order since then has to do with, the full form sees alone
        assert not o3(since=0).holds


def test_what_the_roll_up_has_not_come_to_is_no_violation(organisation: list[Member]) -> None:
    bought(organisation[3])
    set_rank(member=organisation[3], rank="D2", reason="test")
    joined(organisation[3])
    assert o3().holds
    assert o3(since=0).holds


def test_only_what_came_since_is_looked_at(organisation: list[Member], owner: Owner) -> None:
    owner.execute(CORRUPTIONS[0])
    (since,) = owner.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchone() or (0,)
    assert o3(since=since).holds
