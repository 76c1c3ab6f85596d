"""Members by what they are called."""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from aeghash.core.errors import NotFound
from aeghash.core.models import User
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


def has_root() -> bool:
    return Member.objects.filter(sponsor=None).exists()


def sponsors_of(uids: Collection[str]) -> dict[str, str | None]:
    """For those of these numbers who are members, their sponsors' numbers."""
    found = Member.objects.filter(user__uid__in=uids).values_list("user__uid", "sponsor__user__uid")
    return {str(uid): sponsor for uid, sponsor in found}


def emails_taken(emails: Collection[str]) -> dict[str, str | None]:
    """For those of these addresses that somebody has, that user's number."""
    return dict(User.objects.filter(email__in=emails).values_list("email", "uid"))
