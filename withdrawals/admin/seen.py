"""What a page showed of a request, and how the request differs from it now."""

import hashlib
import json
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core.admin.kit import cells
from aeghash.core.errors import Refusal
from withdrawals.admin.texts import plainly
from withdrawals.models import Status, Withdrawal
from withdrawals.operations.step import VersionConflict
from withdrawals.queries.desk import names_of, steps_of

LABELS: Final = {
    "status": gettext_lazy("status"),
    "asset": gettext_lazy("asset"),
    "paid_as": gettext_lazy("paid as"),
    "amount": gettext_lazy("amount"),
    "fee": gettext_lazy("fee on top"),
    "channel": gettext_lazy("channel"),
    "address": gettext_lazy("address"),
}
FINGERPRINT: Final = 16
Difference = tuple[str, str, str]


class ChangedMeanwhile(Refusal):
    """As `version_conflict`, with what has changed."""

    code = VersionConflict.code
    sentence = gettext_lazy("The request has changed since it was shown: %(changes)s. Look at it again.")


class NotShown(Refusal):
    code = VersionConflict.code
    sentence = gettext_lazy("What the page showed of the request can't be told. Open it again.")


def seen(row: Withdrawal) -> str:
    """Short enough for a hidden field: of an address, which may be long, a fingerprint."""
    return json.dumps([row.version, *facts_of(row).values()], separators=(",", ":"))


def facts_of(row: Withdrawal) -> dict[str, str]:
    return {
        "status": row.status,
        "asset": str(row.asset_id),
        "paid_as": str(row.paid_as),  # type: ignore[attr-defined]
        "amount": f"{row.amount.normalize():f}",
        "fee": f"{row.fee.normalize():f}",
        "channel": row.channel,
        "address": hashlib.sha256((row.address or "").encode()).hexdigest()[:FINGERPRINT],
    }


def check_unchanged(row: Withdrawal, text: str) -> int:
    """The version that was seen. What is approved is the version, which the operation compares under its lock; here the
    reader is told what the difference is, and what no version counts (how the asset is paid) is compared too.
    """
    version, facts = read(text)
    changes = differences(row, version, facts)
    if changes:
        row.changes = changes  # type: ignore[attr-defined]
        raise ChangedMeanwhile(changes="; ".join(f"{label}: {before} → {now}" for label, before, now in changes))
    return version


def read(text: str) -> tuple[int, dict[str, str]]:
    try:
        version, *values = json.loads(text)
        facts = dict(zip(LABELS, map(str, values), strict=True))
        return int(version), facts
    except (ValueError, TypeError):
        raise NotShown from None


def differences(row: Withdrawal, version: int, facts: dict[str, str]) -> list[Difference]:
    now = facts_of(row)
    changed = [
        (str(LABELS[name]), *worded(name, facts[name], now[name])) for name in LABELS if facts[name] != now[name]
    ]
    if version == row.version:
        return changed
    return [*changed, (_("version"), str(version), str(row.version)), *steps_since(row, version)]


def worded(name: str, before: str, now: str) -> tuple[str, str]:
    if name == "status":
        words = dict(Status.choices)
        return str(words.get(Status(before), before) if before in Status.values else before), str(words[Status(now)])
    return (_("another"), _("the one below")) if name == "address" else (before, now)


def steps_since(row: Withdrawal, version: int) -> list[Difference]:
    """Who has done what in the meantime."""
    later = [line for line in steps_of(row) if line.version > version]
    names = names_of(line.actor_id for line in later)
    return [
        (line.get_action_display(), cells.NOTHING, names.get(line.actor_id) or line.actor_label or line.actor_id)
        for line in later
    ]


def changes_shown(row: Withdrawal) -> Any:
    """Once an act was refused for it: what was seen, struck out, and what is now."""
    lines: list[Difference] = getattr(row, "changes", [])
    return format_html(
        '<ul class="changes">{}</ul>',
        format_html_join(
            "", "<li>{}: <del>{}</del> <ins>{}</ins></li>", ((label, plainly(a), plainly(b)) for label, a, b in lines)
        ),
    )
