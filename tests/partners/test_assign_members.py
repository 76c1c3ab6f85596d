"""Members whom staff brought in become a partner's by two people, all of a list or nobody."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from aeghash.core.actors import acting_as, command
from aeghash.core.errors import Refusal
from aeghash.core.models import AuditRow, Proposal, User
from aeghash.core.operations.approve_proposal import agree
from organization.models import Member
from organization.operations.join_member import join_member
from partners.models import PartnerMember
from partners.operations.assign_members import MembersTaken, assign_members, members_for
from tests.partners.test_calls import problem
from tests.partners.test_staff import run, two
from tests.partners.world import Mall, make_mall
from tests.people import make_staff
from tests.races.together import run_together

pytestmark = pytest.mark.django_db(transaction=True)

__all__ = ["two"]


@pytest.fixture
def imported(tmp_path: Path, mall: Mall) -> Path:
    """The table stands under the company, whom no partner brought."""
    path = tmp_path / "members.csv"
    path.write_text("uid,sponsor_uid\nkim,company\nlee,kim\n")
    call_command("import_members", str(path))
    return path


def test_an_imported_file_becomes_a_partners(mall: Mall, imported: Path, two: list[str]) -> None:
    problem(mall.get("members/kim"), 404, "member_not_found")
    assert run("partner_assign_members", "mall", str(imported), *two) == {"partner": "mall", "assigned": 2}
    assert mall.get("members/lee").json()["sponsor_uid"] == "kim"
    assert mall.post("hashpower", {"uid": "kim", "hash": "1"}).status_code == 201
    row = AuditRow.objects.get(verb="partner.members_assigned")
    assert row.after == {"partner": "mall", "count": 2}


def test_again_only_those_who_are_new_are_assigned(
    mall: Mall, imported: Path, two: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run("partner_assign_members", "mall", str(imported), *two)
    with pytest.raises(SystemExit):
        call_command("partner_assign_members", "mall", str(imported), *two)
    imported.write_text(imported.read_text() + "choi,lee\n")
    call_command("import_members", str(imported), "--continue")
    monkeypatch.setattr("partners.management.commands.partner_assign_members.MOST", 2)
    assert run("partner_assign_members", "mall", str(imported), *two)["assigned"] == 1
    assert mall.get("members/choi").status_code == 200
    assert AuditRow.objects.filter(verb="partner.members_assigned").count() == 2


@pytest.mark.parametrize(
    ("uids", "code"),
    [(["kim", "nobody"], "member_not_found"), (["kim", "a\0b"], "member_not_found"), ([" "], "nobody_new"),
     (["kim", "company"], "validation_error"), (["kim", "theirs"], "members_taken")],
)  # fmt: skip
@pytest.mark.usefixtures("imported")
def test_what_cannot_be_assigned_is_refused_as_a_whole(mall: Mall, uids: list[str], code: str) -> None:
    make_mall("other").join("theirs")
    before = PartnerMember.objects.count()
    with acting_as(command("test")), pytest.raises(Refusal) as refused:
        members_for(slug="mall", uids=uids)
    assert refused.value.code == code
    assert PartnerMember.objects.count() == before


@pytest.mark.usefixtures("imported")
def test_of_two_partners_at_once_one_gets_a_member(mall: Mall) -> None:
    make_mall("other")

    def assign(slug: str) -> int:
        with acting_as(command("test")):
            return assign_members(slug=slug, members=contents[slug])

    contents = {slug: members_for(slug=slug, uids=["kim", "lee"])["members"] for slug in ("mall", "other")}
    outcomes = run_together(lambda: assign("mall"), lambda: assign("other"))
    assert {type(outcome.error) for outcome in outcomes} == {type(None), MembersTaken}
    owners = PartnerMember.objects.filter(member__user__uid__in=["kim", "lee"]).values_list("partner__slug", flat=True)
    assert len(owners) == 2
    assert len(set(owners)) == 1
    assert AuditRow.objects.filter(verb="partner.members_assigned").count() == 1


@pytest.mark.usefixtures("imported")
def test_on_the_partners_page_one_asks_and_another_agrees(client: Any, mall: Mall, settings: Any) -> None:
    settings.APPROVAL_OTP_REQUIRED = False
    one, other = (make_staff(name, "sysadmin", with_device=False) for name in ("one", "other"))
    client.force_login(one)
    partner = PartnerMember.objects.get(member__user__uid="buyer").partner
    address = f"/admin/partners/partner/act/assign-members/?row={partner.pk}"
    assert "assign-members" in client.get(f"/admin/partners/partner/{partner.pk}/").content.decode()
    page = client.post(address, {"row": partner.pk, "uids": "kim\r\nnobody\r\n", "reason": "import"})
    assert "nobody" in page.content.decode()
    assert not Proposal.objects.exists()
    assert client.post(address, {"row": partner.pk, "uids": "kim\r\nlee\r\n", "reason": "import"}).status_code == 302
    proposal = Proposal.objects.get()
    assert not PartnerMember.objects.filter(member__user__uid="kim").exists()
    client.force_login(other)
    assert "kim, lee" in client.get(f"/admin/core/proposal/{proposal.pk}/").content.decode()
    agree(proposal_id=proposal.pk, digest=proposal.digest, by=User.objects.get(pk=other.pk))
    assert mall.get("members/kim").status_code == 200


def test_whom_staff_let_join_alone_belongs_to_nobody(mall: Mall) -> None:
    with acting_as(command("test")):
        join_member(uid="park", email=None, name="", sponsor=Member.objects.get(user__uid="buyer"), side=None)
    problem(mall.get("members/park"), 404, "member_not_found")
