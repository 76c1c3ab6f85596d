"""The organisation's screens. Django looks here for them."""

from organization.admin import cards as _cards  # noqa: F401 - they register themselves
from organization.admin import verbs as _verbs  # noqa: F401
from organization.admin.daily_volumes import DailyVolumeScreen
from organization.admin.histories import RankChangeScreen, SpilloverScreen
from organization.admin.members import MemberScreen
from organization.admin.orders import OrderScreen
from organization.admin.tree import TreeScreen

__all__ = ["DailyVolumeScreen", "MemberScreen", "OrderScreen", "RankChangeScreen", "SpilloverScreen", "TreeScreen"]
