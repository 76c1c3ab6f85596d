"""The first page: each number leads to its rows, whatever there is; each card is for those who may see it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models.expressions import RawSQL
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aeghash.core import clock, rights
from aeghash.core.admin import dashboard as first_page
from aeghash.core.admin.dashboard import HOUSE, QUEUES, Card, Figure, dashboard
from aeghash.core.admin.kit.counting import standings
from aeghash.core.admin.kit.periods import Period
from aeghash.core.models import Job, JobState
from organization.models import Order
from tests.database import Owner
from tests.face import company, world
from tests.people import make_staff

EVERYTHING = (rights.SYSADMIN, rights.FINANCE, rights.OPERATIONS)
MOST_QUERIES = 25


@pytest.fixture
def head(as_user: Callable[..., Client]) -> Callable[[], Client]:
    """Somebody who sees every card."""
    return lambda: as_user(make_staff("head", *EVERYTHING, full_name="문하린"), "ko")


def shown(client: Client, url: str = "/admin/") -> list[Card]:
    context = client.get(url).context
    return [*context["queues"], *(card for _part, cards in context["parts"] for card in cards)]


def queries(client: Client, url: str = "/admin/") -> list[str]:
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in captured]


@pytest.mark.django_db(transaction=True)
class TestNumbers:
    def test_each_leads_to_just_its_rows(self, owner: Owner, head: Callable[[], Client]) -> None:
        company.fill(owner, 2)
        client = head()
        figures = [figure for card in shown(client) for figure in card.figures]
        counts = {(str(figure.label), figure.url): figure for figure in figures if figure.rows is not None}
        assert len(counts) > 25
        for (label, url), figure in counts.items():
            assert figure.value == f"{client.get(url).context['cl'].result_count:,}", (label, url)
        assert {label for (label, _url), figure in counts.items() if figure.value == "0"} <= {"허용", "가입"}

    def test_each_that_is_no_count_leads_to_what_it_is_made_of(self, owner: Owner, head: Callable[[], Client]) -> None:
        company.fill(owner, 1)
        client = head()
        cards = shown(client, "/admin/?days=30")
        urls = [figure.url for card in cards for figure in card.figures if figure.rows is None]
        urls += [line.url for card in cards for line in card.lines if line.url] + [
            card.url for card in cards if card.url
        ]
        assert all(figure.url for card in cards for figure in card.figures)
        assert len(urls) > 20
        assert {url: client.get(url).status_code for url in urls} == dict.fromkeys(urls, 200)

    def test_a_centers_line_leads_to_its_orders(self, owner: Owner, head: Callable[[], Client]) -> None:
        company.fill(owner, 2)
        client = head()
        (card,) = (card for card in shown(client) if card.title == "상위 센터")
        (line,) = card.lines
        assert "160" in line.note
        assert "주문 2건" in line.note
        assert client.get(line.url).context["cl"].result_count == 2
        assert Order.objects.count() > 2

    def test_the_period_narrows_them(self, owner: Owner, head: Callable[[], Client]) -> None:
        company.fill(owner, 1)
        old = Order.objects.order_by("pk").last()
        assert old is not None
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE organization_orders SET paid_at = paid_at - interval '20 days' WHERE id = %s", [old.pk])
        client = head()
        (week,) = (figure for card in shown(client) for figure in card.figures if figure.label == "주문")
        (month,) = (
            figure for card in shown(client, "/admin/?days=30") for figure in card.figures if figure.label == "주문"
        )
        assert int(month.value) == int(week.value) + 1 == client.get(month.url).context["cl"].result_count

    def test_a_queue_says_since_when(self, owner: Owner, head: Callable[[], Client]) -> None:
        company.fill(owner, 2)
        (overdue,) = (figure for card in shown(head()) for figure in card.figures if figure.label == "지연된 작업")
        assert (overdue.value, overdue.note, overdue.tone) == ("2", "최장 2시간", "warn")

    def test_three_rows_take_as_many_questions_as_one(self, owner: Owner, head: Callable[[], Client]) -> None:
        company.fill(owner, 1)
        client = head()
        one = queries(client)
        for number in (7, 8):
            company.add_one(owner, number)
        three = queries(client)
        assert len(one) == len(three) <= MOST_QUERIES, "\n".join(three)

    def test_a_count_that_fails_leaves_the_others_standing(
        self, head: Callable[[], Client], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def failing(_request: Any) -> Card:
            rows = Job.objects.annotate(nothing=RawSQL("1 / 0", [])).filter(nothing=1)
            return Card(title="broken", figures=[Figure("broken", url="/admin/core/job/", rows=rows)])

        entries = [*first_page._makers, (HOUSE, 1, rights.VIEW_JOBS, failing), (QUEUES, 1, rights.VIEW_JOBS, failing)]
        monkeypatch.setattr(first_page, "_makers", entries)
        world.make_alert("one", "critical")
        client = head()
        page = client.get("/admin/").content.decode()
        assert page.count("지금은 표시할 수 없습니다") == 2
        assert "broken" not in page
        (critical,) = (figure for card in shown(client) for figure in card.figures if figure.label == "심각")
        assert critical.value == "1"


@pytest.mark.django_db
class TestCards:
    def test_an_empty_house_has_them_all(self, head: Callable[[], Client]) -> None:
        client = head()
        assert len(queries(client)) <= MOST_QUERIES
        cards = shown(client, "/admin/?days=90")
        assert len(cards) == len(first_page._makers)
        assert {figure.value for card in cards for figure in card.figures if figure.rows is not None} == {"0"}
        assert {figure.tone for card in cards for figure in card.figures if figure.rows is not None} == {"none"}

    @pytest.mark.parametrize("given", ["", "8", "-7", "7.0", "٧", "10000", "seven", "\0"])
    def test_a_period_nobody_offers_is_the_usual_one(self, given: str, head: Callable[[], Client]) -> None:
        assert head().get("/admin/", {"days": given}).context["shown_period"] == Period(7)

    def test_each_is_for_those_with_its_right_alone(self, rf: Any) -> None:
        """Asked card by card: what a right is for, and nothing more."""
        request = rf.get("/admin/")
        request.user = make_staff("somebody")
        assert dashboard(request) == {}
        for wanted in {right for _part, _place, right, _maker in first_page._makers}:
            request.user.has_perm = lambda right, only=wanted: right == only
            made = sum(len(cards) for cards in dashboard(request).values())
            assert made == sum(right == wanted for _part, _place, right, _maker in first_page._makers)

    def test_support_sees_no_calls_of_partners(self, as_user: Callable[..., Client]) -> None:
        titles = {card.title for card in shown(as_user(make_staff("han", rights.SUPPORT)))}
        assert {"Alerts", "Payouts"} <= titles
        assert not titles & {"Waiting for your approval", "Partners' calls", "Audit trail", "Token transfers in review"}


@pytest.mark.django_db
class TestPeriods:
    def test_a_day_begins_at_the_staffs_midnight(self) -> None:
        seoul = ZoneInfo("Asia/Seoul")
        with clock.steered(lambda: datetime(2026, 11, 21, 16, tzinfo=UTC)), timezone.override(seoul):
            period = Period(2)
            assert period.begins == datetime(2026, 11, 21, tzinfo=seoul)
            assert [str(day) for day in period.all_days] == ["2026-11-21", "2026-11-22"]
            # In London it is still the 21st, so the pool's last whole day is the 20th.
            assert [str(day) for day in period.pool_days] == ["2026-11-19", "2026-11-20"]

    @pytest.mark.parametrize("given", ["0", "8", "abc", "٧"])
    def test_a_list_is_not_narrowed_by_what_it_does_not_offer(self, given: str, head: Callable[[], Client]) -> None:
        assert head().get("/admin/organization/order/", {"days": given}).status_code == 200

    def test_the_oldest_and_the_count_come_together(self, django_assert_num_queries: Any) -> None:
        jobs = [world.make_job(number, JobState.QUEUED) for number in range(3)]
        rows = Job.objects.filter(state=JobState.QUEUED)
        wanted = {"all": (rows, "due_at"), "none": (Job.objects.none(), "due_at"), "counted": (rows, "")}
        with django_assert_num_queries(1):
            found = standings(wanted, 2)
        assert (found["all"].count, found["all"].oldest) == (2, min(job.due_at for job in jobs))
        assert (found["none"].count, found["none"].oldest, found["counted"].oldest) == (0, None, None)
