"""Every page of the staff's site, once `world.fill()` has put rows into it."""

from typing import Any

from django.urls import reverse

from aeghash.core.models import Alert, AuditRow, Job, Proposal, Schedule, User
from bonus.models import BonusSettings
from tests.risk import screens as risk_screens


def first(model: Any, **which: Any) -> int:
    return int(model.objects.filter(**which).order_by("pk").values_list("pk", flat=True)[0])


def pages() -> dict[str, str]:
    job, alert, proposal = first(Job, state="dead"), first(Alert, state="open"), first(Proposal)
    user, schedule = User.objects.get(email="han@example.com").pk, first(Schedule)
    lists = {
        "proposals": reverse("admin:core_proposal_changelist"),
        "alerts": reverse("admin:core_alert_changelist"),
        "jobs": reverse("admin:core_job_changelist"),
        "jobs-retrying": reverse("admin:core_job_changelist") + "?tab=retrying",
        "jobs-nothing-found": reverse("admin:core_job_changelist") + "?q=nothing",
        "audit": reverse("admin:core_auditrow_changelist"),
        "users": reverse("admin:core_user_changelist"),
        "schedules": reverse("admin:core_schedule_changelist"),
        "schedules-off": reverse("admin:core_schedule_changelist") + "?tab=disabled",
    }
    rows = {
        "proposal": reverse("admin:core_proposal_change", args=[proposal]),
        "alert": reverse("admin:core_alert_change", args=[alert]),
        "job": reverse("admin:core_job_change", args=[job]),
        "audit-row": reverse("admin:core_auditrow_change", args=[first(AuditRow, verb="proposal.made")]),
        "user": reverse("admin:core_user_change", args=[user]),
        "kill-switch": reverse("admin:core_killswitch_change", args=[1]),
        "schedule": reverse("admin:core_schedule_change", args=[schedule]),
    }
    acts = {
        "proposal-approve": reverse("admin:core_proposal_act", args=["approve"]) + f"?row={proposal}",
        "job-give-up": reverse("admin:core_job_act", args=["give-up"]) + f"?row={job}",
        "jobs-retry-many": reverse("admin:core_job_act", args=["retry"])
        + "?"
        + "&".join(f"row={pk}" for pk in Job.objects.values_list("pk", flat=True)),
        "user-roles": reverse("admin:core_user_act", args=["roles"]) + f"?row={user}",
        "schedule-change": reverse("admin:core_schedule_act", args=["change"]) + f"?row={schedule}",
    }
    acts |= {
        "bonus-settings": reverse("admin:bonus_bonussettings_changelist"),
        "bonus-settings-version": reverse("admin:bonus_bonussettings_change", args=[first(BonusSettings)]),
        "bonus-settings-propose": reverse("admin:bonus_bonussettings_act", args=["propose"])
        + f"?row={first(BonusSettings)}",
    }
    own = {
        "new-person": reverse("admin:core_user_new"),
        "my-log-ins": reverse("admin:my_log_ins"),
        "my-tokens": reverse("admin:my_tokens"),
        "my-authenticator": reverse("admin:my_authenticator"),
        "my-recovery-codes": reverse("admin:my_recovery_codes"),
        "password": reverse("admin:password_change"),
        "books": reverse("admin:wallets_balance_books"),
    }
    return {"dashboard": reverse("admin:index"), **lists, **rows, **acts, **own, **risk_screens.pages()}
