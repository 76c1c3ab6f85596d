"""Who may do what: DESIGN's table, a line a right. Migrations give them to the groups; staff change them by two people.

A right is one permission of Django's, `core.<name>`; code asks `user.has_perm(rights.APPROVE_WITHDRAWALS)`. The names of
all apps' rights stand here, so that the table can be read in one place.
"""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

OPERATIONS: Final = "operations"
FINANCE: Final = "finance"
SUPPORT: Final = "support"
SYSADMIN: Final = "sysadmin"
GROUPS: Final = (OPERATIONS, FINANCE, SUPPORT, SYSADMIN)
GROUP_LABELS: Final[dict[str, Promise]] = {
    OPERATIONS: gettext_lazy("Operations"),
    FINANCE: gettext_lazy("Finance"),
    SUPPORT: gettext_lazy("Support"),
    SYSADMIN: gettext_lazy("Sysadmin"),
}

# The table below, one letter a group.
O, F, U, S = OPERATIONS, FINANCE, SUPPORT, SYSADMIN  # noqa: E741

TABLE: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "view_withdrawals": (_("See withdrawals"), (O, F, U, S)),
    "approve_withdrawals": (_("Approve withdrawals"), (O, F, S)),
    "reject_withdrawals": (_("Reject withdrawals"), (O, F, S)),
    "resolve_withdrawals": (_("Resolve manual reviews (two people)"), (F, S)),
    "file_withdrawals": (_("Create, cancel and retry withdrawals"), (O, F)),
    "record_forwarding": (_("Record a forwarding"), (O, F)),
    "confirm_forwarding": (_("Confirm a forwarding"), (F,)),
    "issue_wallets": (_("Issue wallets, check receipts"), (O, F, S)),
    "transfer_tokens": (_("Transfer and transit tokens (two people)"), (F,)),
    "configure_wallets": (_("Refresh wallet keys, set the transit configuration"), (S,)),
    "view_mining": (_("See mining"), (O, F, U, S)),
    "manage_grants": (_("Credit and debit hash power"), (O,)),
    "charge_mining": (_("Charge credit, swap power (two people)"), (F,)),
    "engage_kill_switch": (_("Stop all submissions"), (O, F, S)),
    "lift_kill_switch": (_("Let submissions go on (two people)"), (F, S)),
    "view_jobs": (_("See jobs and alerts"), (O, F, U, S)),
    "work_jobs": (_("Retry jobs, acknowledge alerts"), (O, F, S)),
    "propose_rules": (_("Propose rules of risk and bonus"), (O, F, S)),
    "approve_rules": (_("Approve rules of risk and bonus"), (F, S)),
    "view_balances": (_("See balances"), (O, F, U, S)),
    "adjust_balances": (_("Adjust balances (two people)"), (F,)),
    "view_risk": (_("See risk findings"), (O, F, U, S)),
    "edit_risk_lists": (_("Edit risk lists"), (O, S)),
    "view_organization": (_("See the organisation"), (O, F, U, S)),
    "place_members": (_("Place members"), (O, S)),
    "set_ranks": (_("Set ranks by hand"), (O, S)),
    "view_bonus": (_("See bonuses"), (O, F, U, S)),
    "draft_closings": (_("Draft a closing"), (O, F)),
    "confirm_closings": (_("Confirm a closing"), (F,)),
    "manage_partners": (_("Manage partners and their keys (two people)"), (S,)),
    "manage_settings": (_("Change settings and schedules"), (S,)),
    "manage_roles": (_("Change who has which role (two people)"), (S,)),
    "view_own_audit": (_("See one's own audit trail"), (O, F, U, S)),
    "view_audit": (_("See the audit trail"), (O, F, S)),
    "export": (_("Export lists"), (F, S)),
    "see_personal_data": (_("See addresses and e-mails in full"), (O, F, S)),
}


def permission(name: str) -> str:
    """What `has_perm` asks for. A misspelt name is an error here, not a quiet no."""
    if name not in TABLE:
        raise KeyError(name)
    return f"core.{name}"


RESOLVE_WITHDRAWALS: Final = permission("resolve_withdrawals")
ISSUE_WALLETS: Final = permission("issue_wallets")
TRANSFER_TOKENS: Final = permission("transfer_tokens")
CONFIGURE_WALLETS: Final = permission("configure_wallets")
VIEW_JOBS: Final = permission("view_jobs")
WORK_JOBS: Final = permission("work_jobs")
ENGAGE_KILL_SWITCH: Final = permission("engage_kill_switch")
LIFT_KILL_SWITCH: Final = permission("lift_kill_switch")
MANAGE_SETTINGS: Final = permission("manage_settings")
MANAGE_ROLES: Final = permission("manage_roles")
VIEW_OWN_AUDIT: Final = permission("view_own_audit")
VIEW_AUDIT: Final = permission("view_audit")
EXPORT: Final = permission("export")
SEE_PERSONAL_DATA: Final = permission("see_personal_data")
