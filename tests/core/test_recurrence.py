"""When a cron expression falls due, above all where clocks jump."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aeghash.core.recurrence import BadCron, BadZone, checked_zone, parsed_cron, recurrence

NEW_YORK = "America/New_York"  # springs at 02:00 on 8 March 2026, repeats 01:00 to 02:00 on 1 November


def occurrences(cron: str, zone: str, start: str, end: str) -> list[str]:
    rule, moment, last = recurrence(cron, zone), datetime.fromisoformat(start), datetime.fromisoformat(end)
    found = []
    while (moment := rule.after(moment)) <= last:
        found.append(moment.strftime("%d %H:%M"))
    return found


def test_in_a_zone_that_never_jumps() -> None:
    assert occurrences("30 9 * * 1-5", "Asia/Seoul", "2026-03-05T00:00Z", "2026-03-10T00:00Z") == [
        "05 00:30",
        "06 00:30",
        "09 00:30",
    ]
    assert occurrences("*/20 0 1 1 *", "UTC", "2026-01-01T00:00Z", "2027-01-01T00:00Z") == [
        "01 00:20",
        "01 00:40",
        "01 00:00",
    ]


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("30 2 * * *", ["07 07:30", "08 07:30", "09 06:30"]),  # 03:30 on the day that has no 02:30
        ("0 3 * * *", ["07 08:00", "08 07:00", "09 07:00"]),
        ("0 2,3 * * *", ["07 07:00", "07 08:00", "08 07:00", "09 06:00", "09 07:00"]),  # one instant, so one occurrence
    ],
)
def test_spring_leaves_no_day_out(cron: str, expected: list[str]) -> None:
    assert occurrences(cron, NEW_YORK, "2026-03-07T05:00Z", "2026-03-10T03:59Z") == expected


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("30 1 * * *", ["31 05:30", "01 05:30", "02 06:30"]),  # the first 01:30 of two
        ("0 2 * * *", ["31 06:00", "01 07:00", "02 07:00"]),
    ],
)
def test_autumn_repeats_no_day(cron: str, expected: list[str]) -> None:
    assert occurrences(cron, NEW_YORK, "2026-10-31T04:00Z", "2026-11-03T03:59Z") == expected


@pytest.mark.parametrize("start", ["2026-03-08T00:00Z", "2026-11-01T00:00Z"])
def test_every_hour_is_every_real_hour(start: str) -> None:
    end = datetime.fromisoformat(start) + timedelta(days=1)
    assert len(occurrences("0 * * * *", NEW_YORK, start, end.isoformat())) == 24
    assert len(occurrences("*/10 * * * *", NEW_YORK, start, end.isoformat())) == 24 * 6


def test_a_leap_day_is_waited_for() -> None:
    rule = recurrence("0 0 29 2 *", "UTC")
    assert rule.after(datetime(2096, 3, 1, tzinfo=UTC)) == datetime(2104, 2, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 8",
            "a b c d e",
        ),
        *("0 0 30 2 *", "*/0 * * * *", "1,,2 * * * *", "-1 * * * *", "@daily", "１ * * * *", "1_0 * * * *"),
    ],
)
def test_what_is_no_cron_expression_is_refused(text: str) -> None:
    with pytest.raises(BadCron) as refusal:
        parsed_cron(text)
    assert "30 9 * * 1-5" in str(refusal.value)


@pytest.mark.parametrize("name", ["", "Seoul", "Asia", "../etc", "/etc/passwd", "x" * 1000, "a\0b", "asia/seoul"])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(BadZone):
        checked_zone(name)


@given(
    st.sampled_from(["30 2 * * *", "15 1 * * *", "*/15 * * * *", "0 */5 * * *", "0 0 * * 0", "59 23 31 * *"]),
    st.sampled_from(["UTC", "Asia/Seoul", NEW_YORK, "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago"]),
    st.integers(0, 10 * 366 * 24 * 60).map(
        lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
)
def test_each_occurrence_is_later_than_the_one_before_and_none_lies_between(
    cron: str, zone: str, moment: datetime
) -> None:
    rule = recurrence(cron, zone)
    first = rule.after(moment)
    assert first > moment
    assert rule.after(first - timedelta(microseconds=1)) == first
    assert rule.after(moment + (first - moment) / 2) == first
