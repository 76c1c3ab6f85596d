"""How bad a finding is, and what a decision may be: the severest finding's."""

from collections.abc import Iterable
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Decision(models.TextChoices):
    ALLOW = "allow", _("allowed")
    REVIEW = "review", _("to be reviewed")
    BLOCK = "block", _("blocked")


class Severity(models.TextChoices):
    """Ordered: a later one is the severer one."""

    INFO = "info", _("worth knowing")
    REVIEW = "review", _("review")
    BLOCK = "block", _("block")


class Outcome(models.TextChoices):
    """What staff want a rule to do when it finds something."""

    OFF = "off", _("off")
    INFO = "info", _("note only")
    REVIEW = "review", _("review")
    BLOCK = "block", _("block")

    @property
    def severity(self) -> Severity | None:
        return None if self is Outcome.OFF else Severity(self.value)


DECISIONS: Final = {Severity.INFO: Decision.ALLOW, Severity.REVIEW: Decision.REVIEW, Severity.BLOCK: Decision.BLOCK}


def severest(severities: Iterable[Severity]) -> Severity:
    return max(severities, key=list(Severity).index, default=Severity.INFO)


def decision_of(severities: Iterable[Severity]) -> Decision:
    return DECISIONS[severest(severities)]
