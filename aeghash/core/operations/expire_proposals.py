"""Close what nobody agreed to in time."""

from django.db import transaction

from aeghash.core import clock
from aeghash.core.models import Proposal
from aeghash.core.models.proposals import ProposalStatus
from aeghash.core.operations.propose import summary
from aeghash.core.operations.record import record


@transaction.atomic
def expire_proposals() -> int:
    """Rows that somebody is deciding right now are left to them."""
    due = Proposal.objects.filter(status=ProposalStatus.WAITING, expires_at__lte=clock.now())
    proposals = list(due.select_for_update(skip_locked=True, of=("self",)).order_by("pk"))
    for proposal in proposals:
        proposal.status, proposal.decided_at = ProposalStatus.EXPIRED, clock.now()
        proposal.save(update_fields=["status", "decided_at"])
        record("proposal.expired", of=proposal, before={"status": "waiting"}, after=summary(proposal))
    return len(proposals)
