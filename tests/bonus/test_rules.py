from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from aeghash.core import clock
from aeghash.core.errors import Refusal
from aeghash.core.models import AuditRow
from bonus.admin.rules import as_lines, as_text
from bonus.models import Allocation, Rule, RuleLine
from bonus.operations.change_rules import change_rules, new_version
from tests.bonus.shares import check_order, line_of, paid
from tests.database import Owner

HALF = [{"type": "referral", "level": 1, "percentage": "50.5", "needs_active": True}]


def line(**changed: Any) -> list[dict[str, Any]]:
    return [{**HALF[0], **changed}]


def soon(days: float = 1) -> Any:
    return clock.now() + timedelta(days=days)


@pytest.mark.django_db
def test_the_plan_is_seeded_whole() -> None:
    rule = Rule.objects.get()
    assert rule.total_percentage == 100 == sum(line.percentage for line in rule.lines.all())
    referrals = (30, 5, 5, 3, 2, 1, 1, 1, 1, 1)
    meant: list[Any] = [("referral", level, percentage, "", True) for level, percentage in enumerate(referrals, 1)]
    meant += [("sponsor", level, 1, "", True) for level in range(1, 21)]
    meant += [("share", 0, 20, "D2", False), ("center", 0, 8, "D3", False), ("center_referral", 0, 2, "D2", False)]
    kept = rule.lines.values_list("type", "level", "percentage", "lowest_rank", "needs_active")
    assert sorted(kept) == sorted(meant)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("lines", "code", "named"),
    [
        ([*HALF, {"type": "share", "level": 0, "percentage": "49.6"}], "over_the_whole", "100.1"),
        (line(lowest_rank="D9"), "validation_error", "lines.0.lowest_rank"),
        (line(percentage="-1"), "validation_error", "lines.0.percentage"),
        (line(percentage="0"), "validation_error", "lines.0.percentage"),
        (line(percentage="1e400"), "validation_error", "lines.0.percentage"),
        (line(percentage="NaN"), "validation_error", "lines.0.percentage"),
        (line(percentage="100.1"), "validation_error", "lines.0.percentage"),
        (line(percentage="1.00001"), "validation_error", "lines.0.percentage"),
        (line(type="gift"), "validation_error", "lines.0.type"),
        (line(level=0), "validation_error", "lines.0.level"),
        (line(type="share", level=1), "validation_error", "lines.0.level"),
        (line(level=True), "validation_error", "lines.0.level"),
        (line(extra=1), "validation_error", "lines.0.extra"),
        ([*HALF, *HALF], "validation_error", "lines"),
        ([], "validation_error", "lines"),
    ],
)
def test_lines_that_no_plan_has_are_refused(lines: list[dict[str, Any]], code: str, named: str) -> None:
    audits = AuditRow.objects.count()
    with pytest.raises(Refusal) as refused:
        new_version(lines=lines, valid_from=soon(), reason="test")
    assert refused.value.code == code
    assert named in str(refused.value)
    assert (Rule.objects.count(), AuditRow.objects.count()) == (1, audits)


@pytest.mark.django_db
def test_a_new_version_ends_the_open_one_and_orders_go_by_theirs() -> None:
    buyer = line_of(2)[1]
    before = paid(buyer, 100)
    begin = soon()
    rule = change_rules(content=new_version(lines=HALF, valid_from=begin, reason="half"))
    assert Rule.objects.get(pk=Rule.objects.earliest("pk").pk).valid_until == begin
    with clock.steered(lambda: begin + timedelta(hours=1), lambda _seconds: None):
        after = paid(buyer, Decimal("100.0001"))
    check_order(before)
    check_order(after)
    assert Allocation.objects.get(order=after).rule == rule


@pytest.mark.django_db
@pytest.mark.parametrize("lasts", [timedelta(days=10), None])
def test_a_validity_that_overlaps_is_refused(lasts: timedelta | None) -> None:
    change_rules(content=new_version(lines=HALF, valid_from=soon(5), valid_until=soon(9), reason="bounded"))
    with pytest.raises(Refusal) as refused:
        new_version(lines=HALF, valid_from=soon(3), valid_until=soon() + lasts if lasts else None, reason="over it")
    assert refused.value.code == "validity_overlaps"
    with pytest.raises(Refusal) as refused:
        new_version(lines=HALF, valid_from=clock.now(), reason="at once")
    assert refused.value.code == "validation_error"
    assert Rule.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE bonus_rules SET total_percentage = 1",
        "UPDATE bonus_rule_lines SET percentage = 1",
        "DELETE FROM bonus_rules",
        "INSERT INTO bonus_rules (valid_from, total_percentage, reason, created_at) VALUES ('2021-01-01', 1, '', now())",
        "INSERT INTO bonus_rules (valid_from, total_percentage, reason, created_at) VALUES ('2019-01-01', 101, '', now())",
        "UPDATE bonus_rules SET valid_until = valid_from",
    ],
)
def test_the_database_refuses_it_as_well(change: str, owner: Owner) -> None:
    with pytest.raises(Exception, match=r"bonus_rules|append|change|refuse|read-only|overlap"):
        owner.execute(change.encode())
    assert Rule.objects.get().valid_until is None


@pytest.mark.django_db
def test_what_the_form_shows_it_reads_again() -> None:
    rule = Rule.objects.get()
    lines = as_lines(as_text(rule))
    again = new_version(lines=lines, valid_from=soon(), reason="the same")
    assert len(again["lines"]) == RuleLine.objects.count()


@pytest.mark.django_db(transaction=True)
def test_an_entry_keeps_what_it_says_and_its_way() -> None:
    paid(line_of(2)[1], 100)
    for change in ("amount = 1", "status = 'confirmed'", "status = 'failed'", "beneficiary_id = 1"):
        with pytest.raises(DatabaseError), transaction.atomic():
            connection.cursor().execute(f"UPDATE bonus_entries SET {change}")
