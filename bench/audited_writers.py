"""What the audit trail costs those who write: eight of them, with the sealer at work beside them."""

import time
from typing import Final

from django.db import transaction

from aeghash.core import ids
from aeghash.core.actors import acting_as, job
from aeghash.core.models import Heartbeat, User
from aeghash.core.operations.record import record
from aeghash.core.operations.seal_audit import seal_audit
from bench.crew import crew
from bench.measure import Row, compare

WRITERS: Final = 8


def run() -> list[Row]:
    User.objects.bulk_create([User(email=email(number)) for number in range(WRITERS)])
    with crew(WRITERS) as writers:
        row = compare(
            (f"{WRITERS} audited writers", lambda: writers.rate(audited, beside=seal)),
            ("the same unaudited", lambda: writers.rate(unaudited)),
            at_least=0.85,
        )
    return [row]


def unaudited(number: int) -> None:
    with transaction.atomic():
        verify(number)


def audited(number: int) -> None:
    with transaction.atomic(), acting_as(job("bench")):
        user = verify(number)
        record(
            "user.verified",
            of=user,
            before={"is_verified": not user.is_verified},
            after={"is_verified": user.is_verified},
            reason="measured",
        )


def verify(number: int) -> User:
    """The product's one shape of transition, on a row of the writer's own: lock, look, write, ledger, job."""
    user = User.objects.select_for_update().get(email=email(number))
    user.update(is_verified=not user.is_verified)
    for stand_in in ("transfer", "job"):
        Heartbeat.objects.create(name=f"{stand_in} {ids.new_uuid()}")
    return user


def seal(_number: int) -> None:
    seal_audit()
    time.sleep(0.25)


def email(number: int) -> str:
    return f"writer-{number}@aeghash.example"
