"""Let other settings of the bonuses hold from some time on. It takes two people."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from aeghash.core.acts import Act, Content, declare
from aeghash.core.audit.values import plain
from aeghash.core.errors import Invalid, Refusal
from aeghash.core.operations.record import record
from aeghash.core.recurrence import checked_zone
from bonus.models import BonusSettings
from bonus.operations.change_rules import check_times
from bonus.queries.settings import settings_now
from bonus.rights import APPROVE_RULES, PROPOSE_RULES

OTHERS: Final = ("id", "valid_from", "reason", "created_at")
LABELS: Final = {
    field.name: field.verbose_name for field in BonusSettings._meta.concrete_fields if field.name not in OTHERS
}
FIGURES: Final = tuple(LABELS)


class MomentTaken(Refusal):
    code = "validity_overlaps"
    sentence = _("Other settings begin at this moment already.")


def new_settings(*, figures: Mapping[str, Any], valid_from: datetime, reason: str) -> dict[str, Any]:
    """What is proposed, looked at now and again when it is agreed to.

    Refuses a figure that can't be, or a beginning before ten minutes from now (`validation_error`), a zone that nobody
    knows (`bad_zone`), and the moment at which another version begins (`validity_overlaps`).
    """
    row = _checked(figures, valid_from, reason)
    return {"figures": shown(row), "valid_from": valid_from.isoformat(), "reason": row.reason}


@transaction.atomic
def change_settings(*, content: Content) -> BonusSettings:
    """The caller has heard both people. What has been drafted, confirmed or closed by then stays as it is."""
    begin = parse_datetime(content["valid_from"])
    assert begin is not None
    row = _checked(content["figures"], begin, content["reason"])
    before = shown(settings_now())
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # somebody was quicker
        raise MomentTaken from None
    record("bonus.settings_changed", of=row, before=before, after=dict(content), reason=content["reason"])
    return row


def shown(row: BonusSettings) -> dict[str, Any]:
    """As it can be kept in a proposal and on the trail, and read again."""
    figures = {name: getattr(row, name) for name in FIGURES}
    return {name: value.isoformat() if isinstance(value, time) else plain(value) for name, value in figures.items()}


def _checked(figures: Mapping[str, Any], valid_from: datetime, reason: str) -> BonusSettings:
    row = BonusSettings(valid_from=valid_from, reason=reason.strip()[:500], **figures)
    try:
        row.clean_fields()
    except ValidationError as error:
        field, sentences = next(iter(error.message_dict.items()))
        raise Invalid(field=field, reason=sentences[0]) from error
    checked_zone(row.timezone)
    if row.retry_longest_seconds < row.retry_first_seconds:
        raise Invalid(field="retry_longest_seconds", reason=_("Shorter than the first pause."))
    check_times(valid_from, None)
    if BonusSettings.objects.filter(valid_from=valid_from).exists():
        raise MomentTaken
    return row


def _described(content: Content) -> dict[Any, Any]:
    """What would be different, and from when."""
    before = shown(settings_now())
    changed = {
        LABELS[name]: f"{_told(before[name])} → {_told(value)}"
        for name, value in content["figures"].items()
        if value != before[name]
    }
    return {_("valid from"): content["valid_from"], **changed, _("reason"): content["reason"]}


def _told(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


CHANGE_SETTINGS = declare(
    Act(
        kind="bonus.settings",
        label=_("Change the bonus settings"),
        may_propose=PROPOSE_RULES,
        may_approve=APPROVE_RULES,
        execute=lambda content: {"version": change_settings(content=content).pk},
        describe=_described,
        seen=lambda _content: list(BonusSettings.objects.order_by("pk").values_list("pk", flat=True)),
    )
)
