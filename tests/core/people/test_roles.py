"""Who gets which groups: the operation, the act by two people, and the command."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from aeghash.core.errors import Invalid, NotFound
from aeghash.core.models import ApiToken, AuditRow, Proposal, RecoveryCode, TotpDevice, User
from aeghash.core.operations.approve_proposal import ProposalChanged, approve_proposal
from aeghash.core.operations.authenticate_token import authenticate_token
from aeghash.core.operations.change_roles import CHANGE_ROLES, change_roles, roles_of
from aeghash.core.operations.propose import OwnRights, propose
from aeghash.core.operations.reset_second_factor import RESET_SECOND_FACTOR
from tests.core.people.conftest import code

Staff = Callable[..., User]
pytestmark = pytest.mark.django_db


def content(email: str, *groups: str, is_active: bool = True) -> dict[str, Any]:
    return {"email": email, "groups": list(groups), "is_active": is_active}


def test_groups_make_staff_and_their_loss_ends_it() -> None:
    User.objects.create_user("kim@example.com")
    kim = change_roles(email="kim@example.com", groups=["finance", "support"])
    assert (roles_of(kim)["groups"], kim.is_admin) == (["finance", "support"], True)
    kim = change_roles(email="KIM@example.com", groups=[])
    assert (roles_of(kim)["groups"], kim.is_admin) == ([], False)
    assert AuditRow.objects.filter(verb="roles.changed").count() == 2


def test_the_same_groups_again_change_nothing(staff: Staff) -> None:
    staff("kim", "finance")
    change_roles(email="kim@example.com", groups=["finance"])
    assert not AuditRow.objects.filter(verb="roles.changed").exists()


def test_unknown_people_and_groups_are_refused(staff: Staff) -> None:
    staff("kim", "finance")
    with pytest.raises(NotFound):
        change_roles(email="nobody@example.com", groups=["finance"])
    with pytest.raises(Invalid):
        change_roles(email="kim@example.com", groups=["finance", "kings"])
    assert roles_of(User.objects.get())["groups"] == ["finance"]


@pytest.mark.parametrize(("groups", "is_active"), [([], True), (["finance"], True), (["sysadmin"], False)])
def test_the_last_two_sysadmins_stay(staff: Staff, groups: list[str], is_active: bool) -> None:
    staff("one", "sysadmin")
    staff("two", "sysadmin")
    with pytest.raises(Invalid):
        change_roles(email="one@example.com", groups=groups, is_active=is_active)
    assert roles_of(User.objects.get(email="one@example.com")) == {"groups": ["sysadmin"], "is_active": True}


def test_a_role_is_given_by_two_people(staff: Staff) -> None:
    one, two, kim = staff("one", "sysadmin"), staff("two", "sysadmin"), staff("kim", "support")
    proposal = propose(act=CHANGE_ROLES, content=content(kim.email, "finance"), by=one, reason="promotion")
    assert roles_of(kim)["groups"] == ["support"]
    approve_proposal(proposal_id=proposal.pk, digest=proposal.digest, by=two, code=code())
    assert roles_of(kim)["groups"] == ["finance"]


def test_nobody_raises_their_own_rights(staff: Staff) -> None:
    one, two = staff("one", "sysadmin"), staff("two", "sysadmin")
    with pytest.raises(OwnRights):
        propose(act=CHANGE_ROLES, content=content(one.email, "finance"), by=one, reason="me")
    proposal = propose(act=CHANGE_ROLES, content=content(two.email, "finance"), by=one, reason="you")
    with pytest.raises(OwnRights):
        approve_proposal(proposal_id=proposal.pk, digest=proposal.digest, by=two, code=code())
    assert roles_of(two)["groups"] == ["sysadmin"]


def test_roles_that_changed_in_between_are_looked_at_again(staff: Staff) -> None:
    one, two, kim = staff("one", "sysadmin"), staff("two", "sysadmin"), staff("kim", "support")
    proposal = propose(act=CHANGE_ROLES, content=content(kim.email, "finance"), by=one, reason="promotion")
    change_roles(email=kim.email, groups=["operations"])
    with pytest.raises(ProposalChanged):
        approve_proposal(proposal_id=proposal.pk, digest=proposal.digest, by=two, code=code())
    assert roles_of(kim)["groups"] == ["operations"]


def test_a_lost_authenticator_is_reset_by_two_others(staff: Staff) -> None:
    one, two, kim = staff("one", "sysadmin"), staff("two", "sysadmin"), staff("kim", "support")
    RecoveryCode.objects.create(user=kim, digest="x")
    proposal = propose(act=RESET_SECOND_FACTOR, content={"email": kim.email}, by=one, reason="lost phone")
    approve_proposal(proposal_id=proposal.pk, digest=proposal.digest, by=two, code=code())
    assert not TotpDevice.objects.filter(user=kim).exists()
    assert not RecoveryCode.objects.filter(user=kim).exists()
    assert TotpDevice.objects.count() == 2


def run(*words: str) -> dict[str, Any]:
    output = io.StringIO()
    call_command(*words, "--json", stdout=output)
    result: dict[str, Any] = json.loads(output.getvalue())
    return result


def test_create_staff_makes_somebody_who_can_log_in() -> None:
    result = run("create_staff", "Kim@example.com", "--group", "finance", "--group", "support", "--name", "김민수")
    kim = User.objects.get(email="kim@example.com")
    assert result["groups"] == ["finance", "support"]
    assert kim.check_password(result["password"])
    assert kim.is_admin
    assert result["password"] not in str(list(AuditRow.objects.values()))


def test_create_staff_takes_a_password_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
    assert run("create_staff", "kim@example.com", "--group", "finance", "--password-stdin")["password"] is None
    assert User.objects.get().check_password("correct horse battery")


@pytest.mark.parametrize("password", ["short", "123456789012", "password1234"])
def test_create_staff_refuses_a_weak_password(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    with pytest.raises(CommandError, match="password"):
        run("create_staff", "kim@example.com", "--group", "finance", "--password-stdin")
    assert not User.objects.exists()


def test_create_staff_adds_groups_to_somebody_who_exists(staff: Staff) -> None:
    staff("kim", "support")
    assert run("create_staff", "kim@example.com", "--group", "finance")["groups"] == ["finance", "support"]


@pytest.mark.parametrize("words", [("nonsense", "--group", "finance"), ("kim@example.com", "--group", "kings")])
def test_create_staff_refuses_nonsense(words: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        run("create_staff", *words)
    assert not User.objects.exists()


def test_in_production_the_first_two_come_alone_and_the_rest_by_two_people(staff: Staff, settings: Any) -> None:
    settings.APP_ENV = "production"
    run("create_staff", "one@example.com", "--group", "sysadmin")
    run("create_staff", "two@example.com", "--group", "sysadmin")
    with pytest.raises(CommandError, match="--by and --second"):
        run("create_staff", "kim@example.com", "--group", "finance")
    assert User.objects.count() == 2


def test_in_production_both_prove_it_with_a_code(staff: Staff, settings: Any) -> None:
    settings.APP_ENV = "production"
    staff("one", "sysadmin")
    staff("two", "sysadmin")
    words = ("create_staff", "kim@example.com", "--group", "finance", "--by", "one@example.com")
    with pytest.raises(SystemExit):
        run(*words, "--second", "two@example.com", "--by-otp", code())
    assert not User.objects.filter(email="kim@example.com").exists()
    assert not Proposal.objects.exists()
    TotpDevice.objects.update(throttling_failure_timestamp=None, throttling_failure_count=0)  # a wrong code has to wait
    run(*words, "--second", "two@example.com", "--by-otp", code(1), "--second-otp", code())
    assert roles_of(User.objects.get(email="kim@example.com"))["groups"] == ["finance"]
    assert Proposal.objects.get().status == "executed"


@pytest.mark.parametrize(("by", "second"), [("one", "one"), ("one", "kim"), ("kim", "one"), ("one", "nobody")])
def test_the_two_must_be_two_and_entitled(staff: Staff, by: str, second: str) -> None:
    staff("one", "sysadmin")
    staff("two", "sysadmin")
    staff("kim", "finance")
    with pytest.raises(SystemExit):
        run(
            *("create_staff", "new@example.com", "--group", "finance"),
            *("--by", f"{by}@example.com", "--second", f"{second}@example.com"),
        )
    assert not Proposal.objects.exists()
    assert not User.objects.filter(email="new@example.com").exists()


def test_api_token_prints_the_token_alone(staff: Staff) -> None:
    kim = staff("kim", "support")
    output = io.StringIO()
    call_command("api_token", "kim@example.com", stdout=output)
    assert authenticate_token(output.getvalue().strip()) == kim
    assert len(output.getvalue().split()) == 1


def test_api_token_lists_and_revokes(staff: Staff) -> None:
    staff("kim", "support")
    run("api_token", "kim@example.com")
    (token,) = run("api_token", "kim@example.com", "--list")["tokens"]
    assert token["state"] == "live"
    assert run("api_token", "kim@example.com", "--revoke", token["id"])["tokens"][0]["state"] == "revoked"


@pytest.mark.parametrize(
    "words", [("nobody@example.com",), ("kim@example.com", "--days", "0"), ("kim@example.com", "--revoke", "x")]
)
def test_api_token_refuses(staff: Staff, words: tuple[str, ...]) -> None:
    staff("kim", "support")
    with pytest.raises(CommandError):
        run("api_token", *words)
    assert not ApiToken.objects.exists()
