"""Keep what the pool says of a day: as it is, and as another version where it says something else than before."""

import hashlib
import json
from datetime import date

from django.db import connection
from django.utils.translation import gettext_lazy as _

from aeghash.core.audit.values import plain
from aeghash.core.checkpoints import checkpoint
from aeghash.core.models import Severity
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.texts import storable
from aeghash.core.transactions import opens_one, with_db_retry
from mining.clients.hashdam import DayReport
from mining.models import Allocation, CoinFacts, DayFacts
from mining.queries.facts import latest_of

LOCK_OF_DAYS = 0x4D44  # "MD": the advisory locks' first number, the day is the second


@with_db_retry()
@opens_one()
def store_day(*, report: DayReport) -> DayFacts | None:
    """None where it is known already. Alerts of a day that can't be believed, and of one that was said anew after its
    income was given out.
    """
    _lock(report.day)
    known = latest_of(report.day)
    digest = digest_of(report)
    if known is not None and known.digest == digest:
        return None
    facts = _written(report, digest, version=known.version + 1 if known else 1)
    checkpoint("mining: day stored")
    if report.flaw:
        _tell_flawed(facts)
    elif Allocation.objects.filter(day=facts.day).exists():
        _tell_restated(facts)
    return facts


def digest_of(report: DayReport) -> str:
    """Of what it says, not of how it is written: 1.50 is 1.5."""
    said = [report.flaw, plain(report.raw)] if report.flaw else [_figures(report), _coins(report)]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _figures(report: DayReport) -> list[str]:
    figures = (report.hash_rate, report.hash_rate_mega, report.efficiency, report.reject)
    return [f"{figure.normalize():f}" for figure in figures if figure is not None]


def _coins(report: DayReport) -> dict[str, list[str]]:
    return {
        coin: [f"{amount.normalize():f}" for amount in (income.total, income.per_mega, income.price)]
        for coin, income in report.incomes.items()
    }


def _lock(day: date) -> None:
    """Two readers of one day: the second must see the first one's version."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_OF_DAYS, day.toordinal()])


def _written(report: DayReport, digest: str, *, version: int) -> DayFacts:
    facts = DayFacts.objects.create(
        day=report.day,
        version=version,
        hash_rate=report.hash_rate,
        hash_rate_mega=report.hash_rate_mega,
        efficiency=report.efficiency,
        reject=report.reject,
        flaw=storable(report.flaw)[:300],
        digest=digest,
        raw=plain(report.raw),
    )
    CoinFacts.objects.bulk_create(
        CoinFacts(facts=facts, coin_id=coin, total=income.total, per_mega=income.per_mega, price=income.price)
        for coin, income in report.incomes.items()
    )
    return facts


def _tell_flawed(facts: DayFacts) -> None:
    raise_alert(
        key=f"mining.day:{facts.day}",
        severity=Severity.CRITICAL,
        sentence=_("The pool's facts of a day can't be believed. Its income is not given out."),
        day=facts.day,
        flaw=facts.flaw,
    )


def _tell_restated(facts: DayFacts) -> None:
    raise_alert(
        key=f"mining.restated:{facts.day}",
        severity=Severity.WARNING,
        sentence=_("The pool has restated a day whose income was given out. Two people decide whether to correct it."),
        day=facts.day,
        version=facts.version,
    )
