from aeghash.core.models.alerts import Alert, AlertState, Severity
from aeghash.core.models.append_only import AppendOnlyModel
from aeghash.core.models.audit import AuditHead, AuditHorizon, AuditRow, AuditSeal
from aeghash.core.models.base import SoftDeletableModel, TimestampedModel
from aeghash.core.models.chained_log import ChainedLog
from aeghash.core.models.heartbeats import Heartbeat
from aeghash.core.models.invariant_checks import InvariantCheck
from aeghash.core.models.jobs import Job, JobState
from aeghash.core.models.kill_switch import KillSwitch
from aeghash.core.models.log_ins import LogIn
from aeghash.core.models.proposals import Proposal
from aeghash.core.models.rights import Right
from aeghash.core.models.schedules import Missed, Schedule
from aeghash.core.models.second_factor import RecoveryCode, TotpDevice
from aeghash.core.models.tokens import ApiToken
from aeghash.core.models.users import User
from aeghash.core.models.watermarks import TransactionStampedModel, Watermark

__all__ = [
    "Alert",
    "AlertState",
    "ApiToken",
    "AppendOnlyModel",
    "AuditHead",
    "AuditHorizon",
    "AuditRow",
    "AuditSeal",
    "ChainedLog",
    "Heartbeat",
    "InvariantCheck",
    "Job",
    "JobState",
    "KillSwitch",
    "LogIn",
    "Missed",
    "Proposal",
    "RecoveryCode",
    "Right",
    "Schedule",
    "Severity",
    "SoftDeletableModel",
    "TimestampedModel",
    "TotpDevice",
    "TransactionStampedModel",
    "User",
    "Watermark",
]
