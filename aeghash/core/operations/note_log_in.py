"""Remember who logged in, from where, with what."""

from django.db import transaction

from aeghash.core.actors import acting_as, person
from aeghash.core.models import LogIn, User
from aeghash.core.operations.record import record


@transaction.atomic
def note_log_in(*, user: User, session_key: str, address: str | None, user_agent: str) -> LogIn:
    log_in = LogIn.objects.create(
        user=user, session_key=session_key, address=address, user_agent=user_agent.replace("\0", "")[:300]
    )
    with acting_as(person(user)):
        record("log_in.begun", of=log_in, after={"device": log_in.device, "source": address})
    return log_in
