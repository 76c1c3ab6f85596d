"""Raise whom an order, a joining or a rank has touched since the last time, and then their sponsors, upward."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from django.db import connection

from aeghash.core import clock
from aeghash.core.checkpoints import checkpoint
from aeghash.core.transactions import with_db_retry
from aeghash.core.watermark import Window, consume
from organization.models import Member, RankCause, RankChange
from organization.queries.rank_rules import HEIGHT, Rules, earned, rules_in_force, standings

RANKS: Final = "organization.ranks"  # the watermark; whoever holds it is the only one to raise ranks by the rules
AT_ONCE: Final = 2000

# A refund touches nobody: ranks don't fall. Whom staff gave another rank may have earned a higher one than that.
TOUCHED: Final = """
    SELECT buyer_id FROM organization_orders WHERE xid >= %(start)s::xid8 AND xid < %(end)s::xid8
    UNION
    SELECT sponsor_id FROM organization_members
    WHERE xid >= %(start)s::xid8 AND xid < %(end)s::xid8 AND sponsor_id IS NOT NULL
    UNION
    SELECT touched.id FROM organization_rank_history AS history
    JOIN organization_members AS members ON members.user_id = history.member_id
    CROSS JOIN LATERAL (VALUES (members.user_id), (members.sponsor_id)) AS touched (id)
    WHERE history.xid >= %(start)s::xid8 AND history.xid < %(end)s::xid8 AND touched.id IS NOT NULL
"""


@with_db_retry()
def raise_ranks() -> int:
    """Ends with the ranks that `recompute_ranks` would come to; returns how many changes it took.

    Two at once take turns at the watermark, so none misses what the other raises; killed, one leaves everything to the next.
    """
    changes = 0
    with consume(RANKS) as window:
        rules = rules_in_force()
        touched = _touched(window)
        while touched:
            raised = [member for some in in_parts(touched) for member in _raise(some, rules)]
            checkpoint("ranks: level raised")
            changes += len(raised)
            touched = _sponsors_of(raised)
    return changes


def locked_ranks(member_ids: Iterable[int]) -> dict[int, str]:
    """Of those that the rules may raise. Locked, since staff may be giving one of them a rank in this moment."""
    rows = Member.objects.select_for_update(no_key=True).filter(pk__in=member_ids, is_rank_held=False)
    return dict(rows.order_by("pk").values_list("pk", "rank"))


def write_ranks(before: Mapping[int, str], after: Mapping[int, str], rules: Rules) -> list[int]:
    """To each the rank after, if it is higher than the one before, with the figures it rests on; returns whom it raised."""
    higher = {member: rank for member, rank in after.items() if HEIGHT[rank] > HEIGHT[before.get(member, rank)]}
    for rank in set(higher.values()):
        members = [member for member in higher if higher[member] == rank]
        Member.objects.filter(pk__in=members).update(rank=rank, updated_at=clock.now())
    figures = standings(higher.keys())
    RankChange.objects.bulk_create(
        RankChange(
            member_id=member,
            before=before[member],
            after=rank,
            cause=RankCause.RULE,
            reason=figures[member].told(rules[rank]),
        )
        for member, rank in higher.items()
    )
    return list(higher)


def in_parts(member_ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(member_ids), AT_ONCE):
        yield member_ids[start : start + AT_ONCE]


def _raise(member_ids: list[int], rules: Rules) -> list[int]:
    before = locked_ranks(member_ids)
    checkpoint("ranks: members locked")
    found = {member: earned(standing, rules) for member, standing in standings(before.keys()).items()}
    return write_ranks(before, {member: rule.rank for member, rule in found.items() if rule}, rules)


def _touched(window: Window) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(TOUCHED, {"start": str(window.start), "end": str(window.end)})
        return sorted(member for (member,) in cursor.fetchall())


def _sponsors_of(member_ids: list[int]) -> list[int]:
    sponsors: set[int] = set()
    for some in in_parts(member_ids):
        found = Member.objects.filter(pk__in=some).values_list("sponsor", flat=True)
        sponsors.update(sponsor for sponsor in found if sponsor is not None)
    return sorted(sponsors)
