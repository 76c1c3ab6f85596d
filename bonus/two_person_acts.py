"""The acts of bonuses that take two people."""

from bonus.operations.change_rules import CHANGE_RULES
from bonus.operations.confirm_closing import CONFIRM_CLOSING

__all__ = ["CHANGE_RULES", "CONFIRM_CLOSING"]
