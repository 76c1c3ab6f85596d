"""Members by what staff have at hand: a number, a code, an e-mail, a name."""

from typing import Any, Final

from django.db.models import Q, QuerySet

from aeghash.core.models import User
from organization.models import Member

LONGEST: Final = 255


def found_members(rows: QuerySet[Member], text: str, *, in_full: bool) -> QuerySet[Member]:
    """Those whose member number or code begins so, or whose name holds it.

    Whoever doesn't see personal data finds an e-mail, and a number that may be one, by the whole of it alone: else it
    could be guessed letter by letter.
    """
    text = text.strip()[:LONGEST]
    if not text:
        return rows
    if "\0" in text:
        return rows.none()
    return rows.filter(Q(pk__in=_users(text, in_full)) | Q(pk__in=_codes(text)))


def _users(text: str, in_full: bool) -> QuerySet[User, Any]:
    """A union and not an OR: each part is answered by its own index."""
    how = "startswith" if in_full else "exact"
    parts = [Q(**{f"uid__{how}": text}), Q(**{f"email__{how}": text.lower()}), Q(name__icontains=text)]
    first, *others = (User.objects.filter(part).order_by().values("pk") for part in parts)
    return first.union(*others, all=True)


def _codes(text: str) -> QuerySet[Member, Any]:
    return Member.objects.filter(referral_code__startswith=text.lower()).values("pk")
