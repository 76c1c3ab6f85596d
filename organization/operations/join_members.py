"""Make many members at once, in the order given: for imports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.checkpoints import checkpoint
from aeghash.core.database_errors import translated
from aeghash.core.errors import Invalid
from aeghash.core.operations.record import record
from organization.models import Side
from organization.operations.join_member import check

JOIN: Final = """
    SELECT join_members(
        %(uids)s::varchar[], %(emails)s::varchar[], %(names)s::varchar[], %(sponsor_uids)s::varchar[], %(sides)s::varchar[],
        %(at)s
    )
"""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Without a sponsor it is the company's root. A sponsor may be a newcomer of the same lot, further up."""

    uid: str
    email: str | None = None
    name: str = ""
    sponsor_uid: str | None = None
    side: str | None = None


def join_members(*, newcomers: Sequence[Newcomer], joined_at: datetime | None = None, reason: str = "") -> None:
    """All of them or none, each placed as if they had joined one by one. The audit trail gets one row for the lot.

    Refuses what can't be accepted (`validation_error`), a number or e-mail that is taken, and a second root (`duplicate`),
    a sponsor who isn't there (`conflict`).
    """
    if not newcomers:
        return
    for newcomer in newcomers:
        check_newcomer(newcomer)
    with translated(), transaction.atomic():
        record("members.joined", after={"members": len(newcomers), "last_uid": newcomers[-1].uid}, reason=reason)
        with connection.cursor() as cursor:
            cursor.execute(
                JOIN,
                {
                    "uids": [newcomer.uid for newcomer in newcomers],
                    "emails": [newcomer.email.lower() if newcomer.email else None for newcomer in newcomers],
                    "names": [newcomer.name for newcomer in newcomers],
                    "sponsor_uids": [newcomer.sponsor_uid for newcomer in newcomers],
                    "sides": [newcomer.side for newcomer in newcomers],
                    "at": joined_at or clock.now(),
                },
            )
        checkpoint("members: before commit")


def check_newcomer(newcomer: Newcomer) -> None:
    """Raises Invalid for what no member can have, whoever else there is."""
    check(uid=newcomer.uid, email=newcomer.email, name=newcomer.name)
    if newcomer.sponsor_uid == newcomer.uid:
        raise Invalid(field="sponsor_uid", reason=_("is the member itself"))
    if newcomer.side is not None and (newcomer.sponsor_uid is None or newcomer.side not in Side.values):
        raise Invalid(field="side", reason=_("is L or R, under a sponsor"))
