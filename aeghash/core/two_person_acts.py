"""The core's acts that take two people. Each app has such a list, so that a proposal of any kind finds its act."""

from aeghash.core.operations.change_roles import CHANGE_ROLES
from aeghash.core.operations.reset_second_factor import RESET_SECOND_FACTOR
from aeghash.core.operations.set_kill_switch import LIFT_KILL_SWITCH

__all__ = ["CHANGE_ROLES", "LIFT_KILL_SWITCH", "RESET_SECOND_FACTOR"]
