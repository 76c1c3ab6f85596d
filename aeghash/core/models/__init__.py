from aeghash.core.models.append_only import AppendOnlyModel
from aeghash.core.models.audit import AuditHead, AuditHorizon, AuditRow, AuditSeal
from aeghash.core.models.base import SoftDeletableModel, TimestampedModel
from aeghash.core.models.chained_log import ChainedLog
from aeghash.core.models.heartbeats import Heartbeat
from aeghash.core.models.invariant_checks import InvariantCheck
from aeghash.core.models.kill_switch import KillSwitch
from aeghash.core.models.users import User
from aeghash.core.models.watermarks import TransactionStampedModel, Watermark

__all__ = [
    "AppendOnlyModel",
    "AuditHead",
    "AuditHorizon",
    "AuditRow",
    "AuditSeal",
    "ChainedLog",
    "Heartbeat",
    "InvariantCheck",
    "KillSwitch",
    "SoftDeletableModel",
    "TimestampedModel",
    "TransactionStampedModel",
    "User",
    "Watermark",
]
