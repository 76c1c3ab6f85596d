"""Give a person a new password, which ends all their other log-ins."""

from django.db import transaction

from aeghash.core.actors import acting_as, person
from aeghash.core.models import User
from aeghash.core.operations.end_log_ins import end_other_log_ins
from aeghash.core.operations.record import record


@transaction.atomic
def change_password(*, user: User, password: str, session_key: str) -> int:
    """The caller has checked the old password and the new one's strength. Returns how many log-ins it ended.

    A session that no log-in names ends as well: its fingerprint of the password no longer fits.
    """
    user.set_password(password)
    user.save(update_fields=["password"])
    with acting_as(person(user)):
        record("password.changed", of=user)
    return end_other_log_ins(user=user, session_key=session_key)
