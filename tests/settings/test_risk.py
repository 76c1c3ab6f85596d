"""The first figures of the risk policy come from the environment."""

import ast
from typing import Any

from risk.figures import Figures, as_json, read_figures
from tests.settings.test_start import GOOD, start

SHOW = "from django.conf import settings; print(settings.RISK_FIRST_FIGURES)"


def shown(**variables: str) -> dict[str, Any]:
    done = start({**GOOD, **variables}, "shell", "--no-imports", "-c", SHOW)
    assert done.returncode == 0, done.stderr
    first: dict[str, Any] = ast.literal_eval(done.stdout)
    return first


def test_only_what_is_named_is_set_and_a_policy_understands_it() -> None:
    first = shown(
        RISK_AMOUNT_REVIEW="USDT:1000.5, BNB:2", RISK_AMOUNT_BLOCK="USDT:5000", RISK_COUNT_24H_BLOCK="9",
        RISK_NEW_DEVICE="off", RISK_TRUST_DELAY_HOURS="48",
    )  # fmt: skip
    assert first == {
        "amount": {"USDT": {"review": "1000.5", "block": "5000"}, "BNB": {"review": "2", "block": None}},
        "count_24h": {"review": None, "block": 9},
        "new_device": "off",
        "trust_delay_hours": 48,
    }
    assert read_figures({**as_json(Figures()), **first}).trust_delay_hours == 48


def test_a_block_below_its_review_stops_the_start() -> None:
    for variables in (
        {"RISK_AMOUNT_REVIEW": "USDT:10", "RISK_AMOUNT_BLOCK": "USDT:9.5"},
        {"RISK_COUNT_7D_REVIEW": "5", "RISK_COUNT_7D_BLOCK": "4"},
    ):
        done = start({**GOOD, **variables})
        assert done.returncode == 2
        assert "would block before" in done.stderr
