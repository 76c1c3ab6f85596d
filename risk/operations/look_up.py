"""Everything the rules need from the database, each look by itself: one that fails or hangs takes no other along."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeVar

import structlog
from django.db import connection, transaction

from aeghash.core.errors import Invalid
from risk.addresses import IP, canonical_payout_address, parsed_ip
from risk.case import Case, Listed, Looked, Sighting
from risk.context import RiskContext
from risk.figures import Figures
from risk.operations.notice_device import notice_device
from risk.queries import entries_holding, is_known_ip

T = TypeVar("T")

# Longer than PostgreSQL takes to find a deadlock (a second), so that this says what it was.
PATIENCE_MS: Final = 2000
LONGEST_DEVICE_ID: Final = 255

# What isn't said is not looked for: no statement, so nothing that could fail, and no savepoint for it.
NOTHING_LISTED: Final = Looked(value=Listed(()))
UNKNOWN_IP: Final = Looked(value=False)
NO_DEVICE: Final = Looked(value=Sighting(None))

log = structlog.get_logger(__name__)


def look_up(*, context: RiskContext, figures: Figures, now: datetime) -> Case:
    ip, address, device_id = parsed_ip(context.ip or ""), readable_address(context.address), readable(context.device_id)
    user_id, is_asked = context.user_id, any((ip, address, device_id))
    before = set_patience(f"{PATIENCE_MS}ms") if is_asked else ""
    case = Case(
        context=context, figures=figures, decided_at=now, ip=ip, address=address, device_id=device_id,
        listed=look(lambda: Listed(list(entries_holding(user_id=user_id, ip=ip, address=address, at=now))))
        if ip or address else NOTHING_LISTED,
        knows_ip=look(lambda: is_known_ip(user_id=user_id, ip=ip)) if ip else UNKNOWN_IP,
        device=look(lambda: sighting(user_id, device_id, ip)) if device_id else NO_DEVICE,
    )  # fmt: skip
    if is_asked:
        set_patience(before)
    return case


def look(find: Callable[[], T]) -> Looked[T]:
    """In a savepoint, so that a statement that failed doesn't end the caller's transaction."""
    try:
        with transaction.atomic():
            return Looked(value=find())
    except Exception as error:
        if connection.needs_rollback:  # the connection is gone: nothing can be decided, and the caller must know
            raise
        log.warning("risk_lookup_failed", fault=type(error).__name__, exc_info=error)
        return Looked(error=error)


def set_patience(text: str) -> str:
    """How long one statement may take from here on in this transaction. Returns what it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT before, set_config('statement_timeout', %s, true)"
            " FROM (SELECT current_setting('statement_timeout') AS before OFFSET 0) AS setting",
            [text],
        )
        return str(cursor.fetchone()[0])


def sighting(user_id: int, device_id: str, ip: IP | None) -> Sighting:
    return Sighting(notice_device(user_id=user_id, device_id=device_id, ip=ip))


def readable(device_id: str | None) -> str | None:
    """A device's number as it came, if it can be kept and shown."""
    is_readable = bool(device_id) and len(device_id or "") <= LONGEST_DEVICE_ID and str(device_id).isprintable()
    return device_id if is_readable else None


def readable_address(text: str | None) -> str | None:
    try:
        return canonical_payout_address(text) if text else None
    except Invalid:
        return None
