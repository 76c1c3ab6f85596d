"""After a restore: nothing is submitted until the remotes' books have been compared with ours."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock, rights
from aeghash.core.acts import Act, Content, declare
from aeghash.core.errors import Refusal
from aeghash.core.models import Severity
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.operations.record import record
from withdrawals.models import SubmissionLock
from withdrawals.queries.submission_lock import identity


class NotReconciled(Refusal):
    code = "not_reconciled"
    sentence = _("First run reconcile_withdrawals until it is clean.")


@transaction.atomic
def lock_if_restored() -> bool:
    """Another system identifier or timeline than the one kept means that this database was restored or copied. The very
    first time they are only kept. Returns whether submissions are locked.
    """
    lock = SubmissionLock.objects.select_for_update().get()
    system_identifier, timeline = identity()
    known, now = (lock.system_identifier, lock.timeline), (system_identifier, timeline)
    if known == now:
        return lock.is_locked
    lock.system_identifier, lock.timeline, lock.changed_at = system_identifier, timeline, clock.now()
    if known != ("", ""):
        lock.is_locked, lock.reconciled_at = True, None
        lock.reason = "the database was restored"
        record(
            "submissions.locked", of=lock, before={"is_locked": False}, after={"is_locked": True}, reason=lock.reason
        )
        raise_alert(
            key="submissions-locked",
            severity=Severity.CRITICAL,
            sentence=_("The database was restored: submissions are locked until reconciliation is clean."),
        )
    lock.save()
    return lock.is_locked


@transaction.atomic
def note_clean_reconciliation() -> None:
    """The remotes' books have been compared, and nothing was found that isn't explained."""
    SubmissionLock.objects.filter(is_locked=True).update(reconciled_at=clock.now())


def _unlock(_content: Content) -> None:
    lock = SubmissionLock.objects.select_for_update().get()
    if not lock.is_locked:
        return
    if lock.reconciled_at is None:
        raise NotReconciled
    lock.is_locked, lock.reason, lock.changed_at = False, "", clock.now()
    lock.save(update_fields=["is_locked", "reason", "changed_at"])
    record("submissions.unlocked", of=lock, before={"is_locked": True}, after={"is_locked": False})


UNLOCK_SUBMISSIONS = declare(
    Act(
        kind="withdrawals.unlock_submissions",
        label=_("Let submissions go on after a restore"),
        may_propose=rights.LIFT_KILL_SWITCH,
        may_approve=rights.LIFT_KILL_SWITCH,
        execute=_unlock,
        seen=lambda _content: SubmissionLock.objects.values("is_locked", "reason").get(),
        describe=lambda _content: SubmissionLock.objects.values("reason", "reconciled_at").get(),
    )
)
