"""The daily report per member, `mining_balances`: a picture made of grants and incomes; money is in the balances."""

from datetime import date
from typing import Final

from django.db import connection

from aeghash.core.transactions import opens_one, with_db_retry
from mining.models import MiningBalance

# What a member's days up to the one before brought stands in the member's last report; a day reported late is followed by
# those after it, each on the one before.
REPORT: Final = """
    WITH powers AS (
        SELECT user_id, sum(CASE direction WHEN 'credit' THEN hash ELSE -hash END) AS power
        FROM mining_grants WHERE starts_on <= %(day)s AND (ends_on IS NULL OR ends_on > %(day)s) GROUP BY user_id
    ), per_coin AS (
        SELECT i.user_id, a.coin, sum(i.amount) AS amount
        FROM mining_incomes i JOIN mining_allocations a ON a.id = i.allocation_id
        WHERE a.day = %(day)s GROUP BY i.user_id, a.coin
    ), today AS (
        SELECT user_id, jsonb_object_agg(coin, trim_scale(amount)::text) AS incomes FROM per_coin GROUP BY user_id
    )
    INSERT INTO mining_balances (user_id, day, power, incomes, cumulative)
    SELECT user_id, %(day)s, coalesce(powers.power, 0), coalesce(today.incomes, '{}'), sums.cumulative
    FROM powers FULL JOIN today USING (user_id)
    LEFT JOIN LATERAL (
        SELECT before.cumulative FROM mining_balances before
        WHERE before.user_id = coalesce(powers.user_id, today.user_id) AND before.day < %(day)s
        ORDER BY before.day DESC LIMIT 1
    ) last ON true
    CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_object_agg(coin, total), '{}') AS cumulative FROM (
            SELECT parts.key AS coin, trim_scale(sum(parts.value::numeric))::text AS total FROM (
                SELECT * FROM jsonb_each_text(coalesce(last.cumulative, '{}'))
                UNION ALL SELECT * FROM jsonb_each_text(coalesce(today.incomes, '{}'))
            ) parts GROUP BY parts.key
        ) totals
    ) sums
    WHERE coalesce(powers.power, 0) > 0 OR today.user_id IS NOT NULL
    ON CONFLICT (user_id, day) DO UPDATE SET
        power = excluded.power, incomes = excluded.incomes, cumulative = excluded.cumulative
"""


def report_balances(*, day: date) -> None:
    """Of the day, and of those after it that were reported already: their sums rest on it. Any number of times."""
    later = MiningBalance.objects.filter(day__gt=day).order_by("day").values_list("day", flat=True).distinct()
    for each in [day, *later]:
        _report(day=each)


@with_db_retry()
@opens_one()
def _report(*, day: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(REPORT, {"day": day})
