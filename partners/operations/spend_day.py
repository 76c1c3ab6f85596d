"""Count what a partner brings against its limits of the day."""

from decimal import Decimal
from typing import Any, Final

from django.db import connection

from aeghash.core import clock
from aeghash.core.transactions import needs_one
from partners.inbound import Context

# Waits for whoever counts on the same row: together they can't pass what one of them couldn't.
SPEND: Final = """
    INSERT INTO partner_day_marks AS mark (partner_id, day, hash, pv)
    SELECT %(partner)s, %(day)s, %(hash)s, %(pv)s
    WHERE (%(hash_limit)s::numeric IS NULL OR %(hash)s <= %(hash_limit)s)
      AND (%(pv_limit)s::numeric IS NULL OR %(pv)s <= %(pv_limit)s)
    ON CONFLICT (partner_id, day) DO UPDATE SET hash = mark.hash + excluded.hash, pv = mark.pv + excluded.pv
    WHERE (%(hash_limit)s::numeric IS NULL OR mark.hash + excluded.hash <= %(hash_limit)s)
      AND (%(pv_limit)s::numeric IS NULL OR mark.pv + excluded.pv <= %(pv_limit)s)
    RETURNING id
"""
NONE: Final = Decimal()


class AboveDailyLimit(Exception):
    """The work must not take effect before a person has looked at it. `names` says which it is, for the answer."""

    def __init__(self, **names: Any) -> None:
        super().__init__("daily limit")
        self.names = names


@needs_one()
def spend_day(*, context: Context, hash_power: Decimal = NONE, pv: Decimal = NONE, **names: Any) -> None:
    """Raises AboveDailyLimit. What staff have released is counted, and goes beyond."""
    partner = context.partner
    if partner.hash_a_day is None and partner.pv_a_day is None:
        return
    is_free = context.is_released
    values: dict[str, Any] = {
        "partner": partner.pk,
        "day": clock.today(),
        "hash": hash_power,
        "pv": pv,
        "hash_limit": None if is_free or not hash_power else partner.hash_a_day,
        "pv_limit": None if is_free or not pv else partner.pv_a_day,
    }
    with connection.cursor() as cursor:
        cursor.execute(SPEND, values)
        if cursor.fetchone() is None:
            raise AboveDailyLimit(**names)
