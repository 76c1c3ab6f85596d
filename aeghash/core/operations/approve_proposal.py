"""Agree to an act as the second person, which carries it out."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.actors import acting_as, person
from aeghash.core.audit.values import plain
from aeghash.core.errors import NotFound, Refusal
from aeghash.core.models import Proposal, User
from aeghash.core.models.proposals import ProposalStatus
from aeghash.core.operations.propose import check_entitled, check_not_own_rights, digest_of, summary
from aeghash.core.operations.prove_presence import prove_presence
from aeghash.core.operations.record import record
from aeghash.core.queries.entitled import holders


class SameApprover(Refusal):
    code = "same_approver"
    sentence = _("You have asked for this yourself: another person must agree.")


class AlreadyDecided(Refusal):
    code = "already_decided"
    sentence = _("This has been decided already.")


class ProposalExpired(Refusal):
    code = "proposal_expired"
    sentence = _("This has waited too long: it must be proposed again.")


class ProposalChanged(Refusal):
    code = "proposal_changed"
    sentence = _("What would be done is no longer what was shown: look at it again, or propose it anew.")


class ProposerLostRight(Refusal):
    code = "proposer_not_entitled"
    sentence = _("Whoever asked for this has lost the right to.")


def approve_proposal(*, proposal_id: int, digest: str, by: User, code: str = "") -> Proposal:
    """Does what the proposal says, once, in the approval's own transaction.

    `digest` is what the approver was shown. Refuses: a missing or used code (`otp_invalid`), the proposer
    (`same_approver`), somebody without the right (`permission_denied`), one's own rights (`own_rights`), a proposal that
    was decided (`already_decided`), is too old (`proposal_expired`), shows something else than what would be done
    (`proposal_changed`), or whose proposer has lost the right (`proposer_not_entitled`).
    """
    prove_presence(person=by, code=code)  # commits by itself: a refusal below must not give a used code back
    return agree(proposal_id=proposal_id, digest=digest, by=by)


@transaction.atomic
def agree(*, proposal_id: int, digest: str, by: User) -> Proposal:
    """The same for a caller that has seen to the second person's presence itself."""
    with acting_as(person(by)):
        proposal = locked(proposal_id)
        _check(proposal, digest, by)
        return _execute(proposal, by)


def locked(proposal_id: int) -> Proposal:
    """Whoever comes second waits here and then finds it decided."""
    proposal = Proposal.objects.select_for_update(of=("self",)).filter(pk=proposal_id).first()
    if proposal is None:
        raise NotFound
    return proposal


def check_waiting(proposal: Proposal) -> None:
    if proposal.status != ProposalStatus.WAITING:
        raise AlreadyDecided
    if clock.now() >= proposal.expires_at:
        raise ProposalExpired


def _check(proposal: Proposal, digest: str, by: User) -> None:
    check_waiting(proposal)
    if by.pk == proposal.proposed_by_id:
        raise SameApprover
    check_entitled(by, proposal.act.may_approve)
    check_not_own_rights(proposal.act, proposal.content, by)
    if not holders(proposal.act.may_propose, [proposal.proposed_by_id]):
        raise ProposerLostRight
    now_seen = plain(proposal.act.seen(proposal.content))
    if not digest == proposal.digest == digest_of(proposal.kind, proposal.content, now_seen):
        raise ProposalChanged


def _execute(proposal: Proposal, by: User) -> Proposal:
    proposal.status = ProposalStatus.EXECUTED
    proposal.decided_by, proposal.decided_at = by, clock.now()
    proposal.result = plain(proposal.act.execute(proposal.content))
    proposal.save(update_fields=["status", "decided_by", "decided_at", "result"])
    record("proposal.executed", of=proposal, before={"status": "waiting"}, after=summary(proposal))
    return proposal
