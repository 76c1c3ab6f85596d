"""The screens: who sees what, what a list costs, and what its acts do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.sites import site as default_site
from django.test import Client
from django.urls import reverse

from aeghash.core import clock, rights
from aeghash.core.admin.kit.screens import Screen
from aeghash.core.admin.site import StaffSite, site
from aeghash.core.models import Alert, AlertState, AuditRow, Job, JobState, KillSwitch, Proposal, Schedule, User
from aeghash.core.models.proposals import ProposalStatus
from aeghash.core.operations.change_roles import change_roles
from tests.core.audit import trail
from tests.database import Owner
from tests.face import world
from tests.face.pages import pages
from tests.face.world import code
from tests.measuring import times_as_long
from tests.people import PASSWORD, make_staff
from wallets.models import TransitConfig
from withdrawals.models import SubmissionLock

pytestmark = pytest.mark.django_db

SCREENS = [screen for screen in site._registry.values() if isinstance(screen, Screen)]
# These have no list.
OF_ONE_ROW = (KillSwitch, SubmissionLock, TransitConfig)
LISTS = {screen.name: screen.list_url() for screen in SCREENS if screen.model not in OF_ONE_ROW}


def test_ours_is_the_site_that_everybody_registers_with() -> None:
    assert isinstance(site, StaffSite)
    assert default_site._registry is site._registry
    assert admin.site.name == "admin"


def test_no_screen_lets_rows_be_edited_around_the_operations() -> None:
    for model, screen in site._registry.items():
        assert isinstance(screen, Screen), model
        request: Any = None
        assert not any(
            (
                screen.has_add_permission(request),
                screen.has_change_permission(request),
                screen.has_delete_permission(request),
            )
        )
        assert screen.actions is None


class TestRights:
    """Every page of the core's, and who may open it. A page that isn't here fails the test below.

    Those of the other apps are held against the tables of `tests/security`.
    """

    O, F, U, S = rights.OPERATIONS, rights.FINANCE, rights.SUPPORT, rights.SYSADMIN  # noqa: E741
    EVERYBODY = frozenset((O, F, U, S))
    MATRIX = {
        "index": EVERYBODY,
        "my_log_ins": EVERYBODY,
        "password_change": EVERYBODY,
        "my_authenticator": EVERYBODY,
        "my_recovery_codes": EVERYBODY,
        "my_tokens": EVERYBODY,
        "core_proposal_changelist": EVERYBODY,
        "core_proposal_change": frozenset((S,)),
        "core_proposal_act": frozenset((S,)),
        "core_alert_changelist": EVERYBODY,
        "core_alert_change": EVERYBODY,
        "core_alert_act": frozenset((O, F, S)),
        "core_job_changelist": EVERYBODY,
        "core_job_change": EVERYBODY,
        "core_job_act": frozenset((O, F, S)),
        "core_auditrow_changelist": EVERYBODY,
        "core_auditrow_change": frozenset((O, F, S)),
        "core_user_changelist": frozenset((S,)),
        "core_user_change": frozenset((S,)),
        "core_user_act": frozenset((S,)),
        "core_user_new": frozenset((S,)),
        "core_killswitch_change": EVERYBODY,
        "core_killswitch_act": frozenset((O, F, S)),
        "core_schedule_changelist": EVERYBODY,
        "core_schedule_change": EVERYBODY,
        "core_schedule_act": frozenset((S,)),
    }
    # Open to all, or answering POST alone: tested by themselves.
    OTHERS = frozenset(
        (
            "login",
            "log_in_code",
            "log_in_enrolment",
            "logout",
            "preferences",
            "core_auditrow_verify",
            "core_auditrow_act",
            "core_killswitch_changelist",
        )
    )

    def addresses(self) -> dict[str, str]:
        job, proposal = Job.objects.filter(state="dead")[0].pk, Proposal.objects.all()[0].pk
        alert, schedule = Alert.objects.filter(state="open")[0].pk, Schedule.objects.all()[0].pk
        user, audit = User.objects.get(email="han@example.com").pk, AuditRow.objects.filter(verb="proposal.made")[0].pk
        rows = {
            "killswitch": 1,
            "job": job,
            "proposal": proposal,
            "alert": alert,
            "schedule": schedule,
            "user": user,
            "auditrow": audit,
        }
        acts = {
            "job": "retry",
            "killswitch": "engage",
            "proposal": "withdraw",
            "alert": "acknowledge",
            "schedule": "change",
            "user": "roles",
        }
        found = {}
        for name in self.MATRIX:
            model = name.split("_")[1] if name.startswith("core_") else ""
            if name.endswith("_change") and model:
                found[name] = reverse(f"admin:{name}", args=[rows[model]])
            elif name.endswith("_act"):
                found[name] = reverse(f"admin:{name}", args=[acts[model]]) + f"?row={rows[model]}"
            else:
                found[name] = reverse(f"admin:{name}")
        return found

    def test_every_page_is_in_the_matrix(self) -> None:
        def names(patterns: Any) -> set[str]:
            found: set[str] = set()
            for pattern in patterns:
                found |= names(pattern.url_patterns) if hasattr(pattern, "url_patterns") else {pattern.name}
            return found

        exports = {f"{screen.name}_export" for screen in SCREENS}
        others = tuple(f"{screen.name}_" for screen in SCREENS if screen.opts.app_label != "core")
        ours = {name for name in names(site.get_urls()) - {None} if not name.startswith(others)}
        assert ours == set(self.MATRIX) | self.OTHERS | {name for name in exports if not name.startswith(others)}

    @pytest.mark.parametrize("group", [O, F, U, S])
    def test_each_group_opens_its_pages_and_no_others(self, group: str, as_user: Callable[..., Client]) -> None:
        world.fill(1)
        client = as_user(make_staff("somebody", group))
        opened = {name for name, url in self.addresses().items() if client.get(url).status_code == 200}
        assert opened == {name for name, groups in self.MATRIX.items() if group in groups}

    def test_nobody_opens_anything_without_a_log_in(self, client: Client) -> None:
        world.fill(1)
        for name, url in self.addresses().items():
            assert client.get(url)["Location"].startswith(reverse("admin:login")), name

    def test_somebody_without_a_role_sees_only_themselves(self, as_user: Callable[..., Client]) -> None:
        world.fill(1)
        client = as_user(make_staff("nobody"))
        opened = {name for name, url in self.addresses().items() if client.get(url).status_code == 200}
        own = {name for name in self.MATRIX if not name.startswith("core_")}
        assert opened == own | {"core_proposal_changelist"}

    def test_an_act_is_refused_as_its_page_is(self, as_user: Callable[..., Client]) -> None:
        job = world.make_job(1, JobState.DEAD, attempts=3)
        response = as_user(make_staff("support", rights.SUPPORT)).post("/admin/core/job/act/retry/", {"row": job.pk})
        assert response.status_code == 403
        assert Job.objects.get().state == JobState.DEAD

    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_only_who_may_export_does(self, kind: str, as_user: Callable[..., Client]) -> None:
        url = f"/admin/core/job/export/{kind}/"
        assert as_user(make_staff("ops", rights.OPERATIONS)).post(url).status_code == 403
        assert as_user(make_staff("fin", rights.FINANCE)).post(url).status_code == 200
        assert AuditRow.objects.get(verb="list.exported").after["format"] == kind

    def test_support_sees_only_what_it_did_itself(self, as_user: Callable[..., Client]) -> None:
        people = world.fill(1)
        page = as_user(people["han"]).get("/admin/core/auditrow/").content.decode()
        assert "Nothing recorded yet" in page

    def test_e_mails_are_masked_for_who_may_not_see_them(self, as_user: Callable[..., Client]) -> None:
        stranger = User.objects.create_user("stranger@example.com")
        alert = world.make_alert("x", "warning")
        Alert.objects.filter(pk=alert.pk).update(
            state=AlertState.ACKNOWLEDGED, acknowledged_by=stranger, acknowledged_at=clock.now()
        )
        url = "/admin/core/alert/?tab=acknowledged"
        seen = {group: as_user(make_staff(group, group)).get(url).content.decode() for group in (self.U, self.O)}
        assert "stranger@" in seen[self.O]
        assert "stranger@" not in seen[self.U]
        assert "s***@example.com" in seen[self.U]


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_list_asks_as_much_for_three_rows_as_for_one(
    name: str, as_user: Callable[..., Client], django_assert_max_num_queries: Any
) -> None:
    people = world.fill(1)
    client = as_user(people["park"])
    client.get(LISTS[name])  # what never changes, a process reads once
    with django_assert_max_num_queries(11) as for_one:
        assert client.get(LISTS[name]).status_code == 200
    for number in (2, 3):
        world.make_job(number, JobState.DEAD, attempts=3)
        world.make_alert(f"more.{number}", "warning")
        Schedule.objects.create(name=f"more.{number}", kind="core.purge_jobs", cron="0 0 * * *")
        world.make_proposals(1, make_staff(f"more{number}", rights.SYSADMIN))
    with django_assert_max_num_queries(11) as for_three:
        assert client.get(LISTS[name]).status_code == 200
    assert len(for_one) == len(for_three)


def test_every_page_opens(as_user: Callable[..., Client]) -> None:
    client = as_user(world.fill()["park"])
    assert {name: client.get(url).status_code for name, url in pages().items()} == dict.fromkeys(pages(), 200)


def test_every_page_opens_before_there_is_anything(as_user: Callable[..., Client], owner: Owner) -> None:
    client = as_user(make_staff("park", rights.SYSADMIN))
    for url in ("/admin/", *LISTS.values()):
        assert client.get(url).status_code == 200, url


@pytest.mark.parametrize(
    "query", ["p=0", "p=99999", "p=x", "o=9.-9", "tab=nothing", "q=%00", "q=" + "x" * 500, "nothing=1", "id__in=x"]
)
def test_a_mangled_address_breaks_no_list(query: str, as_user: Callable[..., Client]) -> None:
    client = as_user(world.fill(1)["park"])
    for url in LISTS.values():
        assert client.get(f"{url}?{query}").status_code in (200, 302, 400), url


@pytest.mark.parametrize("object_id", ["0", "x", "99999999999999999999", "1_0", "%00"])
def test_a_row_that_is_not_there_is_not_found(object_id: str, as_user: Callable[..., Client]) -> None:
    client = as_user(make_staff("park", rights.SYSADMIN))
    for url in LISTS.values():
        assert client.get(f"{url}{object_id}/").status_code == 404, url


def test_texts_from_outside_are_escaped(as_user: Callable[..., Client]) -> None:
    evil = "<script>alert(1)</script>"
    client = as_user(make_staff("park", rights.SYSADMIN, full_name=evil))
    job = world.make_job(1, JobState.DEAD, attempts=3, last_error=evil, kind=evil, arguments={"a": evil})
    alert = Alert.objects.create(key="k", severity="warning", sentence=evil, details={"d": evil})
    for url in ("/admin/", *LISTS.values(), f"/admin/core/job/{job.pk}/", f"/admin/core/alert/{alert.pk}/"):
        assert evil not in client.get(url).content.decode(), url


class TestJobs:
    def test_many_are_retried_and_each_refusal_is_said(self, as_user: Callable[..., Client]) -> None:
        dead = world.make_job(1, JobState.DEAD, attempts=3, kind="core.purge_jobs")
        running = world.make_job(2, JobState.RUNNING, attempts=1, kind="core.purge_jobs")
        client = as_user(make_staff("park", rights.SYSADMIN))
        page = client.post("/admin/core/job/act/retry/", {"row": [dead.pk, running.pk]}).content.decode()
        assert Job.objects.get(pk=dead.pk).state == JobState.QUEUED
        assert Job.objects.get(pk=running.pk).state == JobState.RUNNING
        assert page.count('class="refused"') == 1
        assert page.count('class="done"') == 1

    def test_nothing_happens_on_looking(self, as_user: Callable[..., Client]) -> None:
        dead = world.make_job(1, JobState.DEAD, attempts=3, kind="core.purge_jobs")
        client = as_user(make_staff("park", rights.SYSADMIN))
        assert client.get(f"/admin/core/job/act/retry/?row={dead.pk}").status_code == 200
        assert Job.objects.get().state == JobState.DEAD

    def test_giving_up_takes_a_reason(self, as_user: Callable[..., Client]) -> None:
        dead = world.make_job(1, JobState.DEAD, attempts=3)
        client = as_user(make_staff("park", rights.SYSADMIN))
        client.post("/admin/core/job/act/give-up/", {"row": dead.pk, "reason": " "})
        assert Job.objects.get().state == JobState.DEAD
        client.post("/admin/core/job/act/give-up/", {"row": dead.pk, "reason": "no longer needed"})
        assert Job.objects.get().state == JobState.GIVEN_UP

    def test_a_job_that_no_code_does_is_refused_and_stays(self, as_user: Callable[..., Client]) -> None:
        dead = world.make_job(1, JobState.DEAD, attempts=3, kind="gone.long_ago")
        client = as_user(make_staff("park", rights.SYSADMIN))
        page = client.post("/admin/core/job/act/retry/", {"row": dead.pk}).content.decode()
        assert "gone.long_ago" in page
        assert Job.objects.get().state == JobState.DEAD

    @pytest.mark.parametrize("rows", [[], ["x"], ["0"], ["99999999999999999999"]])
    def test_nothing_chosen_is_said(self, rows: list[str], as_user: Callable[..., Client]) -> None:
        client = as_user(make_staff("park", rights.SYSADMIN))
        assert client.post("/admin/core/job/act/retry/", {"row": rows})["Location"] == "/admin/core/job/"

    def test_secrets_in_arguments_are_not_shown(self, as_user: Callable[..., Client]) -> None:
        job = world.make_job(1, JobState.DEAD, attempts=3, arguments={"api_key": "canary-of-a-key"})
        client = as_user(make_staff("park", rights.SYSADMIN))
        assert "canary-of-a-key" not in client.get(f"/admin/core/job/{job.pk}/").content.decode()


def test_alerts_are_acknowledged(as_user: Callable[..., Client]) -> None:
    alerts = [world.make_alert(f"a.{number}", "critical") for number in (1, 2)]
    client = as_user(user := make_staff("ops", rights.OPERATIONS))
    client.post("/admin/core/alert/act/acknowledge/", {"row": [alert.pk for alert in alerts]})
    assert set(Alert.objects.values_list("state", "acknowledged_by")) == {("acknowledged", user.pk)}


class TestSchedules:
    GIVEN = {"cron": "30 9 * * 1-5", "zone": "Asia/Seoul", "missed": "skip", "enabled": "on"}

    @pytest.fixture
    def schedule(self) -> Schedule:
        return Schedule.objects.order_by("pk")[0]

    def test_a_sysadmin_changes_one(self, schedule: Schedule, as_user: Callable[..., Client]) -> None:
        client = as_user(make_staff("park", rights.SYSADMIN))
        client.post("/admin/core/schedule/act/change/", {"row": schedule.pk, **self.GIVEN})
        schedule.refresh_from_db()
        assert (schedule.cron, schedule.zone, schedule.enabled) == ("30 9 * * 1-5", "Asia/Seoul", True)

    @pytest.mark.parametrize("wrong", [{"cron": "every day"}, {"zone": "Mars"}, {"missed": "maybe"}])
    def test_what_cannot_be_read_changes_nothing(
        self, wrong: dict[str, str], schedule: Schedule, as_user: Callable[..., Client]
    ) -> None:
        before = schedule.dict() if hasattr(schedule, "dict") else (schedule.cron, schedule.zone)
        client = as_user(make_staff("park", rights.SYSADMIN))
        response = client.post("/admin/core/schedule/act/change/", {"row": schedule.pk, **self.GIVEN, **wrong})
        assert response.status_code == 200
        schedule.refresh_from_db()
        assert before == (schedule.dict() if hasattr(schedule, "dict") else (schedule.cron, schedule.zone))


class TestProposals:
    @pytest.fixture
    def people(self) -> dict[str, User]:
        return {name: make_staff(name, rights.SYSADMIN) for name in ("park", "lee", "third")}

    @pytest.fixture
    def proposal(self, people: dict[str, User]) -> Proposal:
        world.make_proposals(1, people["lee"])
        return Proposal.objects.get()

    def approve(self, client: Client, proposal: Proposal, shown: str, digest: str = "") -> Any:
        given = {"row": proposal.pk, "code": shown, f"seen-{proposal.pk}": digest or proposal.digest}
        return client.post("/admin/core/proposal/act/approve/", given)

    def is_waiting(self, proposal: Proposal) -> bool:
        proposal.refresh_from_db()
        newcomer = User.objects.get(email=proposal.content["email"])
        assert newcomer.is_admin == (proposal.status == ProposalStatus.EXECUTED)
        return proposal.status == ProposalStatus.WAITING

    def test_roles_change_by_two_people(self, people: dict[str, User], as_user: Callable[..., Client]) -> None:
        newcomer = User.objects.create_user("new@example.com", None, name="New")
        given = {"row": newcomer.pk, "groups": ["support"], "is_active": "on", "reason": "joins"}
        as_user(people["lee"]).post("/admin/core/user/act/roles/", given)
        proposal = Proposal.objects.get()
        assert self.is_waiting(proposal)
        self.approve(as_user(people["park"]), proposal, code())
        assert not self.is_waiting(proposal)
        assert [group.name for group in newcomer.groups.all()] == ["support"]

    def test_the_proposer_cannot_agree(
        self, people: dict[str, User], proposal: Proposal, as_user: Callable[..., Client]
    ) -> None:
        self.approve(as_user(people["lee"]), proposal, code())
        assert self.is_waiting(proposal)

    @pytest.mark.parametrize("shown", ["", "000000", "abcdef"])
    def test_agreeing_takes_a_code(
        self, shown: str, people: dict[str, User], proposal: Proposal, as_user: Callable[..., Client]
    ) -> None:
        assert self.approve(as_user(people["park"]), proposal, shown).status_code == 200
        assert self.is_waiting(proposal)

    def test_the_code_of_the_log_in_does_not_do(
        self, people: dict[str, User], proposal: Proposal, client: Client
    ) -> None:
        shown = code()
        client.post("/admin/login/", {"username": people["park"].email, "password": PASSWORD})
        client.post("/admin/login/code/", {"code": shown})
        self.approve(client, proposal, shown)
        assert self.is_waiting(proposal)
        # A wrong code makes the next one wait.
        people["park"].totpdevice_set.update(throttling_failure_count=0, throttling_failure_timestamp=None)
        self.approve(client, proposal, code(1))
        assert not self.is_waiting(proposal)

    def test_what_was_not_shown_is_not_agreed_to(
        self, people: dict[str, User], proposal: Proposal, as_user: Callable[..., Client]
    ) -> None:
        self.approve(as_user(people["park"]), proposal, code(), digest="0" * 64)
        assert self.is_waiting(proposal)

    def test_what_changed_meanwhile_is_not_agreed_to(
        self, people: dict[str, User], proposal: Proposal, as_user: Callable[..., Client]
    ) -> None:
        change_roles(email=proposal.content["email"], groups=[], is_active=False)
        self.approve(as_user(people["park"]), proposal, code())
        assert self.is_waiting(proposal)

    def test_a_second_click_is_said_to_be_late(
        self, people: dict[str, User], proposal: Proposal, as_user: Callable[..., Client]
    ) -> None:
        self.approve(as_user(people["park"]), proposal, code())
        page = self.approve(as_user(people["third"]), proposal, code()).content.decode()
        assert "decided already" in page

    def test_the_page_shows_exactly_what_will_be_done(
        self, people: dict[str, User], proposal: Proposal, as_user: Callable[..., Client]
    ) -> None:
        page = as_user(people["park"]).get(f"/admin/core/proposal/{proposal.pk}/").content.decode()
        for shown in (proposal.digest, proposal.content["email"], proposal.reason):
            assert shown in page

    def test_it_is_withdrawn(self, people: dict[str, User], proposal: Proposal, as_user: Callable[..., Client]) -> None:
        as_user(people["lee"]).post("/admin/core/proposal/act/withdraw/", {"row": proposal.pk, "reason": "a mistake"})
        assert not self.is_waiting(proposal)
        assert proposal.status == ProposalStatus.WITHDRAWN

    def test_nobody_proposes_their_own_rights(self, people: dict[str, User], as_user: Callable[..., Client]) -> None:
        given = {"row": people["lee"].pk, "groups": ["finance"], "is_active": "on", "reason": "me"}
        as_user(people["lee"]).post("/admin/core/user/act/roles/", given)
        assert not Proposal.objects.exists()

    def test_a_lost_authenticator_is_reset_by_two_people(
        self, people: dict[str, User], as_user: Callable[..., Client]
    ) -> None:
        given = {"row": people["third"].pk, "reason": "lost phone"}
        as_user(people["lee"]).post("/admin/core/user/act/reset-authenticator/", given)
        self.approve(as_user(people["park"]), Proposal.objects.get(), code())
        assert not people["third"].totpdevice_set.exists()

    def test_others_acts_are_not_shown(
        self, people: dict[str, User], proposal: Proposal, as_user: Callable[..., Client]
    ) -> None:
        client = as_user(make_staff("ops", rights.OPERATIONS))
        assert client.get(f"/admin/core/proposal/{proposal.pk}/").status_code == 404
        assert proposal.content["email"] not in client.get("/admin/core/proposal/").content.decode()

    def test_an_act_of_another_release_is_still_shown(
        self, people: dict[str, User], as_user: Callable[..., Client], owner: Owner
    ) -> None:
        old = Proposal.objects.create(
            kind="gone.long_ago", content={"what": "ever"}, digest="0" * 64, reason="r", proposed_by=people["lee"],
            expires_at=clock.now() + timedelta(hours=1),
        )  # fmt: skip
        client = as_user(people["lee"])
        assert "gone.long_ago" in client.get("/admin/core/proposal/").content.decode()
        assert client.get(f"/admin/core/proposal/{old.pk}/").status_code == 200


class TestNewPeople:
    def test_they_are_made_without_any_right(self, as_user: Callable[..., Client]) -> None:
        client = as_user(make_staff("park", rights.SYSADMIN))
        response = client.post("/admin/core/user/new/", {"email": "New@Example.com", "name": "New"})
        user = User.objects.get(email="new@example.com")
        assert not user.is_admin
        assert not user.groups.exists()
        assert user.check_password(response.context["password"])

    def test_nobody_is_made_twice(self, as_user: Callable[..., Client]) -> None:
        client = as_user(user := make_staff("park", rights.SYSADMIN))
        response = client.post("/admin/core/user/new/", {"email": user.email.upper(), "name": "Again"})
        assert response.status_code == 200
        assert User.objects.count() == 1


class TestTokens:
    def test_a_token_is_shown_once_and_takes_a_code(self, as_user: Callable[..., Client]) -> None:
        client = as_user(user := make_staff("park", rights.SYSADMIN))
        assert client.post("/admin/me/tokens/", {"days": 30, "code": "000000"}).context["issued"] == ""
        assert not user.api_tokens.exists()
        # A wrong code makes the next one wait.
        user.totpdevice_set.update(throttling_failure_count=0, throttling_failure_timestamp=None)
        issued = client.post("/admin/me/tokens/", {"days": 30, "code": code()}).context["issued"]
        assert issued
        assert issued not in client.get("/admin/me/tokens/").content.decode()

    def test_only_ones_own_are_revoked(self, as_user: Callable[..., Client]) -> None:
        from aeghash.core.operations.issue_api_token import issue_api_token

        mine, other = make_staff("park", rights.SYSADMIN), make_staff("lee", rights.SYSADMIN)
        for person in (mine, other):
            issue_api_token(user=person)
        client = as_user(mine)
        for person in (mine, other):
            client.post("/admin/me/tokens/", {"revoke": person.api_tokens.get().public_id})
        assert [mine.api_tokens.get().is_live, other.api_tokens.get().is_live] == [False, True]


class TestAudit:
    def verify(self, client: Client) -> str:
        return client.post("/admin/core/auditrow/verify/").content.decode()

    def test_search_finds_by_object_actor_request_and_act(self, as_user: Callable[..., Client]) -> None:
        people = world.fill(1)
        client = as_user(people["park"])
        row = AuditRow.objects.filter(verb="proposal.made").earliest("pk")
        for words in (row.object_id, row.actor_id, "proposal."):
            assert (
                f"/admin/core/auditrow/{row.pk}/" in client.get("/admin/core/auditrow/", {"q": words}).content.decode()
            )
        assert (
            f"/admin/core/auditrow/{row.pk}/" not in client.get("/admin/core/auditrow/?q=nothing.such").content.decode()
        )

    def test_everything_of_one_object_is_a_click_away(self, as_user: Callable[..., Client]) -> None:
        people = world.fill(2)
        client, row = as_user(people["park"]), AuditRow.objects.filter(verb="proposal.made")[0]
        url = f"/admin/core/auditrow/?object_type={row.object_type}&amp;object_id={row.object_id}"
        assert url.replace("&amp;", "&") in client.get("/admin/core/auditrow/").content.decode().replace("&amp;", "&")
        assert client.get(url.replace("&amp;", "&")).context["cl"].result_count == 1

    @pytest.mark.django_db(transaction=True)
    def test_verify_says_that_all_is_well(self, as_user: Callable[..., Client]) -> None:
        people = world.fill(1)
        world.seal()
        page = self.verify(as_user(people["park"]))
        assert "message success" in page
        assert "message error" not in page

    def test_verify_is_for_those_who_see_the_trail(self, as_user: Callable[..., Client]) -> None:
        client = as_user(make_staff("support", rights.SUPPORT))
        assert client.post("/admin/core/auditrow/verify/").status_code == 403

    @pytest.mark.django_db(transaction=True)
    def test_looking_at_the_trail_with_no_time_left_says_so(
        self, monkeypatch: pytest.MonkeyPatch, as_user: Callable[..., Client]
    ) -> None:
        people = world.fill(1)
        world.seal()
        monkeypatch.setattr("aeghash.core.admin.screens.audit.SECONDS_TO_CHECK", 0)
        assert "manage.py verify_audit" in self.verify(as_user(people["park"]))


@pytest.mark.django_db(transaction=True)
def test_verify_finds_what_was_tampered_with(as_user: Callable[..., Client], owner: Owner) -> None:
    people = world.fill(1)
    world.seal()
    owner.execute("SET session_replication_role = replica")
    owner.execute("UPDATE audit_rows SET reason = 'another' WHERE verb = 'proposal.made'")
    assert "message error" in TestAudit().verify(as_user(people["park"]))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rows", [20_000, pytest.param(1_000_000, marks=pytest.mark.prove)])
def test_a_long_trail_opens_as_quickly_as_a_short_one(rows: int, as_user: Callable[..., Client], owner: Owner) -> None:
    """Measured in turns with a list that stays as short as it is."""
    client = as_user(make_staff("park", rights.SYSADMIN))

    def slowness() -> float:
        return times_as_long(lambda: client.get(LISTS["core_auditrow"]), lambda: client.get(LISTS["core_schedule"]))

    trail.fill(owner, 1000)
    short = slowness()
    trail.fill(owner, rows - 1000)
    assert slowness() < 2 * short
    page = client.get(LISTS["core_auditrow"]).content.decode()
    assert "about" in page


def test_the_kill_switch_shows_on_every_page(as_user: Callable[..., Client]) -> None:
    client = as_user(make_staff("park", rights.SYSADMIN))
    assert "Submissions are stopped" not in client.get("/admin/").content.decode()
    client.post("/admin/core/killswitch/act/engage/", {"row": 1, "reason": "test"})
    for url in ("/admin/", *LISTS.values()):
        assert "Submissions are stopped" in client.get(url).content.decode()


def test_submissions_go_on_by_two_people(as_user: Callable[..., Client]) -> None:
    first, second = (make_staff(name, rights.FINANCE) for name in ("park", "lee"))
    as_user(first).post("/admin/core/killswitch/act/engage/", {"row": 1, "reason": "an orphan payout"})
    as_user(first).post("/admin/core/killswitch/act/lift/", {"row": 1, "reason": "explained"})
    proposal = Proposal.objects.get()
    assert KillSwitch.objects.get().is_on
    TestProposals().approve(as_user(first), proposal, code())
    assert KillSwitch.objects.get().is_on
    TestProposals().approve(as_user(second), proposal, code())
    assert not KillSwitch.objects.get().is_on
