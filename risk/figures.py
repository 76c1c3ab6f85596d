"""The figures of a policy: what staff set, version by version, and what the rules compare with.

They are kept as JSON (`as_json`) and read strictly (`read_figures`): a figure that isn't understood is refused when it is
proposed, never skipped when it would be needed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aeghash.core.errors import Invalid
from aeghash.core.money import MOST_PLACES, format_amount, parse_json_amount
from risk.severities import Outcome, Severity

SYMBOL: Final = re.compile(r"[A-Z0-9]{2,10}", re.ASCII)
MOST_ASSETS: Final = 100
MOST_HOURS: Final = 24 * 366
MOST_COUNT: Final = 1_000_000
NOTHING: Final = "–"


@dataclass(frozen=True)
class Limit:
    """From `review` on it is reviewed, from `block` on blocked; None never."""

    review: Decimal | None = None
    block: Decimal | None = None

    def reached(self, found: Decimal) -> tuple[Severity, Decimal] | None:
        """The severest figure that is reached, and which one it was."""
        if self.block is not None and found >= self.block:
            return Severity.BLOCK, self.block
        if self.review is not None and found >= self.review:
            return Severity.REVIEW, self.review
        return None


PerAsset = Mapping[str, Limit]


@dataclass(frozen=True)
class Kind:
    """How one sort of figure is read from JSON, written to it, and said to people."""

    read: Callable[[str, Any], Any]
    write: Callable[[Any], Any]
    words: Callable[[Any], str]


def read_limit(name: str, value: Any) -> Limit:
    return _limit(name, value, lambda part: parse_json_amount(part, places=MOST_PLACES, field=name))


def read_count_limit(name: str, value: Any) -> Limit:
    return _limit(name, value, lambda part: Decimal(_whole(name, part, least=1, most=MOST_COUNT)))


def _limit(name: str, value: Any, read: Callable[[Any], Decimal]) -> Limit:
    if not isinstance(value, Mapping) or value.keys() != {"review", "block"}:
        raise Invalid(field=name, reason=_("is not a pair of figures, for review and for block."))
    limit = Limit(**{part: None if given is None else read(given) for part, given in value.items()})
    if limit.review is not None and limit.block is not None and limit.block < limit.review:
        raise Invalid(field=name, reason=_("would block before it is reviewed."))
    return limit


def read_per_asset(name: str, value: Any) -> PerAsset:
    if not isinstance(value, Mapping) or len(value) > MOST_ASSETS or not all(map(_is_symbol, value)):
        raise Invalid(field=name, reason=_("is not a list of assets with their figures."))
    return {symbol: read_limit(name, value[symbol]) for symbol in sorted(value)}


def _is_symbol(text: object) -> bool:
    return isinstance(text, str) and bool(SYMBOL.fullmatch(text))


def read_outcome(name: str, value: Any) -> Outcome:
    if value not in Outcome.values:
        raise Invalid(field=name, reason=_("is not one of off, info, review, block."))
    return Outcome(value)


def read_hours(name: str, value: Any) -> int:
    return _whole(name, value, least=0, most=MOST_HOURS)


def _whole(name: str, value: Any, *, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise Invalid(field=name, reason=_("is not a whole number in its range."))
    return value


def write_limit(limit: Limit) -> dict[str, Any]:
    return {"review": _written(limit.review), "block": _written(limit.block)}


def write_count_limit(limit: Limit) -> dict[str, Any]:
    return {name: None if value is None else int(value) for name, value in vars(limit).items()}


def _written(amount: Decimal | None) -> str | None:
    return None if amount is None else format_amount(amount, 0)


def limit_words(limit: Limit) -> str:
    shown = {part: NOTHING if value is None else f"{value:,f}" for part, value in vars(limit).items()}
    return gettext("review from %(review)s, block from %(block)s") % shown if limit != Limit() else NOTHING


def per_asset_words(limits: PerAsset) -> str:
    return "; ".join(f"{symbol}: {limit_words(limit)}" for symbol, limit in limits.items()) or NOTHING


def hours_words(hours: int) -> str:
    return gettext("%(hours)s hours") % {"hours": hours}


COUNT_LIMIT: Final = Kind(read_count_limit, write_count_limit, limit_words)
PER_ASSET: Final = Kind(
    read_per_asset, lambda limits: {symbol: write_limit(limit) for symbol, limit in limits.items()}, per_asset_words
)
OUTCOME: Final = Kind(read_outcome, lambda outcome: outcome.value, lambda outcome: str(outcome.label))
HOURS: Final = Kind(read_hours, int, hours_words)


@dataclass(frozen=True)
class Figures:
    """The defaults only review or note: nothing but a listed address blocks until staff set a figure."""

    amount: PerAsset = field(default_factory=dict)
    sum_24h: PerAsset = field(default_factory=dict)
    sum_7d: PerAsset = field(default_factory=dict)
    count_24h: Limit = Limit(review=Decimal(5))
    count_7d: Limit = Limit(review=Decimal(15))
    members_per_ip: Limit = Limit(review=Decimal(5))
    members_per_address: Limit = Limit(review=Decimal(2))
    debt: Outcome = Outcome.REVIEW
    account_age_hours: int = 24
    account_age: Outcome = Outcome.REVIEW
    new_device_hours: int = 24
    new_device: Outcome = Outcome.REVIEW
    address_cooling: Outcome = Outcome.REVIEW
    first_use: Outcome = Outcome.INFO
    unknown_ip: Outcome = Outcome.INFO
    only_whitelisted: Outcome = Outcome.OFF
    trust_delay_hours: int = 24


# What sort each is, and what staff call it.
SORTS: Final[dict[str, tuple[Kind, Promise]]] = {
    "amount": (PER_ASSET, _("Amount of one request, per asset")),
    "sum_24h": (PER_ASSET, _("Sum in 24 hours, per asset")),
    "sum_7d": (PER_ASSET, _("Sum in 7 days, per asset")),
    "count_24h": (COUNT_LIMIT, _("Requests in 24 hours")),
    "count_7d": (COUNT_LIMIT, _("Requests in 7 days")),
    "members_per_ip": (COUNT_LIMIT, _("Members at one IP address")),
    "members_per_address": (COUNT_LIMIT, _("Members with one payout address")),
    "debt": (OUTCOME, _("Member in debt")),
    "account_age_hours": (HOURS, _("An account is new for")),
    "account_age": (OUTCOME, _("New account")),
    "new_device_hours": (HOURS, _("A device is new for")),
    "new_device": (OUTCOME, _("New or unnamed device")),
    "address_cooling": (OUTCOME, _("Payout address within its cooling time")),
    "first_use": (OUTCOME, _("First payout to an address")),
    "unknown_ip": (OUTCOME, _("Unknown or unnamed IP address")),
    "only_whitelisted": (OUTCOME, _("Payout address that is not trusted")),
    "trust_delay_hours": (HOURS, _("Trust takes effect, and a block's removal, after")),
}


def read_figures(json: Any) -> Figures:
    """Every figure must be there: a policy that a release has outgrown is proposed anew. Raises Invalid."""
    if not isinstance(json, Mapping):
        raise Invalid(field="figures", reason=_("are not the figures of a policy."))
    if wrong := sorted(json.keys() ^ SORTS.keys()):
        raise Invalid(field=str(wrong[0])[:100], reason=_("is missing, or not a figure of a policy."))
    return Figures(**{name: kind.read(name, json[name]) for name, (kind, _label) in SORTS.items()})


def as_json(figures: Figures) -> dict[str, Any]:
    return {name: kind.write(getattr(figures, name)) for name, (kind, _label) in SORTS.items()}


def in_words(figures: Figures) -> dict[Promise, str]:
    return {label: kind.words(getattr(figures, name)) for name, (kind, label) in SORTS.items()}


def differences(before: Figures, after: Figures) -> dict[Promise, tuple[str, str]]:
    """Only what differs, each in words."""
    return {
        label: (kind.words(getattr(before, name)), kind.words(getattr(after, name)))
        for name, (kind, label) in SORTS.items()
        if getattr(before, name) != getattr(after, name)
    }
