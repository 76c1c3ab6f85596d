"""The life of a withdrawal: every step that may be taken. The database refuses any other (`withdrawals_legal_step`)."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    PENDING = "pending", _("waiting for the first approval")
    APPROVED_PENDING = "approved_pending", _("waiting for the second approval")
    APPROVED = "approved", _("approved")
    SUBMITTING = "submitting", _("being submitted")
    RETRYING = "retrying", _("to be submitted again")
    UNKNOWN = "unknown", _("outcome unknown")
    MANUAL_REVIEW = "manual-review", _("manual review")
    SUBMITTED = "submitted", _("submitted")
    FORWARDING = "forwarding", _("to be forwarded")
    COMPLETED = "completed", _("completed")
    FAILED = "failed", _("failed")
    REJECTED = "rejected", _("rejected")
    CANCELLED = "cancelled", _("cancelled")


CLOSED: Final = (Status.COMPLETED, Status.FAILED, Status.REJECTED, Status.CANCELLED)
OPEN: Final = tuple(status for status in Status if status not in CLOSED)
FIRST: Final = (Status.PENDING, Status.CANCELLED)
UNDECIDED: Final = (Status.PENDING, Status.APPROVED_PENDING)
# What may have left the house already: the money stays held until there is proof.
SENT_OR_BEING_SENT: Final = (
    Status.SUBMITTING,
    Status.UNKNOWN,
    Status.MANUAL_REVIEW,
    Status.SUBMITTED,
    Status.FORWARDING,
    Status.COMPLETED,
)

EDGES: Final[dict[Status, tuple[Status, ...]]] = {
    Status.PENDING: (Status.APPROVED_PENDING, Status.APPROVED, Status.REJECTED, Status.CANCELLED),
    Status.APPROVED_PENDING: (Status.APPROVED, Status.REJECTED, Status.CANCELLED, Status.PENDING),
    Status.APPROVED: (Status.SUBMITTING, Status.PENDING),
    Status.SUBMITTING: (Status.SUBMITTED, Status.RETRYING, Status.FAILED, Status.UNKNOWN),
    Status.RETRYING: (Status.SUBMITTING, Status.FAILED),
    Status.UNKNOWN: (Status.SUBMITTED, Status.MANUAL_REVIEW),
    Status.MANUAL_REVIEW: (Status.SUBMITTED, Status.APPROVED, Status.FAILED),
    Status.SUBMITTED: (Status.COMPLETED, Status.FORWARDING, Status.FAILED),
    Status.FORWARDING: (Status.COMPLETED,),
    Status.COMPLETED: (),
    Status.FAILED: (),
    Status.REJECTED: (),
    Status.CANCELLED: (),
}
