"""What risk judges. Whoever asks brings all figures along: risk knows neither wallets nor withdrawals."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from aeghash.core.errors import Invalid
from aeghash.core.money.amounts import TOO_LARGE

DAY: Final = timedelta(hours=24)
WEEK: Final = timedelta(days=7)
LARGEST_NUMBER: Final = 2**63 - 1
LONGEST_UID: Final = 255
LONGEST_ASSET: Final = 10


@dataclass(frozen=True, kw_only=True)
class RiskContext:
    """One request for a payout at the time `at`, and what is known around it.

    Counts and sums are of the member's *earlier* requests, whatever became of them except cancelled and rejected ones, in
    the half-open windows (at - 24 h, at] and (at - 7 d, at]: one that is exactly 24 hours old no longer counts. Sums are
    of the same asset. `address_usable_from`: until when its cooling time runs; None where there is none.
    `address_first_used_at`: when this member was first paid to it; None for never. `members_from_ip` and
    `members_with_address`: distinct members, this one included. `debt`: what the member owes, in this asset.

    `ip` and `device_id` stand as they came in: what can't be read is reviewed. Everything else must be right, since it
    comes from our own code: the constructor raises Invalid.
    """

    user_id: int
    uid: str
    asset: str
    amount: Decimal
    address: str | None
    ip: str | None
    device_id: str | None
    account_created_at: datetime
    at: datetime
    address_usable_from: datetime | None
    address_first_used_at: datetime | None
    count_24h: int
    count_7d: int
    sum_24h: Decimal
    sum_7d: Decimal
    debt: Decimal
    members_from_ip: int
    members_with_address: int

    def __post_init__(self) -> None:
        for each in fields(self):
            CHECKS[each.name](each.name, getattr(self, each.name))


def check_text(name: str, value: Any, most: int | None = None) -> None:
    if not isinstance(value, str) or not value or (most is not None and len(value) > most):
        raise Invalid(field=name, reason=_("is missing or no text of its length."))


def check_text_or_nothing(name: str, value: Any) -> None:
    if value is not None and not isinstance(value, str):
        raise Invalid(field=name, reason=_("is neither a text nor nothing."))


def check_number(name: str, value: Any) -> None:
    if type(value) is not int or not 0 <= value <= LARGEST_NUMBER:
        raise Invalid(field=name, reason=_("is not a whole number from zero on."))


def check_sum(name: str, value: Any) -> None:
    if not isinstance(value, Decimal) or not value.is_finite() or not 0 <= value < TOO_LARGE:
        raise Invalid(field=name, reason=_("is not an amount from zero on."))


def check_amount(name: str, value: Any) -> None:
    check_sum(name, value)
    if not value:
        raise Invalid(field=name, reason=_("must be more than zero."))


def check_time(name: str, value: Any) -> None:
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise Invalid(field=name, reason=_("is not a time with its zone."))


def check_time_or_nothing(name: str, value: Any) -> None:
    if value is not None:
        check_time(name, value)


CHECKS: Final[dict[str, Any]] = {
    "user_id": check_number,
    "uid": lambda name, value: check_text(name, value, LONGEST_UID),
    "asset": lambda name, value: check_text(name, value, LONGEST_ASSET),
    "amount": check_amount,
    "address": check_text_or_nothing,
    "ip": check_text_or_nothing,
    "device_id": check_text_or_nothing,
    "account_created_at": check_time,
    "at": check_time,
    "address_usable_from": check_time_or_nothing,
    "address_first_used_at": check_time_or_nothing,
    "count_24h": check_number,
    "count_7d": check_number,
    "sum_24h": check_sum,
    "sum_7d": check_sum,
    "debt": check_sum,
    "members_from_ip": check_number,
    "members_with_address": check_number,
}
