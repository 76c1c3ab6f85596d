"""The organisation's screens. Django looks here for them."""

from organization.admin import dashboard as _dashboard  # noqa: F401 - its card registers itself
from organization.admin import verbs as _verbs  # noqa: F401
from organization.admin.daily_volumes import DailyVolumeScreen
from organization.admin.histories import RankChangeScreen, SpilloverScreen
from organization.admin.members import MemberScreen
from organization.admin.orders import OrderScreen
from organization.admin.tree import TreeScreen

__all__ = ["DailyVolumeScreen", "MemberScreen", "OrderScreen", "RankChangeScreen", "SpilloverScreen", "TreeScreen"]
