"""Every page in a browser: nothing the policy stops, no faults of accessibility, light and dark, large and small."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page

from aeghash.core.models import Alert, AuditRow, Job, Proposal, Schedule, TotpDevice, User
from tests.e2e.conftest import DESKTOP, PHONE, keep, log_in
from tests.face import world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = [
    pytest.param(DESKTOP, "light", id="desktop-light"),
    pytest.param(DESKTOP, "dark", id="desktop-dark"),
    pytest.param(PHONE, "light", id="phone-light"),
    pytest.param(PHONE, "dark", id="phone-dark"),
]


def faults(page: Page) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{page.url}: {fault['impact']} {fault['id']}: {fault['nodes'][0]['html'][:200]} {fault['nodes'][0]['any'][:1]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]


def look_at(page: Page, name: str, found: list[str]) -> None:
    keep(page, name)
    found += faults(page)
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if width > 0:
        found.append(f"{page.url}: {width} pixels wider than the window")


def first(model: Any, **which: Any) -> int:
    return int(model.objects.filter(**which).order_by("pk").values_list("pk", flat=True)[0])


def pages_for(viewer: User) -> dict[str, str]:
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
    own = {
        "new-person": reverse("admin:core_user_new"),
        "my-log-ins": reverse("admin:my_log_ins"),
        "my-tokens": reverse("admin:my_tokens"),
        "my-authenticator": reverse("admin:my_authenticator"),
        "my-recovery-codes": reverse("admin:my_recovery_codes"),
        "password": reverse("admin:password_change"),
    }
    return {"dashboard": reverse("admin:index"), **lists, **rows, **acts, **own}


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS)
def test_every_page_is_accessible_and_keeps_the_policy(
    new_page: Callable[..., Page], viewport: dict[str, int], scheme: str, request: pytest.FixtureRequest
) -> None:
    people, look = world.fill(), request.node.callspec.id
    world.seal()
    found: list[str] = []
    page = new_page(viewport, scheme)
    log_in(page, people["park"])
    for name, url in pages_for(people["park"]).items():
        page.goto(url)
        look_at(page, f"{look}/{name}", found)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS)
def test_the_way_in_is_accessible_and_keeps_the_policy(
    new_page: Callable[..., Page], viewport: dict[str, int], scheme: str, request: pytest.FixtureRequest
) -> None:
    user, look = world.make_staff("new", "support", with_device=False), request.node.callspec.id
    found: list[str] = []
    page = new_page(viewport, scheme)
    page.goto("/admin/login/")
    look_at(page, f"{look}/log-in", found)
    page.fill("#id_username", user.email)
    page.fill("#id_password", "wrong")
    page.click("button.primary")
    look_at(page, f"{look}/log-in-refused", found)
    page.fill("#id_username", user.email)
    page.fill("#id_password", world.PASSWORD)
    page.click("button.primary")
    page.wait_for_url("**/authenticator/")
    look_at(page, f"{look}/enrolment", found)
    TotpDevice.objects.filter(user=user).delete()
    TotpDevice.objects.create(user=user, name="authenticator", key=world.KEY, confirmed=False)
    page.reload()
    page.fill("#id_code", world.code())
    page.click("button.primary")
    look_at(page, f"{look}/recovery-codes", found)
    page.click("a.primary")
    look_at(page, f"{look}/dashboard-empty", found)
    assert not found, "\n".join(found)
