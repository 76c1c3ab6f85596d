"""Whether this database is the one it was: after a restore its remotes know more than it does."""

from django.db import connection

from withdrawals.models import SubmissionLock

IDENTITY = """
    SELECT system_identifier::text, (SELECT timeline_id::text FROM pg_control_checkpoint()) FROM pg_control_system()
"""


def identity() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(IDENTITY)
        system_identifier, timeline = cursor.fetchone()
    return str(system_identifier), str(timeline)


def why_locked() -> str:
    """Empty: submissions may go on. What nobody has noted yet is locked all the same."""
    lock = SubmissionLock.objects.get()
    if lock.is_locked:
        return f"submissions are locked: {lock.reason}"
    if lock.system_identifier and (lock.system_identifier, lock.timeline) != identity():
        return "the database was restored"
    return ""
