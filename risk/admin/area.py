from typing import Final

from django.utils.translation import gettext_lazy as _

from aeghash.core.admin.kit import cells
from aeghash.core.admin.navigation import Area
from aeghash.core.models import User

RISK: Final = Area(40, _("Risk"))


def member(user: User | None) -> str:
    """By the number the partner gave, which may be an e-mail."""
    if user is None:
        return cells.NOTHING
    return cells.email(user.uid or user.email)
