from risk.models.devices import KnownDevice
from risk.models.events import RiskEvent
from risk.models.lists import ListEntry, ListKind, Target
from risk.models.policies import Policy

__all__ = ["KnownDevice", "ListEntry", "ListKind", "Policy", "RiskEvent", "Target"]
