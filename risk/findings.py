"""What a rule says: how bad it is, a sentence that any language can show later, and the figures that were compared."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as translated

from risk.severities import Decision, Severity


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`sentence` is the English one, which is also its key in the catalogues; its values stand in `parameters`."""

    rule: str
    severity: Severity
    sentence: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    found: str = ""
    limit: str = ""

    def text(self) -> str:
        """In the reader's language. A sentence that this release no longer says stays readable in English."""
        return translated(self.sentence) % self.parameters

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "sentence": self.sentence,
            "parameters": dict(self.parameters),
            "found": self.found,
            "limit": self.limit,
        }

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> "Finding":
        return cls(**{**json, "severity": Severity(json["severity"])})


@dataclass(frozen=True, kw_only=True)
class RiskDecision:
    decision: Decision
    findings: tuple[Finding, ...]
    event_id: int
    policy_version: int
