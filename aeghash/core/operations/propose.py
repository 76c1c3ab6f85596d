"""Ask for an act that takes two people."""

import hashlib
import json
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.actors import acting_as, person
from aeghash.core.acts import Act, Content
from aeghash.core.audit.values import plain
from aeghash.core.errors import Invalid, NotAllowed, Refusal
from aeghash.core.models import Proposal, User
from aeghash.core.operations.record import record
from aeghash.core.queries.entitled import holders


class OwnRights(Refusal):
    code = "own_rights"
    status = 403
    sentence = _("Nobody changes their own rights, nor agrees to it.")


@transaction.atomic
def propose(*, act: Act, content: Content, by: User, reason: str) -> Proposal:
    """Writes down exactly what is to be done. Nothing happens until another person agrees.

    Refuses: somebody without the right (`permission_denied`), a missing reason (`validation_error`), one's own rights
    (`own_rights`).
    """
    check_entitled(by, act.may_propose)
    check_not_own_rights(act, content, by)
    if not reason.strip():
        raise Invalid(field="reason", reason=_("Say why."))
    proposal = _written(act, plain(content), by, reason.strip())
    with acting_as(person(by)):
        record("proposal.made", of=proposal, after=summary(proposal), reason=reason)
    return proposal


def check_entitled(person: User, right: str) -> None:
    """Asks the database, not the instance: a right may have been lost since it was loaded."""
    if not holders(right, [person.pk]):
        raise NotAllowed


def check_not_own_rights(act: Act, content: Content, person: User) -> None:
    if person.pk in set(act.raises(content)):
        raise OwnRights


def digest_of(kind: str, content: Any, seen: Any) -> str:
    canonical = json.dumps([kind, content, seen], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def summary(proposal: Proposal) -> dict[str, Any]:
    return {"kind": proposal.kind, "content": proposal.content, "digest": proposal.digest, "status": proposal.status}


def _written(act: Act, content: Any, by: User, reason: str) -> Proposal:
    now, seen = clock.now(), plain(act.seen(content))
    return Proposal.objects.create(
        kind=act.kind,
        content=content,
        seen=seen,
        digest=digest_of(act.kind, content, seen),
        reason=reason,
        proposed_by=by,
        proposed_at=now,
        expires_at=now + act.lasts,
    )
