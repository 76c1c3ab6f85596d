"""The organisation's screens."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from aeghash.core.actors import acting_as, command
from aeghash.core.models import AuditRow, User
from organization import days as company_days
from organization.models import DailyVolume, Member, Node, Order, RankChange, Side, Spillover, Tree
from organization.operations.set_active import set_active
from tests.face import test_translations
from tests.organization import planted, world
from tests.people import make_staff

pytestmark = pytest.mark.django_db

MODELS: dict[str, Any] = {"member": Member, "order": Order, "spillover": Spillover, "rankchange": RankChange}
LISTS = {name: f"/admin/organization/{name}/" for name in (*MODELS, "dailyvolume", "node")}


@pytest.fixture(autouse=True)
def _somebody_acts() -> Iterator[None]:
    with acting_as(command("test")):
        yield


@pytest.fixture
def client(as_user: Callable[..., Client]) -> Client:
    return as_user(make_staff("ops", "operations", full_name="김도윤"))


def pages() -> dict[str, str]:
    """Every page of this app, once `world.fill()` has put rows into it."""
    rows = {f"{name}-row": f"{LISTS[name]}{model.objects.earliest('pk').pk}/" for name, model in MODELS.items()}
    second = Member.objects.order_by("pk")[1]
    lists = {f"{name}-list": url for name, url in LISTS.items() if name != "node"}
    day = DailyVolume.objects.latest("day")
    more = {
        "member-spilled": reverse("admin:organization_member_change", args=[Spillover.objects.latest("pk").member_id]),
        "dailyvolume-row": f"{LISTS['dailyvolume']}{day.member_id}-{day.day}/",
        "dailyvolume-found": f"{LISTS['dailyvolume']}?q=m1",
        "member-centers": f"{LISTS['member']}?tab=centers",
        "member-found": f"{LISTS['member']}?q=m1",
        "order-refunded": f"{LISTS['order']}?tab=refunded",
        "order-kept": f"{LISTS['order']}{Order.objects.latest('pk').pk}/",
        **{f"act-{name}": f"{LISTS['member']}act/{name}/?row={second.pk}" for name in ("rank", "center", "deactivate")},
    }
    return {**lists, **rows, **more}


def test_every_page_opens_in_both_languages(as_user: Callable[..., Client]) -> None:
    world.fill()
    user = make_staff("ops", "operations")
    for language in ("ko", "en"):
        reader = as_user(user, language)
        urls = {**pages(), "tree": LISTS["node"], "dashboard": "/admin/"}
        assert {name: reader.get(url).status_code for name, url in urls.items()} == dict.fromkeys(urls, 200)


def test_every_page_opens_before_anybody_has_joined(client: Client) -> None:
    for url in (*LISTS.values(), "/admin/"):
        assert client.get(url).status_code == 200, url


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_list_asks_as_much_for_three_rows_as_for_one(
    name: str, client: Client, django_assert_max_num_queries: Any
) -> None:
    members = world.fill(1)
    with django_assert_max_num_queries(11) as for_one:
        assert client.get(LISTS[name]).status_code == 200
    for number in (7, 8):
        member = world.join(number, members[1])
        planted.sell(member, "10")
        world.sell(number, member)
        RankChange.objects.create(member=member, before="FREE", after="D0", cause="rule", reason={})
    with django_assert_max_num_queries(11) as for_three:
        assert client.get(LISTS[name]).status_code == 200
    assert len(for_one) == len(for_three)


@pytest.mark.parametrize("query", ["node=0", "node=x", "node=99999999999999999999", "node=%00", "node=１", "select=x"])
def test_the_viewer_of_a_place_that_is_not_there_is_not_found(query: str, client: Client) -> None:
    world.fill(1)
    assert client.get(f"{LISTS['node']}?{query}").status_code == 404


def test_a_place_leads_to_the_tree_that_begins_there(client: Client) -> None:
    node = planted.node_of(world.fill(1)[1])
    assert client.get(f"{LISTS['node']}{node.pk}/")["Location"] == f"{LISTS['node']}?node={node.pk}"


class TestFinding:
    @pytest.mark.parametrize("text", ["m1@mall", "M1@mail.example", "이서", "m1@mail.example"])
    def test_a_member_by_what_staff_have_at_hand(self, text: str, client: Client) -> None:
        world.fill()
        found = client.get(f"{LISTS['member']}", {"q": text}).context["cl"].result_list
        assert [member.user.uid for member in found] == ["m1@mall.example"]

    def test_by_code(self, client: Client) -> None:
        member = world.fill()[2]
        found = client.get(LISTS["member"], {"q": member.referral_code.lower()}).context["cl"].result_list
        assert found == [member]

    def test_support_finds_an_e_mail_by_the_whole_of_it_alone(self, as_user: Callable[..., Client]) -> None:
        world.fill()
        support = as_user(make_staff("support", "support"))
        for text, count in {"m1@mail.example": 1, "m1@mall.example": 1, "m1@": 0, "m1@mail.exampl": 0}.items():
            assert len(support.get(LISTS["member"], {"q": text}).context["cl"].result_list) == count, text

    def test_support_sees_neither_e_mails_nor_numbers_that_are_some(self, as_user: Callable[..., Client]) -> None:
        world.fill()
        support = as_user(make_staff("support", "support"))
        for name, url in pages().items():
            if not name.startswith("act-") and not name.endswith("-found"):
                text = support.get(url).content.decode()
                assert "m1@" not in text, name

    def test_an_order_by_its_number_and_by_its_buyer(self, client: Client) -> None:
        world.fill()
        for text in ("A-00001", "m1@mall.example", "이서연"):
            found = client.get(LISTS["order"], {"q": text}).context["cl"].result_list
            assert [order.source_id for order in found] == ["A-00001"], text

    def test_a_spillover_by_each_member_it_names(self, client: Client) -> None:
        world.fill()
        spillover = Spillover.objects.select_related("sponsor__user").earliest("pk")
        found = client.get(LISTS["spillover"], {"q": str(spillover.sponsor.user.uid)}).context["cl"].result_list
        assert spillover in found

    @pytest.mark.parametrize("name", sorted({*LISTS} - {"node"}))
    @pytest.mark.parametrize("text", ["%00", "%25", "x" * 600, "'"])
    def test_no_word_breaks_a_list(self, name: str, text: str, client: Client) -> None:
        world.fill(1)
        assert client.get(f"{LISTS[name]}?q={text}").status_code == 200


class TestWhyHere:
    """The record of a place, told in sentences."""

    @staticmethod
    def page(client: Client, member: Member) -> str:
        return client.get(f"{LISTS['member']}{member.pk}/").content.decode()

    def test_the_top(self, client: Client) -> None:
        assert "This is the top of the tree" in self.page(client, world.fill(1)[0])

    def test_a_wish_that_was_granted(self, client: Client) -> None:
        page = self.page(client, world.fill(1)[2])
        assert "The left side was asked for." in page
        assert "The slot directly under the sponsor was free: left." in page

    def test_a_place_found_further_down(self, client: Client) -> None:
        members = world.fill(3)
        spilled = Member.objects.get(pk=Spillover.objects.earliest("pk").member_id)
        node = planted.node_of(spilled)
        page = self.page(client, spilled)
        assert members[1] == spilled.sponsor
        assert "No side was asked for." in page
        assert "Both slots under the sponsor were taken" in page
        assert f"{node.looked_at} slot" in page
        assert "It lies 2 levels below the sponsor." in page

    def test_the_viewer_is_told_the_same(self, client: Client) -> None:
        node = planted.node_of(world.fill(1)[2])
        why = client.get(reverse("admin:organization_node_why", args=[node.pk])).json()["why"]
        assert why[1:] == ["The left side was asked for.", "The slot directly under the sponsor was free: left."]
        assert client.get(reverse("admin:organization_node_why", args=[10**15])).status_code == 404

    def test_a_taken_side(self, client: Client) -> None:
        members = world.fill(1)
        member = world.join(9, members[1], Side.LEFT)
        page = self.page(client, member)
        assert "That slot was taken" in page
        assert Node.objects.get(member=member, tree=Tree.BINARY).asked_side == Side.LEFT


class TestActs:
    @pytest.fixture
    def member(self) -> Member:
        return world.fill(1)[2]

    @staticmethod
    def post(client: Client, act: str, member: Member, **given: str) -> Any:
        return client.post(f"{LISTS['member']}act/{act}/", {"row": member.pk, "reason": "감사 확인", **given})

    def test_a_rank_is_set_and_says_who_and_why(self, client: Client, member: Member) -> None:
        assert self.post(client, "rank", member, rank="D3").status_code == 302
        member.refresh_from_db()
        change = RankChange.objects.latest("pk")
        assert (member.rank, change.after, change.reason["reason"]) == ("D3", "D3", "감사 확인")
        assert AuditRow.objects.get(verb="member.rank_set").reason == "감사 확인"
        assert "감사 확인" in TestWhyHere.page(client, member)

    def test_a_center_is_marked_with_who_referred_it_and_unmarked(self, client: Client, member: Member) -> None:
        self.post(client, "center", member, referrer="m1@mall.example")
        member.refresh_from_db()
        assert (member.is_center, member.center_referrer and member.center_referrer.user.uid) == (
            True,
            "m1@mall.example",
        )
        self.post(client, "no-center", member)
        member.refresh_from_db()
        assert (member.is_center, member.center_referrer) == (False, None)

    @pytest.mark.parametrize("referrer", ["nobody", "m2@mall.example"])
    def test_a_referrer_who_cannot_be_changes_nothing(self, referrer: str, client: Client, member: Member) -> None:
        assert self.post(client, "center", member, referrer=referrer).status_code == 200
        member.refresh_from_db()
        assert not member.is_center
        assert not AuditRow.objects.filter(verb="member.center_set", object_id=str(member.pk)).exists()

    def test_a_member_leaves_and_comes_back(self, client: Client, member: Member) -> None:
        for act, is_active in (("deactivate", False), ("activate", True)):
            self.post(client, act, member)
            member.refresh_from_db()
            assert member.is_active is is_active
            assert Node.objects.filter(member=member).count() == 2
        assert AuditRow.objects.filter(verb="member.active_set", reason="감사 확인").count() == 2

    @pytest.mark.parametrize("act", ["rank", "center", "deactivate"])
    def test_nothing_is_done_without_a_reason(self, act: str, client: Client, member: Member) -> None:
        before = Member.objects.filter(pk=member.pk).values().get()
        self.post(client, act, member, rank="D5", reason=" ")
        assert Member.objects.filter(pk=member.pk).values().get() == before

    @pytest.mark.parametrize("act", ["rank", "center", "no-center", "deactivate", "activate"])
    @pytest.mark.parametrize("group", ["finance", "support"])
    def test_only_who_may_does(
        self,
        act: str,
        group: str,
        member: Member,
        as_user: Callable[..., Client],
    ) -> None:
        before = Member.objects.filter(pk=member.pk).values().get()
        assert self.post(as_user(make_staff(group, group)), act, member, rank="D5").status_code == 403
        assert Member.objects.filter(pk=member.pk).values().get() == before


def test_being_active_already_writes_nothing(db: None) -> None:
    member = world.fill(1)[0]
    set_active(member=member, is_active=True, reason="again")
    assert not AuditRow.objects.filter(verb="member.active_set").exists()


def test_texts_from_outside_are_escaped(client: Client) -> None:
    members, evil = world.fill(), "<script>alert(1)</script>"
    User.objects.filter(pk=members[1].pk).update(name=evil)
    order = Order.objects.create(
        source="x", source_id=evil, buyer=members[1], total_amount=1, pv_amount=1, channel="POS",
        paid_at=members[1].created_at, metadata={"a": evil},
    )  # fmt: skip
    for url in (*LISTS.values(), f"{LISTS['member']}{members[1].pk}/", f"{LISTS['order']}{order.pk}/"):
        assert evil not in client.get(url).content.decode(), url


def test_no_page_shows_a_sentence_of_the_other_language(
    as_user: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        test_translations, "KOREAN_DATA", (*test_translations.KOREAN_DATA, *world.NAMES, "단순 변심", "첫 센터")
    )
    names = re.compile(
        rf"{test_translations.DATA.pattern}|PV|FREE|USD|D\d.*|FREE → D0|[a-z0-9]{{8}}|A-\d+|aegmall|manage\.py test"
    )
    monkeypatch.setattr(test_translations, "DATA", names)
    world.fill()
    user = make_staff("park", "sysadmin", full_name="박지훈")
    korean, english = as_user(user, "ko"), as_user(user, "en")
    for name, url in {**pages(), "tree": LISTS["node"]}.items():
        said = {
            language: test_translations.texts(reader, url) for language, reader in (("ko", korean), ("en", english))
        }
        test_translations.check_pages(name, said["ko"], said["en"])


class TestDailyVolumes:
    """Of a day, the largest groups first; of a member, all days."""

    URL = LISTS["dailyvolume"]

    @pytest.fixture
    def members(self) -> list[Member]:
        members = world.fill(0)
        for member, pv in zip(members, ("10", "30", "20"), strict=True):
            planted.sell(member, pv)
            planted.sell(member, "5", days_ago=3)
        return members

    @staticmethod
    def shown(client: Client, **query: str) -> list[tuple[int, str]]:
        rows = client.get(TestDailyVolumes.URL, query).context["cl"].result_list
        return [(row.member_id, row.day.isoformat()) for row in rows]

    def test_today_is_shown_at_first_and_any_day_on_request(self, client: Client, members: list[Member]) -> None:
        first, second, third = (member.pk for member in members)
        today, earlier = company_days.today(), company_days.today() - timedelta(days=3)
        assert self.shown(client) == [(pk, today.isoformat()) for pk in (second, third, first)]
        assert self.shown(client, day=earlier.isoformat()) == [
            (pk, earlier.isoformat()) for pk in (first, second, third)
        ]
        assert self.shown(client, day="2020-01-01") == []

    def test_a_member_s_days_are_all_shown_the_newest_first(self, client: Client, members: list[Member]) -> None:
        today, earlier = company_days.today(), company_days.today() - timedelta(days=3)
        mine = [(members[1].pk, day.isoformat()) for day in (today, earlier)]
        assert self.shown(client, q="m1@mall.example") == mine
        assert self.shown(client, q="m1@mall.example", day=earlier.isoformat()) == mine[1:]

    @pytest.mark.parametrize("day", ["x", "20261121", "2026-13-01", "%00", "２０２６-01-01"])
    def test_what_is_no_day_is_as_if_not_asked(self, day: str, client: Client, members: list[Member]) -> None:
        assert len(self.shown(client, day=day)) == len(members)

    def test_a_row_has_its_page_and_no_other_address(self, client: Client, members: list[Member]) -> None:
        page, today = f"{self.URL}{members[1].pk}-%s/", company_days.today()
        assert page % today in client.get(self.URL).content.decode()
        assert "30" in client.get(page % today).content.decode()
        wrong = ("x", "2026-1-1", f"{today}-1", "%00", "2020-01-01")
        assert {client.get(page % day).status_code for day in wrong} == {404}
        assert client.get(f"{self.URL}0{members[1].pk}-{today}/").status_code == 404

    def test_the_shown_day_can_be_taken_along(self, as_user: Callable[..., Client], members: list[Member]) -> None:
        analyst = as_user(make_staff("fin", "finance"))
        earlier = company_days.today() - timedelta(days=3)
        file = analyst.post(f"{self.URL}export/csv/?day={earlier}")
        lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
        assert len(lines) == 1 + len(members)
        assert all(line.startswith(earlier.isoformat()) for line in lines[1:])
        assert AuditRow.objects.get(verb="list.exported").after["which"] == f"day={earlier}"
