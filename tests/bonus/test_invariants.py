"""Each invariant sees the corruption it is there for."""

import pytest

from aeghash.core import catalogue
from bonus.models import Entry
from organization.models import Member
from tests.bonus.closing import closed, long_ago
from tests.bonus.shares import line_of, paid
from tests.database import Owner

pytestmark = pytest.mark.django_db(transaction=True)

CORRUPTIONS = [
    ("B1", "UPDATE bonus_entries SET amount = amount + 1 WHERE type = 'referral'"),
    ("B1", "DELETE FROM bonus_entries WHERE type = 'sponsor'"),
    ("B1", "DELETE FROM bonus_unallocated WHERE reason = 'no_center'"),
    ("B1", "UPDATE bonus_allocations SET pv = pv + 1"),
    ("B2", "UPDATE bonus_entries SET amount = amount + 1 WHERE type = 'share'"),
    ("B2", "DELETE FROM bonus_pool_shares"),
    ("B3", "UPDATE bonus_entries SET amount = amount + 1 WHERE type = 'referral'"),
    ("B3", "DELETE FROM bonus_closing_members"),
    ("B3", "DELETE FROM transfers WHERE reference LIKE 'bonus:%%'"),
    ("B3", "UPDATE bonus_closings SET sha256 = 'x'"),
]


@pytest.mark.parametrize(("invariant", "corruption"), CORRUPTIONS)
def test_a_planted_corruption_is_seen(invariant: str, corruption: str, owner: Owner) -> None:
    members = line_of(3)
    Member.objects.filter(pk=members[0].pk).update(rank="D2")
    paid(members[2], 100, paid_at=long_ago())
    closed()
    assert Entry.objects.filter(status="confirmed", type="share").exists()
    assert all(finding.holds for finding in catalogue.look_at_all(only=["B1", "B2", "B3"]))
    owner.execute("SET session_replication_role = replica")
    owner.execute(corruption.replace("%%", "%").encode())
    (finding,) = catalogue.look_at_all(only=[invariant])
    assert finding.violations
