"""Write down what became of a call."""

from django.db import DatabaseError

from aeghash.core.middleware import current_request_id
from partners.models import Call, PartnerKey
from partners.operations.admit_call import Line


def log_refusal(*, key: PartnerKey | None, line: Line, status: int, code: str) -> None:
    """Of a call that was not let in. A log that can't be written is no reason to let it in, nor to fail."""
    try:
        Call.objects.create(
            key=key,
            key_given=line.key_given[:64],
            method=line.method[:8],
            path=line.path[:500],
            status=status,
            code=code,
            address=line.address,
            request_id=current_request_id(),
        )
    except DatabaseError:
        return


def log_outcome(*, call: int, status: int, code: str) -> None:
    try:
        Call.objects.filter(pk=call).update(status=status, code=code)
    except DatabaseError:
        return
