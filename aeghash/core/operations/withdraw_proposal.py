"""Take back an act that was asked for."""

from django.db import transaction

from aeghash.core import clock
from aeghash.core.actors import acting_as, person
from aeghash.core.models import Proposal, User
from aeghash.core.models.proposals import ProposalStatus
from aeghash.core.operations.approve_proposal import check_waiting, locked
from aeghash.core.operations.propose import check_entitled, summary
from aeghash.core.operations.record import record


@transaction.atomic
def withdraw_proposal(*, proposal_id: int, by: User, reason: str = "") -> Proposal:
    """By whoever asked for it, or whoever could agree to it. Refuses one that is decided or expired."""
    proposal = locked(proposal_id)
    check_waiting(proposal)
    if by.pk != proposal.proposed_by_id:
        check_entitled(by, proposal.act.may_approve)
    proposal.status, proposal.decided_by, proposal.decided_at = ProposalStatus.WITHDRAWN, by, clock.now()
    proposal.save(update_fields=["status", "decided_by", "decided_at"])
    with acting_as(person(by)):
        record("proposal.withdrawn", of=proposal, before={"status": "waiting"}, after=summary(proposal), reason=reason)
    return proposal
