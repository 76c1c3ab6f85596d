"""Explain a withdrawal at the pool that is not ours. Takes two people: until then it counts as theft."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import rights
from aeghash.core.acts import Act, Content, declare
from aeghash.core.errors import Invalid, NotFound
from aeghash.core.operations.record import record
from mining.models import MiningWithdrawal, Owner, PoolWithdrawal


class NotNobodys(Invalid):
    code = "not_an_orphan"
    status = 409


@transaction.atomic
def register_external(*, remote_id: str, explanation: str) -> PoolWithdrawal:
    """Payouts may go on. The same again changes nothing. Refuses one of ours (`not_an_orphan`) and an empty explanation."""
    row = PoolWithdrawal.objects.select_for_update().filter(remote_id=remote_id).first()
    if row is None:
        raise NotFound
    if row.owner == Owner.EXTERNAL:
        return row
    if row.owner == Owner.OURS or MiningWithdrawal.objects.filter(remote_id=remote_id).exists():
        raise NotNobodys(field="remote_id", reason=_("is one of our own payouts."))
    if not explanation.strip():
        raise Invalid(field="explanation", reason=_("Say why."))
    row.owner, row.explanation = Owner.EXTERNAL, explanation.strip()
    row.save(update_fields=["owner", "explanation"])
    record(
        "mining.registered_external",
        of=row,
        before={"owner": "nobody"},
        after={"owner": "external"},
        reason=explanation,
    )
    return row


def _execute(content: Content) -> dict[str, Any]:
    row = register_external(remote_id=content["remote_id"], explanation=content["explanation"])
    return {"owner": row.owner}


def _seen(content: Content) -> Any:
    return list(PoolWithdrawal.objects.filter(remote_id=content["remote_id"]).values("coin", "amount", "owner"))


REGISTER_EXTERNAL = declare(
    Act(
        kind="mining.register_external",
        label=_("Explain a withdrawal that is not ours"),
        may_propose=rights.permission("resolve_withdrawals"),
        may_approve=rights.permission("resolve_withdrawals"),
        execute=_execute,
        seen=_seen,
        describe=lambda content: {
            _("withdrawal at the pool"): content["remote_id"],
            _("amount"): f"{content['amount']} {content['coin']}",
            _("explanation"): content["explanation"],
        },
    )
)
