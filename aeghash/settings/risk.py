"""The first figures of the risk policy, for a new database. Afterwards two people change them on the staff's pages."""

import re
from decimal import Decimal
from typing import Any

from aeghash.settings.source import env

__all__ = ["RISK_FIRST_FIGURES"]

ASSET_AND_AMOUNT = re.compile(r"([A-Z0-9]{2,10}):((?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?)", re.ASCII)
PER_ASSET = ("amount", "sum_24h", "sum_7d")
COUNTS = ("count_24h", "count_7d", "members_per_ip", "members_per_address")
HOURS = ("account_age_hours", "new_device_hours", "trust_delay_hours")
OUTCOMES = (
    "debt", "account_age", "new_device", "address_cooling", "first_use", "unknown_ip", "only_whitelisted",
)  # fmt: skip
PARTS = ("review", "block")


def variable(*words: str) -> str:
    return "_".join(("RISK", *words)).upper()


def amounts(name: str) -> dict[str, str]:
    found = {}
    for word in env.words(name):
        match = ASSET_AND_AMOUNT.fullmatch(word)
        if match is None or not Decimal(match[2]) or match[1] in found:
            env.problem(name, "is not a list such as USDT:1000,BNB:2.5")
            return {}
        found[match[1]] = match[2]
    return found


def per_asset(name: str) -> dict[str, dict[str, str | None]]:
    review, block = (amounts(variable(name, part)) for part in PARTS)
    limits = {symbol: {"review": review.get(symbol), "block": block.get(symbol)} for symbol in {**review, **block}}
    both = [(Decimal(review[symbol]), Decimal(block[symbol])) for symbol in review.keys() & block.keys()]
    if any(blocked < reviewed for reviewed, blocked in both):
        env.problem(variable(name, "block"), f"would block before {variable(name, 'review')} is reached")
    return limits


def count(name: str) -> dict[str, int | None]:
    review, block = (env.integer(variable(name, part), 0, least=1, most=1_000_000) or None for part in PARTS)
    if review and block and block < review:
        env.problem(variable(name, "block"), f"would block before {variable(name, 'review')} is reached")
    return {"review": review, "block": block}


def given(name: str, *parts: str) -> bool:
    return any(env.raw(variable(name, part) if part else variable(name)) is not None for part in parts or ("",))


def known() -> set[str]:
    limits = {variable(name, part) for name in (*PER_ASSET, *COUNTS) for part in PARTS}
    names = limits | {variable(name) for name in (*HOURS, *OUTCOMES)}
    return names | {f"{name}_FILE" for name in names}


# A misspelt figure would be one that nobody compares with.
for stranger in sorted(name for name in env.variables if name.startswith("RISK_") and name not in known()):
    env.problem(stranger, "is not a figure of the risk policy")

# Only what the environment names; the app has a default for each of the others.
RISK_FIRST_FIGURES: dict[str, Any] = {
    **{name: per_asset(name) for name in PER_ASSET if given(name, *PARTS)},
    **{name: count(name) for name in COUNTS if given(name, *PARTS)},
    **{name: env.integer(variable(name), 24, most=24 * 366) for name in HOURS if given(name)},
    **{
        name: env.choice(variable(name), ("off", "info", "review", "block"), "review")
        for name in OUTCOMES
        if given(name)
    },
}
