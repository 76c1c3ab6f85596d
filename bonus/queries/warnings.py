"""What is unusual about a closing, seen from those before it."""

from decimal import Decimal
from typing import Any, Final

from bonus.models import Closing
from bonus.queries.settings import settings_now

USUAL_OF: Final = 4  # closings


def last_closed(closing: Closing) -> Closing | None:
    return Closing.objects.filter(status="closed", ends_at__lt=closing.ends_at).order_by("-ends_at").first()


def times_the_usual(closing: Closing) -> dict[str, Decimal]:
    """For each figure that is as far above the usual of the last closings as the settings warn of, how many times."""
    least = settings_now().warning_times
    before = Closing.objects.filter(status="closed", ends_at__lt=closing.ends_at).order_by("-ends_at")[:USUAL_OF]
    reports = [earlier.report for earlier in before]
    now = closing.report or closing.figures
    found = {}
    for name, read in {"total": _total, **{kind: _of(kind) for kind in now.get("types", {})}}.items():
        usual = sum((read(report) for report in reports), Decimal(0)) / len(reports) if reports else Decimal(0)
        if usual > 0 and read(now) >= usual * least:
            found[name] = (read(now) / usual).quantize(Decimal("0.1"))
    return found


def _total(report: dict[str, Any]) -> Decimal:
    return Decimal(report.get("total", "0"))


def _of(kind: str) -> Any:
    return lambda report: Decimal(report.get("types", {}).get(kind, {}).get("amount", "0"))
