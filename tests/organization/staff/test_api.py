"""/api/v1/organization/"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from aeghash.core.actors import acting_as, command
from aeghash.core.models import AuditRow, User
from organization.api import nodes
from organization.models import Member, Node, RankChange, Side, Spillover, Tree
from tests.api.conftest import fields, problem, queries_for
from tests.organization import planted, world

pytestmark = pytest.mark.django_db

API = "/api/v1/organization/"
MEMBERS = f"{API}members/"


@pytest.fixture(autouse=True)
def _somebody_acts() -> Iterator[None]:
    with acting_as(command("test")):
        yield


@pytest.fixture
def members() -> list[Member]:
    return world.fill()


def tree(api: Client, node: Node, query: str = "") -> dict[str, Any]:
    answer = api.get(f"{API}nodes/{node.pk}/tree/{query}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


class TestMembers:
    def test_one_with_both_places(self, api: Client, members: list[Member]) -> None:
        spilled = Member.objects.get(pk=Spillover.objects.earliest("pk").member_id)
        shown = api.get(f"{MEMBERS}{spilled.pk}/").json()
        assert shown["uid"] == spilled.user.uid
        assert shown["sponsor_uid"] == "m1@mall.example"
        binary, unilevel = shown["places"]
        assert (binary["tree"], binary["depth"], binary["spilled_over"]) == ("binary", 3, True)
        assert (unilevel["tree"], unilevel["depth"], unilevel["side"]) == ("unilevel", 2, None)
        assert unilevel["parent_uid"] == "m1@mall.example"

    def test_filters(self, api: Client, members: list[Member]) -> None:
        for query, count in {
            "search=m1@mall": 1, "search=m": 6, "is_center=true": 1, "is_active=false": 0, "rank=D5": 0, "rank=FREE": 6,
            "search=%25": 0,
        }.items():  # fmt: skip
            assert len(api.get(f"{MEMBERS}?{query}").json()["results"]) == count, query
        for wrong in ("rank=D9", "rank_=D1", "search=%00"):
            assert api.get(f"{MEMBERS}?{wrong}").status_code == 400, wrong

    def test_support_sees_e_mails_masked(self, caller: Any, members: list[Member]) -> None:
        support = caller("support", name="support")
        node = planted.node_of(members[2])
        for path in ("members/", f"members/{members[2].pk}/", f"nodes/{node.pk}/tree/", f"nodes/{node.pk}/kpi/", "orders/",
                     "spillovers/", "rank-changes/"):  # fmt: skip
            text = support.get(f"{API}{path}").content.decode()
            assert "m***@" in text, path
            assert not any(f"m{number}@" in text for number in range(6)), path

    @pytest.mark.parametrize(
        ("text", "count"), [("m1@mail.example", 1), ("m1@", 0), ("m1@mail.exampl", 0), ("이서", 1)]
    )
    def test_support_guesses_no_e_mail(self, text: str, count: int, caller: Any, members: list[Member]) -> None:
        found = caller("support", name="support").get(MEMBERS, {"search": text}).json()["results"]
        assert len(found) == count

    @pytest.mark.parametrize("path", ["members/", "orders/", "spillovers/", "rank-changes/"])
    def test_a_list_asks_as_much_for_three_rows_as_for_one(
        self,
        path: str,
        api: Client,
    ) -> None:
        members = world.fill(1)
        for_one = queries_for(api, f"{API}{path}")
        for number in (7, 8):
            member = world.join(number, members[1])
            world.sell(number, member, is_refunded=True)
            RankChange.objects.create(member=member, before="FREE", after="D0", cause="rule", reason={})
        assert queries_for(api, f"{API}{path}") == for_one < 12


class TestJoining:
    GIVEN = {"uid": "new@mall.example", "sponsor_uid": "m1@mall.example", "name": "신입", "side": "R"}

    def test_a_member_joins_under_the_sponsor(self, api: Client, members: list[Member]) -> None:
        answer = api.post(MEMBERS, self.GIVEN, content_type="application/json")
        assert answer.status_code == 201
        member = Member.objects.get(pk=answer.json()["id"])
        assert (member.user.uid, member.sponsor) == ("new@mall.example", members[1])
        assert planted.node_of(member).asked_side == Side.RIGHT
        assert api.get(f"{MEMBERS}{member.pk}/").json() == answer.json()
        assert AuditRow.objects.filter(verb="member.joined", object_id=str(member.pk)).count() == 1

    @pytest.mark.parametrize(
        ("changed", "status", "code"),
        [
            ({"uid": "m1@mall.example"}, 409, "member_exists"),
            ({"email": "m1@mail.example"}, 409, "member_exists"),
            ({"sponsor_uid": "nobody"}, 404, "member_not_found"),
            ({"email": "no e-mail"}, 400, "validation_error"),
            ({"side": "X"}, 400, "validation_error"),
            ({"uid": ""}, 400, "validation_error"),
            ({"rank": "D5"}, 400, "validation_error"),
        ],
    )
    def test_what_is_refused_leaves_nothing_behind(
        self,
        changed: dict[str, str],
        status: int,
        code: str,
        api: Client,
        members: list[Member],
    ) -> None:
        before = User.objects.count(), Node.objects.count(), AuditRow.objects.count()
        problem(api.post(MEMBERS, {**self.GIVEN, **changed}, content_type="application/json"), status, code)
        assert (User.objects.count(), Node.objects.count(), AuditRow.objects.count()) == before


class TestTree:
    def test_it_is_as_the_schema_says(self, api: Client) -> None:
        top, *_ = planted.plant(10)
        planted.sell(top, "10.50")
        found = tree(api, planted.node_of(top), "?depth=1&days=7")
        assert found.keys() == nodes.TreeSerializer().fields.keys()
        for row in found["nodes"]:
            assert row.keys() == nodes.TreeNode().fields.keys()
            assert row["below"].keys() == nodes.Below().fields.keys()
        assert found["nodes"][0]["personal_volume"] == "10.5"
        assert (found["cut_by_depth"], found["cut_by_count"], len(found["nodes"])) == (True, False, 3)

    def test_the_way_up_names_the_places_above(self, api: Client) -> None:
        members = planted.plant(10)
        found = tree(api, planted.node_of(members[9]))
        assert [row["uid"] for row in found["above"]] == [f"m{number}@mall.example" for number in (0, 1, 4)]

    @pytest.mark.parametrize(
        "query",
        ["depth=0", "depth=51", "depth=x", "depth=1.0", "days=91", "after=-1", "after=1e3", "depth=１", "levels=2"],
    )
    def test_what_cannot_be_answered_is_refused(self, query: str, api: Client) -> None:
        node = planted.node_of(planted.plant(1)[0])
        document = problem(api.get(f"{API}nodes/{node.pk}/tree/?{query}"), 400, "validation_error")
        assert fields(document).keys() == {query.partition("=")[0]}

    def test_a_place_that_is_not_there_is_not_found(self, api: Client) -> None:
        for path in ("tree", "kpi"):
            problem(api.get(f"{API}nodes/{2**62}/{path}/"), 404, "not_found")


class TestKpi:
    @pytest.mark.parametrize("days", [1, 7, 90])
    def test_sums_are_those_of_the_days(self, days: int, api: Client) -> None:
        top, *_ = planted.plant(1)
        for ago in (0, 6, 7, 89, 90):
            planted.sell(top, "10", days_ago=ago)
        shown = api.get(f"{API}nodes/{planted.node_of(top).pk}/kpi/?days={days}").json()
        counted = sum(ago < days for ago in (0, 6, 7, 89, 90))
        assert shown.keys() == nodes.KpiSerializer().fields.keys()
        assert (shown["personal_volume"], shown["orders_count"]) == (str(10 * counted), counted)
        assert len(shown["days"]) == days
        assert (shown["days"][0]["day"], shown["days"][-1]["day"]) == (shown["first_day"], shown["last_day"])
        assert sum(int(day["volume_left"]) for day in shown["days"]) == int(shown["volume_left"])

    @pytest.mark.parametrize("days", ["0", "91", "x", "-1"])
    def test_1_to_90_days(self, days: str, api: Client) -> None:
        node = planted.node_of(planted.plant(1)[0], Tree.UNILEVEL)
        problem(api.get(f"{API}nodes/{node.pk}/kpi/?days={days}"), 400, "validation_error")


def test_an_order_shows_its_refund(api: Client, members: list[Member]) -> None:
    kept, refunded = api.get(f"{API}orders/?source=aegmall").json()["results"][-2:]
    assert (kept["refunded_at"], kept["total_amount"]) == (None, "149.9")
    assert refunded["refunded_at"]
    assert refunded["buyer_uid"] == "m0@mall.example"


def test_rank_changes_of_one_member(api: Client, members: list[Member]) -> None:
    (change,) = api.get(f"{API}rank-changes/?member={members[1].pk}").json()["results"]
    assert (change["before"], change["after"], change["cause"]) == ("FREE", "D0", "rule")
    for wrong in ("x", "0", str(2**63), "1.5"):
        assert api.get(f"{API}rank-changes/?member={wrong}").status_code == 400, wrong
