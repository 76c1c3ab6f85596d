"""What a caller may see of a member."""

from typing import Any

from aeghash.core.audit.masking import masked_text, partly_masked_email
from aeghash.core.models import User
from aeghash.core.rights import SEE_PERSONAL_DATA


def may_see_all(caller: User) -> bool:
    return bool(caller.has_perm(SEE_PERSONAL_DATA))


def email_for(caller: User, text: str) -> str:
    return text if may_see_all(caller) else partly_masked_email(text)


def uid_for(caller: User, text: str | None) -> str | None:
    """A mall's number of a member is often their e-mail."""
    return text if text is None or may_see_all(caller) else masked_text(text)


def with_uids_for(caller: User, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not may_see_all(caller):
        for row in rows:
            row["uid"] = uid_for(caller, row["uid"])
    return rows
