"""Put a new version of the bonus rules in force. It takes two people."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.acts import Act, Content, declare
from aeghash.core.checkpoints import checkpoint
from aeghash.core.errors import Invalid, Refusal
from aeghash.core.money import Sign, format_for_staff, parse_amount
from aeghash.core.operations.record import record
from bonus.models import PAYING, BonusType, Rule, RuleLine
from bonus.rights import APPROVE_RULES, PROPOSE_RULES
from organization.models import Rank

PLACES: Final = 4
MOST_LEVELS: Final = 100
LEVELLED: Final = (BonusType.REFERRAL, BonusType.SPONSOR)
# An order may say it was paid a little later than now, and somebody may be sharing it out at this moment.
AHEAD: Final = timedelta(minutes=10)
FIELDS: Final = {"type", "level", "percentage", "lowest_rank", "needs_active"}
Line = Mapping[str, Any]


class OverTheWhole(Refusal):
    code = "over_the_whole"
    status = 400
    sentence = _("The lines come to %(total)s %% of PV, which is more than 100.")


class ValidityOverlaps(Refusal):
    code = "validity_overlaps"
    sentence = _("Version %(version)s holds in that time already.")


def new_version(
    *, lines: Sequence[Line], valid_from: datetime, valid_until: datetime | None = None, reason: str
) -> dict[str, Any]:
    """What is proposed, looked at now and again when it is agreed to.

    Refuses more than 100 % (`over_the_whole`), a time in which another version holds (`validity_overlaps`), a beginning
    before ten minutes from now, an unknown type or rank, a level twice, a percentage that isn't more than 0 and at most 100.
    """
    checked = [_checked(number, line) for number, line in enumerate(lines)]
    _check_together(checked)
    check_times(valid_from, valid_until)
    _overlapping(valid_from, valid_until)
    return {
        "lines": checked,
        "valid_from": valid_from.isoformat(),
        "valid_until": valid_until.isoformat() if valid_until else None,
        "reason": reason.strip()[:500],
    }


@transaction.atomic
def change_rules(*, content: Content) -> Rule:
    """The caller has heard both people. The version that holds without end ends where the new one begins."""
    begin, end = _moment(content["valid_from"]), _moment(content["valid_until"])
    assert begin is not None
    lock_versions()
    new_version(lines=content["lines"], valid_from=begin, valid_until=end, reason=content["reason"])
    checkpoint("bonus: rules looked at")
    open_ended = Rule.objects.filter(valid_until=None).first()
    if open_ended is not None and open_ended.valid_from < begin:
        open_ended.valid_until = begin
        open_ended.save(update_fields=["valid_until"])
    lines = content["lines"]
    total = sum((Decimal(line["percentage"]) for line in lines), Decimal(0))
    rule = Rule.objects.create(
        valid_from=begin, valid_until=end, total_percentage=total, reason=content["reason"], created_at=clock.now()
    )
    RuleLine.objects.bulk_create(
        RuleLine(rule=rule, **{**line, "percentage": Decimal(line["percentage"])}) for line in lines
    )
    record("bonus.rules_changed", of=rule, after=dict(content), reason=content["reason"])
    return rule


def lock_versions() -> None:
    """Two changes take turns: the second one is judged by what the first has written."""
    list(Rule.objects.select_for_update().order_by("pk").values_list("pk"))


def _checked(number: int, line: Line) -> dict[str, Any]:
    field = f"lines.{number}"
    if unknown := set(line) - FIELDS:
        raise Invalid(field=f"{field}.{min(unknown)}", reason=_("No such field."))
    kind, level, rank = line.get("type"), line.get("level", 0), line.get("lowest_rank", "")
    if kind not in PAYING:
        raise Invalid(field=f"{field}.type", reason=_("No such type of bonus."))
    if (
        not isinstance(level, int)
        or isinstance(level, bool)
        or not (level in range(1, MOST_LEVELS + 1)) == (kind in LEVELLED)
        or (kind not in LEVELLED and level != 0)
    ):
        raise Invalid(field=f"{field}.level", reason=_("No such level."))
    if rank and rank not in Rank.values:
        raise Invalid(field=f"{field}.lowest_rank", reason=_("No such rank."))
    percentage = parse_amount(line.get("percentage"), places=PLACES, field=f"{field}.percentage", sign=Sign.POSITIVE)
    if percentage > 100:
        raise Invalid(field=f"{field}.percentage", reason=_("At most 100."))
    return {
        "type": kind,
        "level": level,
        "percentage": str(line["percentage"]),
        "lowest_rank": rank,
        "needs_active": line.get("needs_active") is True,
    }


def _check_together(lines: Sequence[Line]) -> None:
    if not lines:
        raise Invalid(field="lines", reason=_("At least one."))
    places = [(line["type"], line["level"]) for line in lines]
    if len(set(places)) < len(places):
        raise Invalid(field="lines", reason=_("A level is there twice."))
    total = sum((Decimal(line["percentage"]) for line in lines), Decimal(0))
    if total > 100:
        raise OverTheWhole(total=total)


def check_times(begin: datetime, end: datetime | None) -> None:
    if begin < clock.now() + AHEAD:
        raise Invalid(field="valid_from", reason=_("At least ten minutes from now."))
    if end is not None and end <= begin:
        raise Invalid(field="valid_until", reason=_("Not after the beginning."))


def _overlapping(begin: datetime, end: datetime | None) -> None:
    """But for the one without an end that began earlier: that one gives way."""
    for rule in Rule.objects.order_by("valid_from"):
        gives_way = rule.valid_until is None and rule.valid_from < begin
        begins_before_end = end is None or rule.valid_from < end
        if not gives_way and begins_before_end and (rule.valid_until is None or rule.valid_until > begin):
            raise ValidityOverlaps(version=rule.pk)


def _moment(text: str | None) -> datetime | None:
    return parse_datetime(text) if text else None


def _described(content: Content) -> dict[Any, Any]:
    lines = [
        f"{line['type']} {line['level'] or ''} {format_for_staff(Decimal(line['percentage']), 0)} % {line['lowest_rank']}"
        for line in content["lines"]
    ]
    return {
        _("valid from"): content["valid_from"],
        _("valid until"): content["valid_until"] or "–",
        _("lines"): " · ".join(" ".join(line.split()) for line in lines),
        _("reason"): content["reason"],
    }


CHANGE_RULES = declare(
    Act(
        kind="bonus.rules",
        label=_("Change the bonus rules"),
        may_propose=PROPOSE_RULES,
        may_approve=APPROVE_RULES,
        execute=lambda content: {"version": change_rules(content=content).pk},
        describe=_described,
        seen=lambda _content: list(Rule.objects.order_by("pk").values_list("pk", "valid_until")),
    )
)
