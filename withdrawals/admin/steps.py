"""The request's life as a time line: its own log, the answers to its attempts, and what people proposed."""

from collections.abc import Iterator
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.failures import failure_in_words
from aeghash.core.admin.kit.time_line import Change, Event
from withdrawals.admin.texts import plainly
from withdrawals.models import Action, Result, Status, Withdrawal
from withdrawals.operations.resolve_withdrawal import RESOLUTIONS
from withdrawals.queries.desk import names_of, resolutions_of, steps_of

TONES: Final = {
    Action.APPROVED_STAGE1: "ok",
    Action.APPROVED: "ok",
    Action.COMPLETED: "ok",
    Action.FLAGGED: "warn",
    Action.RETRYING: "warn",
    Action.EXPIRED: "warn",
    Action.UNKNOWN: "bad",
    Action.MANUAL_REVIEW: "bad",
    Action.FAILED: "bad",
    Action.REJECTED: "bad",
}
LONGEST: Final = 500
FIRST: Final = gettext_lazy("Request received")


def time_line_of(row: Withdrawal) -> list[Event]:
    """Newest first; what shares an instant stays in the order in which it was written."""
    events = [*answers(row), *log(row), *proposals(row)]
    return sorted(events, key=lambda event: event.at)[::-1]


def log(row: Withdrawal) -> Iterator[Event]:
    lines = steps_of(row)
    names = names_of(line.actor_id for line in lines if line.actor_kind == "person")
    before = ""
    for line in lines:
        yield Event(
            line.at,
            str(FIRST) if line.action == Action.REQUESTED else line.get_action_display(),
            plainly(names.get(line.actor_id) or line.actor_label or line.actor_id),
            plainly(failure_in_words(line.reason), LONGEST) if line.reason else "",
            status_change(before, line.status),
            TONES.get(Action(line.action), ""),
        )
        before = line.status


def status_change(before: str, now: str) -> tuple[Change, ...]:
    if before in ("", now):
        return ()
    words = dict(Status.choices)
    return (Change(_("Status"), words[Status(before)], words[Status(now)], is_named=True, is_worded=True),)


def answers(row: Withdrawal) -> Iterator[Event]:
    for attempt in row.tries.filter(answered_at__isnull=False).order_by("number"):
        assert attempt.answered_at is not None
        label = _("Answer to attempt %(number)s: %(outcome)s") % {
            "number": attempt.number, "outcome": attempt.get_result_display(),
        }  # fmt: skip
        tone = "ok" if attempt.result == Result.ACCEPTED else "bad"
        yield Event(
            attempt.answered_at,
            label,
            row.get_channel_display(),
            plainly(failure_in_words(attempt.reason), LONGEST) if attempt.reason else "",
            tone=tone,
        )


def proposals(row: Withdrawal) -> Iterator[Event]:
    for proposal in resolutions_of(row):
        url = reverse("admin:core_proposal_change", args=[proposal.pk])
        decision = str(RESOLUTIONS.get(proposal.content["resolution"], proposal.content["resolution"]))
        by = cells.person(proposal.proposed_by)
        yield Event(
            proposal.proposed_at,
            _("Proposed: %(decision)s") % {"decision": decision},
            by,
            plainly(proposal.reason, LONGEST),
            url=url,
        )
        if proposal.decided_at is not None:
            label = _("Proposal %(status)s") % {"status": proposal.get_status_display()}
            yield Event(proposal.decided_at, label, cells.person(proposal.decided_by), url=url)
