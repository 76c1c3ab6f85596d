"""Ask every rule about a case."""

from typing import Final

import structlog
from django.utils.translation import gettext_noop as _
from psycopg.errors import QueryCanceled

from risk.case import Case, NotLooked
from risk.findings import Finding
from risk.rules import RULES, Rule
from risk.severities import Severity

FAILED: Final = _("The rule “%(rule)s” could not be judged (%(fault)s): a person must look.")
TOO_SLOW: Final = _("The rule “%(rule)s” could not be judged in time: a person must look.")

log = structlog.get_logger(__name__)


def judge(case: Case) -> tuple[Finding, ...]:
    found = (finding_of(rule, case) for rule in RULES)
    return tuple(finding for finding in found if finding is not None)


def finding_of(rule: Rule, case: Case) -> Finding | None:
    """A rule that fails lets nobody through: it is a finding of its own."""
    try:
        return rule.find(case)
    except NotLooked as error:  # logged where it was looked
        return failure(rule, error.__cause__ or error)
    except Exception as error:
        log.warning("risk_rule_failed", rule=rule.name, fault=type(error).__name__, exc_info=error)
        return failure(rule, error)


def failure(rule: Rule, error: BaseException) -> Finding:
    sentence = TOO_SLOW if isinstance(error.__cause__, QueryCanceled) else FAILED
    parameters = {"rule": rule.name, "fault": type(error).__name__}
    return Finding(rule=rule.name, severity=Severity.REVIEW, sentence=sentence, parameters=parameters)
