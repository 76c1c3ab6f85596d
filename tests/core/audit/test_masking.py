"""Secrets and personal data, by the name of their field."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db.models import TextChoices

from aeghash.core.audit.masking import masked, masked_text
from aeghash.core.audit.values import plain


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "secret",
        "api_key",
        "key",
        "wallet_key",
        "keys",
        "token",
        "otp",
        "otp_code",
        "recovery_codes",
        "private_key",
        "mnemonic",
        "authorization",
        "X-AEG-Key",
    ],
)
def test_of_a_secret_nothing_is_left(name: str) -> None:
    assert masked("canary-1234567890", name) == "***"
    assert "canary" not in str(masked({"deep": [{name: "canary-1234567890"}]}))
    assert "canary" not in str(masked({name: ["canary-1", {"more": "canary-2"}]}))


@pytest.mark.parametrize("name", ["key_id", "api_key_id", "token_expires_at", "amount", "verb"])
def test_what_is_said_about_a_secret_stays(name: str) -> None:
    assert masked("AEG-1", name) == "AEG-1"


@pytest.mark.parametrize(
    ("name", "value", "seen"),
    [
        ("email", "kim@example.com", "k***@example.com"),
        ("new_email", "kim@example.com", "k***@example.com"),
        ("anything", "kim@example.com", "k***@example.com"),
        ("address", "0x52908400098527886E0F7030069857D2E4169EE7", "0x5290***9EE7"),
        ("tron_address", "short", "s***"),
        ("name", "김하나", "김***"),
        ("full_name", "Kim Hana", "K***"),
        ("phone", "010-1234-5678", "0***"),
    ],
)
def test_personal_data_can_be_recognised_and_not_read(name: str, value: str, seen: str) -> None:
    assert masked(value, name) == seen
    assert masked({"people": [{name: value}]}) == {"people": [{name: seen}]}


@pytest.mark.parametrize("name", ["rule_name", "username_count", "asset", "renamed"])
def test_other_names_are_no_personal_data(name: str) -> None:
    assert masked("daily limit", name) == "daily limit"


@pytest.mark.parametrize("value", [None, "", True, False])
def test_whether_a_secret_is_set_may_be_seen(value: Any) -> None:
    assert masked(value, "password") is value


def test_secrets_and_addresses_inside_a_sentence_are_masked() -> None:
    assert masked_text("asked by kim@example.com, token=abc") == "asked by k***@example.com, token=***"


class Colour(TextChoices):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("1.50"), "1.50"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.000000000000000001"), "-0.000000000000000001"),
        (datetime(2026, 1, 2, 9, tzinfo=timezone(timedelta(hours=9))), "2026-01-02T00:00:00.000000Z"),
        (datetime(2026, 1, 2, 9, 0, 0, 5, tzinfo=UTC), "2026-01-02T09:00:00.000005Z"),
        (date(2026, 1, 2), "2026-01-02"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Colour.RED, "red"),
        ("a\x00b\ud800", "a\ufffdb?"),
        ({"a": (1, [True, None])}, {"a": [1, [True, None]]}),
    ],
)
def test_values_have_one_way_to_be_written(value: Any, written: Any) -> None:
    assert plain(value) == written


@pytest.mark.parametrize(
    "value",
    [1.5, float("nan"), Decimal("NaN"), Decimal("Infinity"), b"bytes", {1, 2}, datetime(2026, 1, 1)],  # noqa: DTZ001
)
def test_values_without_one_are_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        plain({"deep": [value]})
