"""The acts of bonuses that take two people."""

from bonus.operations.change_rules import CHANGE_RULES
from bonus.operations.change_settings import CHANGE_SETTINGS
from bonus.operations.confirm_closing import CONFIRM_CLOSING

__all__ = ["CHANGE_RULES", "CHANGE_SETTINGS", "CONFIRM_CLOSING"]
