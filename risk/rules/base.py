"""What a rule is, and the two shapes that most have."""

from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import ClassVar, Final

from aeghash.core.money import format_amount
from risk.case import Case
from risk.figures import Limit
from risk.findings import Finding
from risk.severities import Outcome, Severity

NO_LIMIT: Final = Limit()


class Rule(ABC):
    """Looks at a case and finds something, or nothing. It changes nothing and asks nothing that isn't in the case."""

    name: ClassVar[str]

    @abstractmethod
    def find(self, case: Case) -> Finding | None: ...

    def finding(
        self, severity: Severity, sentence: str, found: str = "", limit: str = "", **parameters: str
    ) -> Finding:
        return Finding(
            rule=self.name, severity=severity, sentence=sentence, found=found, limit=limit,
            parameters={"found": found, "limit": limit, **parameters},
        )  # fmt: skip


class LimitRule(Rule):
    """A number that may reach a figure: at the figure it has."""

    sentence: ClassVar[str]

    @abstractmethod
    def limit(self, case: Case) -> Limit: ...

    @abstractmethod
    def found(self, case: Case) -> Decimal: ...

    def find(self, case: Case) -> Finding | None:
        found = self.found(case)
        reached = self.limit(case).reached(found)
        if reached is None:
            return None
        severity, limit = reached
        shown = format_amount(found, 0), format_amount(limit, 0)
        return self.finding(severity, self.sentence, *shown, asset=case.context.asset)


class OutcomeRule(Rule):
    """Something that is so or isn't, and of which staff say what it shall do."""

    @abstractmethod
    def outcome(self, case: Case) -> Outcome: ...

    @abstractmethod
    def seen(self, case: Case, severity: Severity) -> Finding | None: ...

    def find(self, case: Case) -> Finding | None:
        severity = self.outcome(case).severity
        return None if severity is None else self.seen(case, severity)


def said(time: datetime) -> str:
    """As part of a sentence in any language."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def hours(span: timedelta) -> str:
    """To a tenth, towards zero: what is just under a figure must not be shown as the figure."""
    return f"{span // timedelta(minutes=6) / 10:.1f}"
