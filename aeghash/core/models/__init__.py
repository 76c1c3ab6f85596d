from aeghash.core.models.base import TimestampedModel
from aeghash.core.models.heartbeats import Heartbeat
from aeghash.core.models.users import User

__all__ = ["Heartbeat", "TimestampedModel", "User"]
