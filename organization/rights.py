"""The rights of this app, out of the one table of all."""

from typing import Final

from aeghash.core.rights import permission

VIEW_ORGANIZATION: Final = permission("view_organization")
PLACE_MEMBERS: Final = permission("place_members")
SET_RANKS: Final = permission("set_ranks")
