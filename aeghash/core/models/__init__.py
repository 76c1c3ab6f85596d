from aeghash.core.models.base import SoftDeletableModel, TimestampedModel
from aeghash.core.models.heartbeats import Heartbeat
from aeghash.core.models.users import User
from aeghash.core.models.watermarks import TransactionStampedModel, Watermark

__all__ = ["Heartbeat", "SoftDeletableModel", "TimestampedModel", "TransactionStampedModel", "User", "Watermark"]
