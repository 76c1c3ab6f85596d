"""The right of this app, out of the one table of all."""

from typing import Final

from aeghash.core.rights import permission

MANAGE_PARTNERS: Final = permission("manage_partners")
