"""Two people decide what no machine may: what an unproven payout came to."""

from collections.abc import Iterable
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.actors import current_actor
from aeghash.core.acts import Act, Content, declare
from aeghash.core.errors import Invalid, Refusal
from aeghash.core.models import Proposal, User
from aeghash.core.models.proposals import ProposalStatus
from aeghash.core.operations.approve_proposal import approve_proposal
from aeghash.core.operations.propose import check_entitled, propose
from aeghash.core.payouts import Evidence, Failed, Found, NotReady, Settled
from aeghash.core.transactions import must_have_none
from withdrawals.models import Action, Status, Withdrawal, WithdrawalAttempt
from withdrawals.operations.approve_withdrawal import OwnRequest, give_approval, want_submitted
from withdrawals.operations.bind_remote_id import bind_remote_id, is_taken
from withdrawals.operations.close_attempt import abandon_attempt
from withdrawals.operations.fail_withdrawal import fail_withdrawal
from withdrawals.operations.reconcile_withdrawal import reconcile_withdrawal
from withdrawals.operations.step import WithdrawalNotFound, check_status, lock_withdrawal, step
from withdrawals.queries.channels import attempt_of, channel_of
from withdrawals.rights import APPROVE, RESOLVE

SUBMITTED: Final = "submitted"
RESEND: Final = "resend"
RELEASE: Final = "release"
RESOLUTIONS: Final = {
    SUBMITTED: _("It was submitted: bind it to the remote's number"),
    RESEND: _("It was not paid: send it again"),
    RELEASE: _("It was not paid: give the money back"),
}


class NotProven(Refusal):
    code = "not_proven"
    status = 422
    sentence = _("The remote doesn't show this number as this payout: %(reason)s")


class RemoteIdTaken(Refusal):
    code = "remote_id_taken"
    sentence = _("This number at the remote belongs to another request.")


class NotSettledYet(Refusal):
    code = "not_settled_yet"
    sentence = _("It can't be given up: %(reason)s. Look at the payout itself first.")


class AnotherDecisionWaits(Refusal):
    code = "another_decision_waits"
    sentence = _("Another decision on this request waits for its second person: agree to it, or withdraw it first.")


def resolve_withdrawal(
    *, withdrawal_id: int, resolution: str, by: User, reason: str, remote_id: str = "", code: str = ""
) -> tuple[Withdrawal, bool]:
    """The first person's word is proposed; the same word by a second person, with a code, carries it out. Returns whether it
    was carried out.

    Refuses what `propose_resolution` and every approval refuse; another word than the one that waits
    (`another_decision_waits`).
    """
    withdrawal = _in_review(withdrawal_id)
    waiting = _waiting(withdrawal)
    if waiting is None:
        propose_resolution(
            withdrawal_id=withdrawal_id, resolution=resolution, by=by, reason=reason, remote_id=remote_id
        )
    elif (waiting.content["resolution"], waiting.content["remote_id"]) != (resolution, remote_id.strip()):
        raise AnotherDecisionWaits
    else:
        approve_proposal(proposal_id=waiting.pk, digest=waiting.digest, by=by, code=code)
    return Withdrawal.objects.get(pk=withdrawal_id), waiting is not None


def _in_review(withdrawal_id: int) -> Withdrawal:
    """After one more look: what the remote shows by now needs nobody's word."""
    if not Withdrawal.objects.filter(pk=withdrawal_id).exists():
        raise WithdrawalNotFound
    withdrawal = reconcile_withdrawal(withdrawal_id=withdrawal_id)
    check_status(withdrawal, Status.MANUAL_REVIEW)
    return withdrawal


def _waiting(withdrawal: Withdrawal) -> Proposal | None:
    """Of this review: a word about an earlier one of the same request speaks of another version."""
    proposals = Proposal.objects.filter(
        kind=RESOLVE_REVIEW.kind, status=ProposalStatus.WAITING, expires_at__gt=clock.now()
    )
    of_this = proposals.filter(content__withdrawal=withdrawal.pk, seen__version=withdrawal.version)
    return of_this.order_by("pk").last()


@must_have_none()
def propose_resolution(*, withdrawal_id: int, resolution: str, by: User, reason: str, remote_id: str = "") -> Proposal:
    """The first person's word. What they say was submitted must be shown by the remote, now.

    Refuses: another word than `submitted`, `resend` or `release` (`validation_error`), a request that isn't in manual review
    (`invalid_state`), one's own request (`same_approver`), a number that another request has (`remote_id_taken`) or that the
    remote doesn't show as this payout (`not_proven`); and what every proposal refuses.
    """
    if resolution not in RESOLUTIONS:
        raise Invalid(field="resolution", reason=_("Choose submitted, resend or release."))
    withdrawal = _in_review(withdrawal_id)
    if by.pk in (withdrawal.user_id, withdrawal.requested_by_id):
        raise OwnRequest
    evidence = _proof(withdrawal, remote_id) if resolution == SUBMITTED else {}
    content = {
        "withdrawal": withdrawal_id,
        "resolution": resolution,
        "remote_id": remote_id.strip() if resolution == SUBMITTED else "",
        "evidence": dict(evidence),
        "proposed_by": by.pk,
        "reason": reason,
    }
    return propose(act=RESOLVE_REVIEW, content=content, by=by, reason=reason)


def _proof(withdrawal: Withdrawal, remote_id: str) -> Evidence:
    if not remote_id.strip():
        raise Invalid(field="remote_id", reason=_("Give the remote's number."))
    if is_taken(withdrawal, remote_id.strip()):
        raise RemoteIdTaken
    finding = channel_of(withdrawal).prove(attempt_of(_open_attempt(withdrawal)), remote_id.strip())
    if isinstance(finding, Found | Settled | Failed) and finding.remote_id == remote_id.strip():
        return finding.evidence
    raise NotProven(reason=getattr(finding, "reason", _("it shows something else")))


def _execute(content: Content) -> Any:
    """In the approval's transaction, by the second person."""
    withdrawal = lock_withdrawal(content["withdrawal"])
    check_status(withdrawal, Status.MANUAL_REVIEW)
    people = User.objects.filter(pk__in=(content["proposed_by"], current_actor().id)).order_by("pk")
    if {withdrawal.user_id, withdrawal.requested_by_id} & {person.pk for person in people}:
        raise OwnRequest
    try:
        _carry_out(withdrawal, content, people)
    except NotReady as known:
        raise NotSettledYet(reason=known.reason) from None
    return {"status": withdrawal.status}


def _carry_out(withdrawal: Withdrawal, content: Content, people: Iterable[User]) -> None:
    attempt = _open_attempt(withdrawal)
    match content["resolution"]:
        case "submitted":
            if is_taken(withdrawal, content["remote_id"]):
                raise RemoteIdTaken
            bind_remote_id(withdrawal, attempt, content["remote_id"], evidence=content["evidence"])
        case "resend":
            _send_again(withdrawal, attempt, people, content["reason"])
        case _:
            fail_withdrawal(withdrawal, content["reason"])


def _send_again(withdrawal: Withdrawal, attempt: WithdrawalAttempt, people: Iterable[User], reason: str) -> None:
    """With fresh approvals, which these two people have just given, in a round of their own."""
    abandon_attempt(withdrawal, attempt)
    withdrawal.round += 1
    for stage, person in enumerate(people, 1):
        check_entitled(person, APPROVE)
        give_approval(withdrawal, person, reason, stage=stage)
    step(withdrawal, Status.APPROVED, Action.APPROVED, reason=reason, round=withdrawal.round)
    want_submitted(withdrawal)


def _open_attempt(withdrawal: Withdrawal) -> WithdrawalAttempt:
    return WithdrawalAttempt.objects.select_related("withdrawal").get(withdrawal=withdrawal, closed_at__isnull=True)


def _seen(content: Content) -> Any:
    return Withdrawal.objects.values("status", "version", "digest").get(pk=content["withdrawal"])


def _describe(content: Content) -> dict[Any, Any]:
    withdrawal = Withdrawal.objects.select_related("asset").get(pk=content["withdrawal"])
    return {
        _("withdrawal"): f"#{withdrawal.pk}",
        _("amount"): f"{withdrawal.amount} {withdrawal.asset_id}",
        _("decision"): str(RESOLUTIONS[content["resolution"]]),
        _("number at the remote"): content["remote_id"] or "–",
        _("evidence"): content["evidence"] or "–",
        _("reason"): content["reason"],
    }


RESOLVE_REVIEW = declare(
    Act(
        kind="withdrawals.resolve",
        label=_("Resolve a manual review"),
        may_propose=RESOLVE,
        may_approve=RESOLVE,
        execute=_execute,
        seen=_seen,
        describe=_describe,
    )
)
