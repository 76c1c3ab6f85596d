"""Try again to credit a member's part of a closing."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.checkpoints import checkpoint
from aeghash.core.errors import NotFound, Refusal
from aeghash.core.models import Severity
from aeghash.core.operations.enqueue import enqueue
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.operations.record import record
from aeghash.core.transactions import with_db_retry
from bonus.models import ClosingMember, CreditState, Entry, EntryState
from bonus.operations.run_closing import CREDIT, POINT, take_back
from wallets.models.system_accounts import SystemAccount
from wallets.operations.post import post


class MemberSuspended(Refusal):
    code = "member_suspended"
    sentence = _("The member is suspended and can't be credited.")


@with_db_retry()
@transaction.atomic
def retry_credit(*, credit_id: int) -> ClosingMember:
    """Under the reference of the closing, so nobody is paid twice. Credited already: nothing changes.

    Refuses while the member is suspended (`member_suspended`), and as the ledger does.
    """
    credit = _locked(credit_id)
    if credit.status == CreditState.CREDITED:
        return credit
    if not credit.member.user.is_active:
        raise MemberSuspended
    if credit.amount > 0:
        post(
            reference=credit.reference,
            asset=POINT,
            amount=credit.amount,
            source=SystemAccount.BONUS_EXPENSE,
            target=credit.member_id,
        )
    elif credit.amount < 0:
        take_back(credit)
    _move(credit, CreditState.CREDITED, EntryState.CONFIRMED, "")
    record("bonus.credited", of=credit, after={"amount": credit.amount, "reference": credit.reference})
    return credit


@transaction.atomic
def note_failure(*, credit_id: int, error: str, is_last: bool) -> None:
    """Counts the attempt; after the last one the credit has failed, and somebody is told."""
    credit = _locked(credit_id)
    if credit.status == CreditState.CREDITED:
        return
    credit.attempts += 1
    if not is_last:
        _move(credit, CreditState.RETRYING, EntryState.RETRYING, error)
        return
    _move(credit, CreditState.FAILED, EntryState.FAILED, error)
    raise_alert(
        key=f"bonus.credit:{credit.pk}",
        severity=Severity.CRITICAL,
        sentence=_("A bonus could not be credited. It waits to be retried by hand."),
        member=credit.member_id,
        amount=credit.amount,
        reason=error,
    )


@transaction.atomic
def retry_by_hand(*, credit_id: int) -> None:
    """Puts a credit that failed back into the queue, with all its attempts."""
    credit = _locked(credit_id)
    if credit.status != CreditState.FAILED:
        return
    credit.attempts = 0
    _move(credit, CreditState.RETRYING, EntryState.RETRYING, credit.error)
    record("bonus.credit_retried", of=credit)
    enqueue(CREDIT, key=f"credit:{credit.pk}", credit_id=credit.pk)


def _locked(credit_id: int) -> ClosingMember:
    rows = ClosingMember.objects.select_for_update(of=("self",)).select_related("member__user")
    credit = rows.filter(pk=credit_id).first()
    if credit is None:
        raise NotFound
    checkpoint("bonus: credit locked")
    return credit


def _move(credit: ClosingMember, state: CreditState, entries: EntryState, error: str) -> None:
    credit.status, credit.error, credit.updated_at = state, error[:200], clock.now()
    credit.save(update_fields=["status", "error", "attempts", "updated_at"])
    mine = Entry.objects.filter(closing=credit.closing_id, beneficiary=credit.member_id).exclude(status=entries)
    mine.update(status=entries)
