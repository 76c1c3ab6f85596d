"""End log-ins: whoever uses them must log in again."""

from importlib import import_module

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from aeghash.core import clock
from aeghash.core.actors import acting_as, person
from aeghash.core.models import LogIn, User
from aeghash.core.operations.record import record


def end_other_log_ins(*, user: User, session_key: str) -> int:
    """All of this person's but the one they are using. Returns how many that were."""
    return _end(user, LogIn.objects.active().filter(user=user).exclude(session_key=session_key))


def end_log_in(*, user: User, session_key: str) -> int:
    return _end(user, LogIn.objects.active().filter(user=user, session_key=session_key))


@transaction.atomic
def _end(user: User, which: QuerySet[LogIn]) -> int:
    log_ins = list(which.select_for_update(of=("self",)).order_by("pk"))
    store = import_module(settings.SESSION_ENGINE).SessionStore
    with acting_as(person(user)):
        for log_in in log_ins:
            store(log_in.session_key).delete()
            log_in.ended_at = clock.now()
            log_in.save(update_fields=["ended_at"])
            record("log_in.ended", of=log_in)
    return len(log_ins)
