"""Bring our tables up to the pool's facts. Each part by itself: what fails holds up no other."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import partial

import structlog

from aeghash.core.egress import EgressFailure
from aeghash.core.transactions import must_have_none
from mining.clients.hashdam import BadRow, IncompleteReading, Remark, Unreadable
from mining.operations import sync_histories
from mining.operations.sync_balances import sync_hash_balance, sync_holdings, sync_recent_rates
from mining.operations.sync_days import DaysMissing, sync_days
from mining.operations.watch_egress_addresses import watch_egress_addresses
from mining.operations.watch_orphans import watch_orphans

# Of the pool or of the line. Anything else is a defect of ours, and goes through.
EXPECTED = (EgressFailure, Remark, Unreadable, IncompleteReading, BadRow, DaysMissing)

log = structlog.get_logger(__name__)


@dataclass
class Report:
    changed: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


class NotAllRead(Exception):
    """Some part couldn't be read; the others are stored."""


@must_have_none()
def sync_mining(*, since: date | None = None, tell: Callable[[], None] = lambda: None) -> Report:
    """Safe to run again, at any time, by many at once. `tell` is called as it goes on."""
    watch_egress_addresses()
    report = Report()
    parts: dict[str, Callable[[], int]] = {
        "days": partial(sync_days, since=since, tell=tell),
        **{
            history.name: partial(sync_histories.sync_history, history=history, since=since, tell=tell)
            for history in sync_histories.ALL
        },
        "hash_balance": sync_hash_balance,
        "recent_rates": sync_recent_rates,
        "holdings": sync_holdings,
    }
    for name, part in parts.items():
        try:
            report.changed[name] = part()
        except EXPECTED as failure:
            log.warning("mining.not_read", part=name, reason=str(failure))
            report.failed[name] = str(failure)[:500]
        tell()
    watch_orphans()
    return report
