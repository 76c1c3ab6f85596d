"""The acts of risk that take two people."""

from risk.operations.change_policy import CHANGE_RISK_POLICY

__all__ = ["CHANGE_RISK_POLICY"]
