"""The history of a rank as a time line."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.time_line import Event
from organization.models import RankCause, RankChange


def rank_steps(changes: Iterable[RankChange]) -> list[Event]:
    return [
        Event(change.changed_at, f"{change.before} → {change.after}", who(change), grounds(change.reason), tone="ok")
        for change in changes
    ]


def who(change: RankChange) -> str:
    by = change.reason.get("by")
    if change.cause == RankCause.BY_HAND and by:
        return _("by hand, by %(name)s") % {"name": by}
    return str(RankCause(change.cause).label)


def grounds(reason: dict[str, Any]) -> str:
    """The word of whoever set it; of the rules, the figures they saw."""
    if "reason" in reason:
        return str(reason["reason"])
    return " · ".join(f"{name_of(name)} {cells.words(value)}" for name, value in reason.items())


def name_of(figure: str) -> str:
    names = {
        "rule": _("Rule no."),
        "direct_referrals": _("Direct referrals"),
        "own_sales": _("Own sales (USD)"),
        "referrals_of_rank_below": _("Direct referrals of the rank below"),
    }
    return names.get(figure, figure)
