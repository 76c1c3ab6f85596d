"""The calls that were made for a request, and what came back."""

from collections.abc import Mapping
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from aeghash.core.admin.kit import cells, viewer
from aeghash.core.admin.kit.failures import failure_in_words
from aeghash.core.audit.masking import is_secret, masked, partly_masked
from aeghash.core.logs import MASK, redacted_text
from withdrawals.admin.texts import is_odd, plainly
from withdrawals.models import Result, Withdrawal, WithdrawalAttempt

TONES: Final = {Result.ACCEPTED: "ok", Result.REFUSED: "bad", Result.UNKNOWN: "bad", Result.NOT_SENT: "warn"}


def attempts_shown(row: Withdrawal) -> str:
    tries = [line(row, attempt) for attempt in row.tries.order_by("-number")]
    return render_to_string("admin/withdrawals/attempts.html", {"tries": tries}) if tries else ""


def evidence_in_short(row: Withdrawal) -> str:
    """Of the attempt in question, for the page on which people say what it came to."""
    newest = row.tries.order_by("-number").first()
    return cells.NOTHING if newest is None else attempts_of([line(row, newest)])


def attempts_of(tries: list[dict[str, Any]]) -> str:
    return render_to_string("admin/withdrawals/attempts.html", {"tries": tries})


def line(row: Withdrawal, attempt: WithdrawalAttempt) -> dict[str, Any]:
    facts = [
        (_("Begun"), cells.moment(attempt.started_at)),
        (_("Answered"), cells.moment(attempt.answered_at)),
        (_("Number at the remote"), plainly(attempt.remote_id, 120)),
        (_("Reason"), plainly(failure_in_words(attempt.reason), 500)),
        (_("Closed"), cells.moment(attempt.closed_at)),
    ]
    return {
        "number": attempt.number,
        "outcome": outcome(attempt),
        "facts": [(label, value) for label, value in facts if value != cells.NOTHING],
        "mark": readable(row, attempt.mark),
        "evidence": [(parse_datetime(found["at"]), readable(row, found["found"])) for found in attempt.evidence],
    }


def outcome(attempt: WithdrawalAttempt) -> str:
    if attempt.result is None:
        return cells.badge(_("no answer yet"), "warn" if attempt.closed_at is None else "")
    return cells.badge(attempt.get_result_display(), TONES[Result(attempt.result)])


def readable(row: Withdrawal, value: Any) -> Any:
    """Without secrets for anybody, and without addresses for those who don't see them."""
    return without_secrets(value) if viewer.sees_personal_data() else without_address(masked(value), row.address)


def without_secrets(value: Any, name: str = "") -> Any:
    if is_secret(name):
        return MASK
    if isinstance(value, Mapping):
        return {key: without_secrets(item, str(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [without_secrets(item, name) for item in value]
    return seen_through(redacted_text(value)) if isinstance(value, str) else value


def without_address(value: Any, address: str | None) -> Any:
    """The remotes call it by many names, so it is known by itself."""
    if isinstance(value, Mapping):
        return {key: without_address(item, address) for key, item in value.items()}
    if isinstance(value, list):
        return [without_address(item, address) for item in value]
    if not isinstance(value, str):
        return value
    hidden = value.replace(address, partly_masked(address)) if address else value
    return seen_through(partly_masked(hidden) if hidden.startswith("0x") and len(hidden) > 16 else hidden)


def seen_through(text: str) -> str:
    """What a remote sent may turn the text around it, too."""
    return "".join(f"⟨U+{ord(one):04X}⟩" if is_odd(one) else one for one in text)
