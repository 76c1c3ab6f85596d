"""The staff's pages. Django looks here for the screens of the core; other apps register theirs the same way."""

from aeghash.core.admin import site as _site  # noqa: F401 - before the screens, which register with it
from aeghash.core.admin.screens import cards as _cards  # noqa: F401
from aeghash.core.admin.screens.alerts import AlertScreen
from aeghash.core.admin.screens.audit import AuditScreen
from aeghash.core.admin.screens.jobs import JobScreen
from aeghash.core.admin.screens.kill_switch import KillSwitchScreen
from aeghash.core.admin.screens.proposals import ProposalScreen
from aeghash.core.admin.screens.schedules import ScheduleScreen
from aeghash.core.admin.screens.users import UserScreen

__all__ = [
    "AlertScreen",
    "AuditScreen",
    "JobScreen",
    "KillSwitchScreen",
    "ProposalScreen",
    "ScheduleScreen",
    "UserScreen",
]
