"""What a closing takes, who shares its pool, and what that comes to. The one place that says which entries are its input."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from aeghash.core.money import format_amount
from bonus.models import Closing
from organization.queries.rank_rules import HEIGHT, rules_in_force
from organization.queries.ranks_from_scratch import ranks_from_scratch

# What was committed when the closing began, and nothing that came since. What a member never got isn't taken back: a credit
# that still fails holds its clawback for a later closing.
INPUT: Final = """
    e.status = 'pending' AND (
        e.closing_id = %(closing)s
        OR e.closing_id IS NULL AND e.due_at < %(cutoff)s
            AND pg_visible_in_snapshot(e.xid, %(snapshot)s::pg_snapshot)
            AND NOT (e.type = 'clawback' AND EXISTS (
                SELECT FROM bonus_entries owed WHERE owed.order_id = e.order_id AND owed.beneficiary_id = e.beneficiary_id
                AND owed.status IN ('retrying', 'failed')
            ))
    )
"""
POOL_INPUT: Final = """
    p.status = 'pending' AND p.due_at < %(cutoff)s AND pg_visible_in_snapshot(p.xid, %(snapshot)s::pg_snapshot)
"""
# By the rules of the last moment the closing covers. `risen`: whom the rules would raise, in a dry run, which raises nobody.
SHARERS: Final = """
    SELECT m.user_id, m.rank FROM organization_members m
    LEFT JOIN unnest(%(risen)s::bigint[], %(rose_to)s::text[]) AS risen (member, rank) ON risen.member = m.user_id
    JOIN bonus_rules r ON r.valid_from < %(cutoff)s AND (r.valid_until IS NULL OR r.valid_until >= %(cutoff)s)
    JOIN bonus_rule_lines l ON l.rule_id = r.id AND l.type = 'share'
    WHERE (m.is_active OR NOT l.needs_active)
        AND (l.lowest_rank = '' OR array_position(%(ranks)s::text[], coalesce(risen.rank, m.rank)::text)
            >= array_position(%(ranks)s::text[], l.lowest_rank::text))
"""
TOTALS: Final = f"""
    SELECT e.type, count(*), sum(e.amount) FROM bonus_entries e WHERE {INPUT} GROUP BY e.type
"""  # noqa: S608 - our own words
MEMBERS: Final = f"SELECT count(DISTINCT e.beneficiary_id) FROM bonus_entries e WHERE {INPUT}"  # noqa: S608
# In a dry run, where nobody has a share yet: those who would get one may have nothing else.
MEMBERS_TO_BE: Final = f"""
    SELECT count(*) FROM (
        SELECT e.beneficiary_id FROM bonus_entries e WHERE {INPUT}
        UNION SELECT * FROM (SELECT s.user_id FROM ({SHARERS}) s ORDER BY s.user_id LIMIT %(sharing)s) AS first
    ) AS members
"""  # noqa: S608
POOL: Final = f"SELECT coalesce(sum(p.amount), 0) FROM bonus_pool_shares p WHERE {POOL_INPUT}"  # noqa: S608


@dataclass(frozen=True)
class Input:
    closing: int
    cutoff: datetime
    snapshot: str

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "closing": self.closing, "cutoff": self.cutoff, "snapshot": self.snapshot,
            "ranks": list(HEIGHT), "risen": [], "rose_to": [],
        }  # fmt: skip


def snapshot_now() -> str:
    return str(_value("SELECT pg_current_snapshot()::text", {}))


def carried_into(ends_at: datetime) -> Decimal:
    """The negative pool that the closing before left."""
    before = Closing.objects.filter(status="closed", ends_at__lt=ends_at).order_by("-ends_at")
    return before.values_list("pool_carried_out", flat=True).first() or Decimal(0)


def pool_of(given: Input) -> Decimal:
    return Decimal(_value(POOL, given.parameters))


def members_of(given: Input) -> int:
    return int(_value(MEMBERS, given.parameters))


def figures(*, cutoff: datetime, ends_at: datetime) -> dict[str, Any]:
    """What a closing would come to now: the totals of its report, and nothing is changed."""
    given = Input(closing=0, cutoff=cutoff, snapshot=snapshot_now())
    with connection.cursor() as cursor:
        cursor.execute(TOTALS, given.parameters)
        types = {kind: (count, Decimal(amount)) for kind, count, amount in cursor.fetchall()}
        risen = ranks_from_scratch(rules_in_force())  # a closing begins with raising them
        raised = {**given.parameters, "risen": list(risen), "rose_to": list(risen.values())}
        cursor.execute(f"SELECT count(*) FROM ({SHARERS}) s", raised)  # noqa: S608
        (sharers,) = cursor.fetchone()
    pool = pool_of(given) + carried_into(ends_at)
    sharing = max(min(sharers, int(pool.scaleb(6))), 0)
    if sharing:
        types["share"] = (sharing, pool)
    members = int(_value(MEMBERS_TO_BE, {**raised, "sharing": sharing}))
    return told(types, members=members, pool=pool)


def told(types: dict[str, tuple[int, Decimal]], *, members: int, pool: Decimal) -> dict[str, Any]:
    """Figures as they are kept and shown: amounts as text."""
    amounts = [amount for _count, amount in types.values()]
    return {
        "types": {
            kind: {"entries": count, "amount": format_amount(amount, 6)}
            for kind, (count, amount) in sorted(types.items())
        },
        "members": members,
        "entries": sum(count for count, _amount in types.values()),
        "gross": format_amount(sum((amount for amount in amounts if amount > 0), Decimal(0)), 6),
        "clawed_back": format_amount(-sum((amount for amount in amounts if amount < 0), Decimal(0)), 6),
        "total": format_amount(sum(amounts, Decimal(0)), 6),
        "pool": format_amount(pool, 6),
    }


def _value(sql: str, parameters: dict[str, Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone()[0]
