"""Write down what closing a period would come to, for two people to agree to."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.errors import Invalid, Refusal
from aeghash.core.operations.record import record
from aeghash.core.transactions import with_db_retry
from bonus.models import Closing, ClosingState
from bonus.operations.lock_closings import lock_closing
from bonus.queries.closable import figures
from bonus.queries.periods import Period, last_period


class PeriodClosed(Refusal):
    code = "period_closed"
    sentence = _("The period that ended on %(ends_at)s has been closed, or a later one has.")


def foreseen(*, as_of: datetime | None = None) -> tuple[Period, dict[str, Any]]:
    """The dry run: the figures of a closing now, and nothing is changed. Refuses as `draft_closing` does."""
    period = _period(as_of)
    return period, figures(cutoff=period.cutoff, ends_at=period.ends_at)


@with_db_retry()
@transaction.atomic
def draft_closing(*, as_of: datetime | None = None) -> Closing:
    """Of the last period that was over then. A draft that is there is counted anew, and keeps its former figures beside.

    Refuses a time to come, and a period that is closed or running (`period_closed`).
    """
    period, now = foreseen(as_of=as_of)
    values = {"period": period.kind, "starts_at": period.starts_at, "cutoff": period.cutoff, "figures": now}
    closing, is_new = Closing.objects.get_or_create(ends_at=period.ends_at, defaults=values)
    closing = lock_closing(closing.pk)
    if not is_new:
        if closing.status != ClosingState.DRAFT:
            raise PeriodClosed(ends_at=period.ends_at)
        if closing.figures != now:
            closing.update(figures_before=closing.figures, figures=now, version=closing.version + 1)
    record("closing.drafted", of=closing, after={"ends_at": closing.ends_at, "version": closing.version, **now})
    return closing


def _period(as_of: datetime | None) -> Period:
    now = clock.now()
    if as_of is not None and as_of > now:
        raise Invalid(field="as_of", reason=_("This lies in the future."))
    period = last_period(as_of or now)
    begun = Closing.objects.exclude(status=ClosingState.DRAFT)
    if begun.filter(ends_at__gte=period.ends_at).exists():
        raise PeriodClosed(ends_at=period.ends_at)
    return period
