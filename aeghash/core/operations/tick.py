"""What happens every few seconds: by Celery's beat, or by `run_jobs --forever`."""

from aeghash.core.operations.release_expired_leases import release_expired_leases
from aeghash.core.operations.start_due_schedules import start_due_schedules
from aeghash.core.operations.want_alerts_sent import want_alerts_sent


def tick() -> None:
    """Makes due what has become due. Any number at once, killed anywhere, leave each occurrence and each job once."""
    start_due_schedules()
    release_expired_leases()
    want_alerts_sent()
