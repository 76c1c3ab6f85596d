"""The canonical rows of a closing, their hash, and what differs from them later."""

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from django.db import connection

from aeghash.core.errors import NotFound
from aeghash.core.money import format_amount
from bonus.models import Closing, ClosingMember, ClosingState

# Without the entry's number: a closing killed while it made the pool's entries gives them other numbers the next time, if
# always the last ones of their members. What else an entry says names it.
CANONICAL: Final = """
    concat_ws('|', coalesce(order_id, 0), beneficiary_id, type, level, pv, percentage, amount, rank,
        coalesce(rule_id, 0))
"""
DIGEST: Final = f"encode(sha256(convert_to(string_agg({CANONICAL}, E'\\n' ORDER BY id), 'UTF8')), 'hex')"
AT_ONCE: Final = 2000

# What is there now, member by member, beside what was there when the period was closed.
COMPARE: Final = f"""
    WITH present AS (
        SELECT beneficiary_id, array_agg(id ORDER BY id) AS ids, array_agg(amount ORDER BY id) AS amounts,
               {DIGEST} AS digest
        FROM bonus_entries WHERE closing_id = %(closing)s GROUP BY beneficiary_id
    ), differing AS (
        SELECT coalesce(c.member_id, p.beneficiary_id) AS member_id, c.entry_ids, c.amounts AS closed, p.ids, p.amounts
        FROM (SELECT * FROM bonus_closing_members WHERE closing_id = %(closing)s) c
        FULL JOIN present p ON p.beneficiary_id = c.member_id
        WHERE c.digest IS DISTINCT FROM p.digest OR c.entry_ids IS DISTINCT FROM p.ids
            OR c.amount IS DISTINCT FROM (SELECT sum(one) FROM unnest(p.amounts) AS one)
    )
    SELECT d.member_id, t.id, t.closed, t.present FROM differing d
    LEFT JOIN LATERAL (
        SELECT coalesce(a.id, b.id) AS id, a.amount AS closed, b.amount AS present
        FROM unnest(d.entry_ids, d.closed) AS a (id, amount)
        FULL JOIN unnest(d.ids, d.amounts) AS b (id, amount) ON a.id = b.id
        WHERE a.amount IS DISTINCT FROM b.amount
    ) AS t ON true
    ORDER BY d.member_id, t.id
"""  # noqa: S608 - our own words


def hash_of(closing: Closing) -> str:
    """SHA-256 over the closing's own line and one line per member, in the order of the members."""
    digest = hashlib.sha256()
    for line in canonical_lines(closing):
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def canonical_lines(closing: Closing) -> Iterator[str]:
    amounts = (closing.pool, closing.pool_carried_in, closing.pool_carried_out)
    moments = (closing.starts_at.timestamp(), closing.ends_at.timestamp(), closing.cutoff.timestamp())
    yield "|".join([closing.period, *map(str, moments), *(format_amount(amount, 6) for amount in amounts)])
    rows = ClosingMember.objects.filter(closing=closing).order_by("member")
    columns = rows.values_list("member", "gross", "clawed_back", "amount", "digest")
    for member, gross, clawed_back, amount, digest in columns.iterator(chunk_size=AT_ONCE):
        yield "|".join([str(member), *(format_amount(one, 6) for one in (gross, clawed_back, amount)), digest])


def differences(closing_id: int) -> list[str]:
    """Nothing, if the closed period still is what it was; else what has changed, entry by entry."""
    closing = Closing.objects.filter(pk=closing_id, status=ClosingState.CLOSED).first()
    if closing is None:
        raise NotFound
    with connection.cursor() as cursor:
        cursor.execute(COMPARE, {"closing": closing.pk})
        found = [_named(*row) for row in cursor.fetchall()]
    if hash_of(closing) != closing.sha256:
        found.append("the stored hash does not follow from the rows")
    return found


def _named(member: int, entry: int | None, closed: Any, present: Any) -> str:
    if entry is None:
        return f"member {member}: the entries say something else than they did"
    if present is None:
        return f"member {member}: entry {entry} of {closed:f} is missing"
    if closed is None:
        return f"member {member}: entry {entry} of {present:f} was added"
    return f"member {member}: entry {entry} was {closed:f} and is {present:f}"
