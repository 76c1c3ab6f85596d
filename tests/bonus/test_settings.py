"""The settings are versions: each holds from its time on, two people change them, and every one of them is heeded."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from aeghash.core import clock, rights
from aeghash.core.errors import Refusal
from aeghash.core.jobs import kind_named
from aeghash.core.models import AuditRow, Job, Proposal, User
from aeghash.core.operations.approve_proposal import agree
from aeghash.core.operations.propose import propose
from bonus.models import BonusSettings
from bonus.operations.change_settings import CHANGE_SETTINGS, change_settings, new_settings, shown
from bonus.operations.run_closing import CREDIT
from bonus.queries.cap import withdrawable_point
from bonus.queries.periods import last_period
from bonus.queries.settings import settings_now
from tests.bonus.closing import closed, confirmed, long_ago, set_to
from tests.bonus.shares import line_of, paid
from tests.database import Owner
from tests.face.conftest import as_user  # noqa: F401
from tests.organization.buying import bought
from tests.people import make_staff

MONDAY = "2026-03-02"  # one


def korean(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+09:00")


def proposed(**figures: Any) -> dict[str, Any]:
    figures = {**shown(settings_now()), **figures}
    return new_settings(figures=figures, valid_from=clock.now() + timedelta(days=1), reason="test")


@pytest.mark.django_db
def test_the_plans_settings_are_seeded() -> None:
    assert shown(BonusSettings.objects.get()) == {
        "timezone": "Asia/Seoul",
        "period": "weekly",
        "close_time": "23:50:00",
        "weekly_anchor": "MONDAY",
        "monthly_anchor": 1,
        "refund_lag_days": 2,
        "chunk_size": 2000,
        "max_close_duration_min": 20,
        "retry_attempts": 5,
        "retry_first_seconds": 30,
        "retry_longest_seconds": 600,
        "export_formats": ["csv", "xlsx"],
        "warning_times": "3",
        "withdrawal_cap_percent": "300",
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("figures", "begin", "end", "cutoff"),
    [
        ({"period": "daily"}, "2026-03-03T23:50", "2026-03-04T23:50", "2026-03-02T23:50"),
        ({}, "2026-02-23T23:50", f"{MONDAY}T23:50", "2026-02-28T23:50"),
        ({"weekly_anchor": "SUNDAY"}, "2026-02-22T23:50", "2026-03-01T23:50", "2026-02-27T23:50"),
        ({"period": "monthly"}, "2026-02-01T23:50", "2026-03-01T23:50", "2026-02-27T23:50"),
        ({"period": "monthly", "monthly_anchor": 28}, "2026-01-28T23:50", "2026-02-28T23:50", "2026-02-26T23:50"),
        ({"close_time": time(6), "refund_lag_days": 0}, "2026-02-23T06:00", f"{MONDAY}T06:00", f"{MONDAY}T06:00"),
        ({"timezone": "UTC"}, "2026-02-24T08:50", "2026-03-03T08:50", "2026-03-01T08:50"),
    ],
)
def test_a_period_is_what_the_settings_say(figures: dict[str, Any], begin: str, end: str, cutoff: str) -> None:
    set_to(**figures)
    found = last_period(korean("2026-03-05T12:00"))
    assert (found.starts_at, found.ends_at, found.cutoff) == (korean(begin), korean(end), korean(cutoff))


@pytest.mark.django_db
def test_a_change_leaves_the_periods_before_it_and_the_next_begins_where_they_ended() -> None:
    change = korean("2026-03-04T12:00")
    BonusSettings.objects.create(valid_from=change, **{**shown(settings_now()), "period": "daily"})
    assert last_period(korean("2026-03-04T23:00")).ends_at == korean(f"{MONDAY}T23:50")
    first = last_period(korean("2026-03-05T01:00"))
    assert (first.kind, first.starts_at, first.ends_at) == (
        "daily", korean(f"{MONDAY}T23:50"), korean("2026-03-04T23:50")
    )  # fmt: skip


@pytest.mark.django_db
def test_the_end_itself_belongs_to_the_period_that_ends() -> None:
    end = korean(f"{MONDAY}T23:50")
    assert last_period(end).ends_at == end
    assert last_period(end - timedelta(microseconds=1)).ends_at == end - timedelta(days=7)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("figures", "named"),
    [
        ({"period": "yearly"}, "period"),
        ({"weekly_anchor": "monday"}, "weekly_anchor"),
        ({"monthly_anchor": 0}, "monthly_anchor"),
        ({"monthly_anchor": 29}, "monthly_anchor"),
        ({"refund_lag_days": -1}, "refund_lag_days"),
        ({"refund_lag_days": 61}, "refund_lag_days"),
        ({"close_time": "24:00"}, "close_time"),
        ({"chunk_size": 0}, "chunk_size"),
        ({"max_close_duration_min": 0}, "max_close_duration_min"),
        ({"retry_attempts": 0}, "retry_attempts"),
        ({"retry_first_seconds": 700}, "retry_longest_seconds"),
        ({"export_formats": []}, "export_formats"),
        ({"export_formats": ["pdf"]}, "export_formats"),
        ({"warning_times": "1"}, "warning_times"),
        ({"warning_times": "1e400"}, "warning_times"),
        ({"withdrawal_cap_percent": "-1"}, "withdrawal_cap_percent"),
        ({"withdrawal_cap_percent": "NaN"}, "withdrawal_cap_percent"),
        ({"timezone": "Asia/Soul"}, "zone"),
        ({"timezone": "../etc/passwd"}, "zone"),
    ],
)
def test_what_can_not_be_is_refused_by_its_name(figures: dict[str, Any], named: str) -> None:
    audits = AuditRow.objects.count()
    with pytest.raises(Refusal) as refused:
        proposed(**figures)
    assert named in f"{refused.value} {refused.value.code}"
    assert (BonusSettings.objects.count(), AuditRow.objects.count()) == (1, audits)


@pytest.mark.django_db
def test_neither_at_once_nor_at_the_moment_of_another_version() -> None:
    figures = shown(settings_now())
    with pytest.raises(Refusal) as refused:
        new_settings(figures=figures, valid_from=clock.now(), reason="at once")
    assert refused.value.code == "validation_error"
    begin = clock.now() + timedelta(days=1)
    change_settings(content=new_settings(figures=figures, valid_from=begin, reason="one"))
    with pytest.raises(Refusal) as refused:
        new_settings(figures=figures, valid_from=begin, reason="another")
    assert refused.value.code == "validity_overlaps"
    assert BonusSettings.objects.count() == 2


def agreed(proposal: Proposal, by: User) -> Any:
    return agree(proposal_id=proposal.pk, digest=proposal.digest, by=by)


@pytest.mark.django_db(transaction=True)
def test_two_people_change_them_and_both_versions_stand_on_the_trail() -> None:
    finance, other = make_staff("choi", rights.FINANCE), make_staff("kang", rights.FINANCE)
    proposal = propose(act=CHANGE_SETTINGS, content=proposed(period="daily"), by=finance, reason="faster")
    with pytest.raises(Refusal):
        agreed(proposal, finance)
    assert BonusSettings.objects.count() == 1
    agreed(proposal, other)
    row = AuditRow.objects.get(verb="bonus.settings_changed")
    assert (row.before["period"], row.after["figures"]["period"]) == ("weekly", "daily")
    assert settings_now().period == "weekly"
    with clock.steered(lambda: BonusSettings.objects.latest("pk").valid_from):
        assert settings_now().period == "daily"


@pytest.mark.django_db(transaction=True)
def test_what_was_changed_since_the_proposal_was_made_voids_it() -> None:
    finance, other = make_staff("choi", rights.FINANCE), make_staff("kang", rights.FINANCE)
    proposal = propose(act=CHANGE_SETTINGS, content=proposed(period="daily"), by=finance, reason="faster")
    change_settings(content=proposed(period="monthly"))
    with pytest.raises(Refusal):
        agreed(proposal, other)
    assert BonusSettings.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE bonus_settings SET period = 'daily'",
        "DELETE FROM bonus_settings",
        "TRUNCATE bonus_settings",
    ],
)
def test_nobody_rewrites_a_version(change: str, owner: Owner) -> None:
    with pytest.raises(Exception, match=r"refuse|append|change|read-only|written once|bonus_settings"):
        owner.execute(change.encode())
    assert BonusSettings.objects.get().period == "weekly"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "figures",
    [
        {"period": "yearly"},
        {"weekly_anchor": "x"},
        {"monthly_anchor": 29},
        {"chunk_size": 0},
        {"retry_first_seconds": 601},
        {"export_formats": []},
        {"export_formats": ["pdf"]},
        {"warning_times": 1},
        {"withdrawal_cap_percent": -1},
    ],
)
def test_the_database_refuses_it_as_well(figures: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="bonus_settings"):
        set_to(**figures)


@pytest.mark.django_db(transaction=True)
def test_credits_are_tried_again_as_set() -> None:
    set_to(retry_attempts=7, retry_first_seconds=100, retry_longest_seconds=300)
    members = line_of(3)
    paid(members[2], 100, paid_at=long_ago())
    User.objects.filter(pk=members[1].pk).update(is_active=False)
    closed()
    assert Job.objects.get(kind=CREDIT).most_attempts == 7
    pauses = [kind_named(CREDIT).policy.pause_after(attempt).total_seconds() for attempt in (1, 2, 3, 6)]
    assert all(meant * 0.75 <= pause <= meant * 1.25 for pause, meant in zip(pauses, (100, 200, 300, 300), strict=True))


@pytest.mark.django_db(transaction=True)
def test_a_closing_that_hangs_is_taken_over_as_set() -> None:
    set_to(max_close_duration_min=7)
    line_of(2)
    confirmed()
    assert Job.objects.get(kind="bonus.run_closing").lease == timedelta(minutes=7)


@pytest.mark.django_db
def test_the_cap_is_the_set_part_of_ones_own_purchases() -> None:
    member = line_of(1)[0]
    bought(member, 10, total=100)
    assert withdrawable_point(user_id=member.pk, withdrawn=Decimal(50)) == 250
    set_to(withdrawal_cap_percent=Decimal("150.5"))
    assert withdrawable_point(user_id=member.pk, withdrawn=Decimal(50)) == Decimal("100.5")


@pytest.mark.django_db(transaction=True)
def test_the_page_proposes_what_its_form_says_in_korean(as_user: Callable[..., Client]) -> None:  # noqa: F811
    client = as_user(make_staff("choi", rights.FINANCE), "ko")
    row = settings_now()
    assert "마감 주기" in client.get(f"/admin/bonus/bonussettings/{row.pk}/").content.decode()
    address = f"/admin/bonus/bonussettings/act/propose/?row={row.pk}"
    page = client.get(address).content.decode()
    assert "환불 유예" in page
    assert 'value="23:50' in page
    begin = (clock.now() + timedelta(days=2)).strftime("%Y-%m-%d %H:%M:%S")
    form = {
        **shown(row),
        "refund_lag_days": "5",
        "valid_from": begin,
        "reason": "환불이 늦게 들어옵니다.",
        "row": row.pk,
    }
    assert client.post(address, {**form, "refund_lag_days": "61"}).status_code == 200
    assert not Proposal.objects.exists()
    assert client.post(address, form).status_code == 302
    proposal = Proposal.objects.get()
    assert proposal.content["figures"] == {**shown(row), "refund_lag_days": 5}
    told = {str(key): value for key, value in CHANGE_SETTINGS.describe(proposal.content).items()}
    assert "2 → 5" in told.values()
    agreed(proposal, make_staff("kang", rights.FINANCE))
    assert BonusSettings.objects.latest("pk").refund_lag_days == 5
