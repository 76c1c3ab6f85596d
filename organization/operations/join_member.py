"""Make a member: the user, the membership and both places at once."""

import json
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.errors import Duplicate, Invalid
from aeghash.core.models import User
from aeghash.core.operations.record import audit_fields
from organization.models import Member, Node, Side

# Addresses there belong to members without an e-mail of their own.
OWN_DOMAIN: Final = "@members.invalid"
LONGEST_UID: Final = 255
LONGEST_NAME: Final = 150
LONGEST_EMAIL: Final = 254

JOIN: Final = """
    SELECT * FROM join_member(
        %(uid)s, %(email)s, %(name)s, %(sponsor)s, %(side)s, %(at)s, %(audit)s::jsonb
    )
"""


class MemberExists(Duplicate):
    """`field` says what is taken: `uid` or `email`."""

    code = "member_exists"
    sentence = _("There is somebody with this member number or e-mail already.")


def join_member(
    *, uid: str | None, email: str | None = None, name: str = "", sponsor: Member | None, side: Side | None = None
) -> Member:
    """The newcomer gets the first open slot under the sponsor in level order, below `side` if one is asked for.

    Without a sponsor only the company's root joins. Refuses what can't be accepted (`validation_error`, with the field)
    and a number or e-mail that is taken (`member_exists`). Whoever calls this within a transaction holds the tree's lock
    until that commits: nothing slow may follow.
    """
    check(uid=uid, email=email, name=name)
    asked = checked_side(side, sponsor)
    given = {"uid": uid, "email": email.lower() if email else None, "name": name, "side": asked}
    act = audit_fields(
        "member.joined",
        object_type=Member._meta.label_lower,
        after={**given, "sponsor": sponsor and sponsor.pk},
    )
    values = {**given, "sponsor": sponsor and sponsor.pk, "at": clock.now(), "audit": document(act)}
    for member in Member.objects.raw(JOIN, values):
        return member
    raise MemberExists(field="uid" if uid and User.objects.filter(uid=uid).exists() else "email")


def check(*, uid: str | None, email: str | None, name: str) -> None:
    """Raises Invalid, with the field, for what no member can have."""
    check_text("uid", uid, LONGEST_UID)
    check_text("name", name, LONGEST_NAME)
    check_text("email", email, LONGEST_EMAIL)
    if uid is not None and not uid.strip():
        raise Invalid(field="uid", reason=_("may not be blank"))
    if email:
        check_email(email)


def check_text(field: str, text: str | None, longest: int) -> None:
    reason: str | Promise | None = None
    if text and len(text) > longest:
        reason = _("is too long")
    elif text and any(letter < " " or letter == "\x7f" or "\ud800" <= letter <= "\udfff" for letter in text):
        reason = _("holds a character that can't be stored")
    if reason:
        raise Invalid(field=field, reason=reason)


def check_email(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid(field="email", reason=_("is no e-mail address")) from None
    if email.lower().endswith(OWN_DOMAIN):
        raise Invalid(field="email", reason=_("is of the domain kept for members without an e-mail"))


def checked_side(side: Side | str | None, sponsor: Member | None) -> str | None:
    if side is None:
        if sponsor is None and Node.objects.filter(parent=None).exists():
            raise Invalid(field="sponsor_uid", reason=_("is needed: the company's root stands already"))
        return None
    if sponsor is None or side not in Side.values:
        raise Invalid(field="side", reason=_("is L or R, under a sponsor"))
    return str(Side(side).value)


def document(act: dict[str, str]) -> str:
    """`before` and `after` are documents already; here they are parts of one."""
    return json.dumps({**act, "before": json.loads(act["before"]), "after": json.loads(act["after"])})
