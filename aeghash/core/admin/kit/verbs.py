"""What the audit trail's verbs are called. Apps add theirs; a verb without a name is shown as it is."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_labels: Final[dict[str, str | Promise]] = {
    "alert.acknowledged": _("Alert acknowledged"),
    "api_token.issued": _("API token issued"),
    "api_token.revoked": _("API token revoked"),
    "job.given_up": _("Job given up"),
    "job.retried": _("Job retried"),
    "kill_switch.engaged": _("All submissions stopped"),
    "kill_switch.lifted": _("Submissions let go on"),
    "list.exported": _("List exported"),
    "log_in.begun": _("Logged in"),
    "log_in.ended": _("Log-in ended"),
    "password.changed": _("Password changed"),
    "proposal.executed": _("Proposal agreed to and executed"),
    "proposal.expired": _("Proposal expired"),
    "proposal.made": _("Proposed"),
    "proposal.withdrawn": _("Proposal withdrawn"),
    "roles.changed": _("Roles changed"),
    "schedule.changed": _("Schedule changed"),
    "second_factor.enrolled": _("Authenticator set up"),
    "second_factor.recovery_codes_renewed": _("Recovery codes renewed"),
    "second_factor.reset": _("Authenticator reset"),
    "user.created": _("User created"),
}


def name_verbs(labels: dict[str, str | Promise]) -> None:
    _labels.update(labels)


def verb_label(verb: str) -> str:
    return str(_labels.get(verb, verb))
