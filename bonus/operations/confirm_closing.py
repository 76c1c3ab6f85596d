"""Let a drafted closing run. It takes two people."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.acts import Act, Content, declare
from aeghash.core.checkpoints import checkpoint
from aeghash.core.errors import NotFound, Refusal
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.operations.record import record
from bonus.models import Closing, ClosingState
from bonus.operations.draft_closing import PeriodClosed
from bonus.operations.lock_closings import lock_open_closings
from bonus.rights import CONFIRM_CLOSINGS, DRAFT_CLOSINGS

RUN = "bonus.run_closing"


class ClosingRuns(Refusal):
    code = "closing_running"
    sentence = _("Another closing is running.")


@transaction.atomic
def confirm_closing(*, closing_id: int) -> Closing:
    """From here on it runs by itself. Confirmed already: nothing changes. The caller has heard both people.

    Refuses while another one runs (`closing_running`), and what lies before a closed period (`period_closed`).
    """
    are_open = lock_open_closings()
    checkpoint("closing: open ones locked")
    closing = are_open.get(closing_id) or Closing.objects.filter(pk=closing_id).first()
    if closing is None:
        raise NotFound
    if closing.status != ClosingState.DRAFT:
        return closing
    if any(other.status == ClosingState.RUNNING for other in are_open.values()):
        raise ClosingRuns
    others = Closing.objects.exclude(pk=closing.pk)
    if others.filter(status=ClosingState.CLOSED, ends_at__gt=closing.ends_at).exists():
        raise PeriodClosed(ends_at=closing.ends_at)
    closing.update(status=ClosingState.RUNNING, confirmed_at=clock.now())
    record("closing.confirmed", of=closing, after={"version": closing.version})
    enqueue(RUN, key=f"closing:{closing.pk}", closing_id=closing.pk)
    return closing


def _execute(content: Content) -> dict[str, Any]:
    return {"closing": confirm_closing(closing_id=content["closing"]).pk}


def _described(content: Content) -> dict[Any, Any]:
    closing = Closing.objects.get(pk=content["closing"])
    return {
        _("period"): f"{closing.starts_at:%Y-%m-%d %H:%M} – {closing.ends_at:%Y-%m-%d %H:%M}",
        _("members"): closing.figures.get("members"),
        _("amount (POINT)"): closing.figures.get("total"),
        _("SHA-256"): closing.sha256,
    }


def _version(content: Content) -> Any:
    """Counted anew since it was proposed, it is no longer what was agreed to."""
    return Closing.objects.filter(pk=content["closing"]).values_list("version", "figures__total").first()


CONFIRM_CLOSING = declare(
    Act(
        kind="closing.confirm",
        label=_("Confirm a closing"),
        may_propose=DRAFT_CLOSINGS,
        may_approve=CONFIRM_CLOSINGS,
        execute=_execute,
        describe=_described,
        seen=_version,
    )
)
