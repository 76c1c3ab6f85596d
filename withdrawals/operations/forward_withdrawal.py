"""HashDam has paid the company's exchange account; people pay the member from there."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core.actors import acting_as, person
from aeghash.core.errors import Invalid, Refusal
from aeghash.core.models import User
from aeghash.core.operations.propose import check_entitled
from aeghash.core.operations.prove_presence import prove_presence
from aeghash.core.operations.record import record
from aeghash.core.transactions import opens_one
from withdrawals.models import Action, Status, Withdrawal
from withdrawals.operations.approve_withdrawal import SameApprover
from withdrawals.operations.settle_withdrawal import complete_withdrawal
from withdrawals.operations.step import VersionConflict, check_status, lock_withdrawal, write_down
from withdrawals.rights import CONFIRM, RECORD


class NothingRecorded(Refusal):
    code = "nothing_recorded"
    sentence = _("Nobody has recorded a transaction of the exchange yet.")


class TransactionUsed(Refusal):
    code = "transaction_used"
    sentence = _("Another request was forwarded by this transaction.")


@opens_one()
def record_forwarding(*, withdrawal_id: int, by: User, txid: str) -> Withdrawal:
    """One person says by which transaction of the exchange the member was paid. Said again with the same: nothing happens;
    another one replaces it, and takes another's confirmation.

    Refuses: somebody without the right (`permission_denied`), an empty number (`validation_error`), one that another request
    was forwarded by (`transaction_used`), a request that isn't to be forwarded (`invalid_state`).
    """
    check_entitled(by, RECORD)
    if not txid.strip():
        raise Invalid(field="txid", reason=_("Give the transaction's number."))
    with acting_as(person(by)):
        withdrawal = lock_withdrawal(withdrawal_id)
        check_status(withdrawal, Status.FORWARDING)
        if Withdrawal.objects.exclude(pk=withdrawal.pk).filter(forwarding_txid=txid.strip()).exists():
            raise TransactionUsed
        if (withdrawal.forwarding_txid, withdrawal.forwarded_by_id) == (txid.strip(), by.pk):
            return withdrawal
        before = {"forwarding_txid": withdrawal.forwarding_txid}
        _name_transaction(withdrawal, txid.strip(), by)
        write_down(withdrawal, Action.FORWARDED, details={"txid": txid.strip()})
        record("withdrawal.forwarded", of=withdrawal, before=before, after={"forwarding_txid": txid.strip()})
        return withdrawal


def confirm_forwarding(*, withdrawal_id: int, by: User, version: int, code: str = "") -> Withdrawal:
    """Another person has seen the transaction at the exchange: the request is completed, and the sum no longer owed.

    Refuses: somebody without the right (`permission_denied`), a missing or used code (`otp_invalid`), a request that isn't
    to be forwarded (`invalid_state`), nothing recorded (`nothing_recorded`), whoever recorded it (`same_approver`), and a
    version other than the row's (`version_conflict`).
    """
    check_entitled(by, CONFIRM)
    prove_presence(person=by, code=code)
    return _confirm(withdrawal_id, by, version)


def _name_transaction(withdrawal: Withdrawal, txid: str, by: User) -> None:
    try:
        with transaction.atomic():
            withdrawal.update(forwarding_txid=txid, forwarded_by=by, version=withdrawal.version + 1)
    except IntegrityError:  # somebody has recorded it for another request at this very moment
        raise TransactionUsed from None


@opens_one()
def _confirm(withdrawal_id: int, by: User, version: int) -> Withdrawal:
    with acting_as(person(by)):
        withdrawal = lock_withdrawal(withdrawal_id)
        check_status(withdrawal, Status.FORWARDING)
        if not withdrawal.forwarding_txid:
            raise NothingRecorded
        if by.pk in (withdrawal.forwarded_by_id, withdrawal.user_id):
            raise SameApprover
        if withdrawal.version != version:
            raise VersionConflict
        return complete_withdrawal(withdrawal, details={"txid": withdrawal.forwarding_txid})
