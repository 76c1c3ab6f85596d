"""Members by what they are called."""

from django.utils.translation import gettext_lazy as _

from aeghash.core.errors import NotFound
from organization.models import Member


class MemberNotFound(NotFound):
    code = "member_not_found"
    sentence = _("There is no member %(uid)s.")


def member_by_uid(uid: str) -> Member:
    """With the user. Refuses a number that nobody has (`member_not_found`)."""
    member = Member.objects.select_related("user").filter(user__uid=uid).first() if "\0" not in uid else None
    if member is None:
        raise MemberNotFound(uid=uid)
    return member


def root_member() -> Member:
    """The company, which stands above all. Refuses while nobody has joined (`member_not_found`)."""
    member = Member.objects.select_related("user").filter(sponsor=None).first()
    if member is None:
        raise MemberNotFound(uid="")
    return member
