"""The parts later screens are made of."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.utils import translation

from aeghash.core import rights
from aeghash.core.admin.dashboard import HOUSE, Card, _makers
from aeghash.core.admin.kit import cells, charts, exports
from aeghash.core.admin.kit.counting import BoundedPaginator, bounded_counts
from aeghash.core.admin.kit.failures import failure_in_words
from aeghash.core.admin.kit.row_acts import Confirmation, Outcome
from aeghash.core.admin.kit.viewer import viewed_by
from aeghash.core.egress import Reason
from aeghash.core.errors import Conflict
from aeghash.core.headers import policy
from aeghash.core.models import Job, JobState
from tests.face import world
from tests.people import make_staff


class Viewer:
    def __init__(self, *granted: str) -> None:
        self.granted = granted

    def has_perm(self, right: str) -> bool:
        return right in self.granted


ADDRESS = "0x52908400098527886E0F7030069857D2E4169EE7"


class TestCells:
    def test_an_address_shows_both_ends_and_copies_the_whole(self) -> None:
        with viewed_by(lambda: Viewer(rights.SEE_PERSONAL_DATA)):
            cell = cells.address(ADDRESS)
        assert ">0x529084…169EE7<" in cell
        assert f'data-copy="{ADDRESS}"' in cell

    @pytest.mark.parametrize("viewer", [None, Viewer()])
    def test_an_address_is_masked_for_everybody_else(self, viewer: Any) -> None:
        with viewed_by(lambda: viewer):
            assert ADDRESS[8:-6] not in cells.address(ADDRESS)
            assert "kim" not in cells.email("kim@example.com")

    def test_money_keeps_all_its_places_and_its_sign(self) -> None:
        assert ">1,234,567.890000<" in cells.money(Decimal("1234567.890000"), "USDT")
        minus = cells.money(Decimal("-0.5"), "BNB")
        assert ">−0.5<" in minus
        assert "minus" in minus
        assert cells.money(None) == "–"

    def test_cells_escape(self) -> None:
        for cell in (cells.badge("<b>", "ok"), cells.money(Decimal(1), "<b>"), cells.copy_button('"<b>')):
            assert "<b>" not in cell


class TestExports:
    @pytest.mark.parametrize(
        "evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\n=x", " =1", "＝1", "=cmd|' /C calc'!A0"]
    )
    def test_no_text_becomes_a_formula(self, evil: str) -> None:
        assert exports.plain(evil).startswith("'")

    @pytest.mark.parametrize("value", ["kim", "1=1", "", "a-b", "한국어"])
    def test_harmless_text_stays_as_it_is(self, value: str) -> None:
        assert exports.plain(value) == value

    def test_numbers_stay_numbers(self) -> None:
        assert exports.plain(Decimal("-12.50")) == Decimal("-12.50")
        assert exports.plain(None) == ""

    @pytest.fixture
    def finance(self, as_user: Callable[..., Client], db: None) -> Client:
        world.make_job(1, JobState.DEAD, attempts=3, kind="한국어.작업", last_error='=HYPERLINK("http://evil")')
        return as_user(make_staff("fin", rights.FINANCE), "ko")

    def test_csv_streams_in_the_viewers_language_for_excel(self, finance: Client) -> None:
        response: Any = finance.post("/admin/core/job/export/csv/")
        text = b"".join(response.streaming_content).decode()
        assert text.startswith("\ufeff")
        head, row = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
        assert head[0] == "작업"
        assert row[1] == "한국어.작업"
        assert row[2] == "실패"
        assert row[5].startswith("'=HYPERLINK")

    def test_xlsx_holds_no_formula(self, finance: Client) -> None:
        response: Any = finance.post("/admin/core/job/export/xlsx/")
        with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as book:
            sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "HYPERLINK" in sheet
        ET.fromstring(sheet)

    def test_an_export_holds_what_the_list_shows(self, finance: Client) -> None:
        world.make_job(2, JobState.QUEUED)
        response: Any = finance.post("/admin/core/job/export/csv/?tab=queued")
        assert len(b"".join(response.streaming_content).splitlines()) == 2

    def test_an_export_is_asked_for_by_post(self, finance: Client) -> None:
        assert finance.get("/admin/core/job/export/csv/").status_code == 405

    def test_rows_come_in_chunks_each_once(
        self, db: None, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
    ) -> None:
        monkeypatch.setattr(exports, "CHUNK", 2)
        jobs = [world.make_job(number, JobState.QUEUED).pk for number in range(5)]
        with django_assert_num_queries(3):
            assert [job.pk for job in exports.in_chunks(Job.objects.all())] == jobs[::-1]

    def test_too_many_rows_for_a_sheet_are_refused(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(exports, "ROWS_OF_A_SHEET", 1)
        for number in range(2):
            world.make_job(number, JobState.QUEUED)
        with pytest.raises(exports.TooManyRows):
            exports.as_xlsx(Job.objects.all(), {"Id": lambda job: job.pk}, "jobs")

    def test_amounts_beyond_a_sheets_precision_stay_exact(self) -> None:
        written: list[tuple[str, Any]] = []

        class Sheet:
            def write_number(self, _row: int, _column: int, value: Any) -> None:
                written.append(("number", value))

            def write_string(self, _row: int, _column: int, value: Any) -> None:
                written.append(("text", value))

        exports._write_cell(Sheet(), 0, 0, Decimal("12.5"))
        exports._write_cell(Sheet(), 0, 0, Decimal("1234567890.123456789"))
        assert written == [("number", Decimal("12.5")), ("text", "1234567890.123456789")]


class TestFailures:
    @pytest.mark.parametrize("reason", Reason)
    def test_each_has_its_sentence_and_keeps_what_was_stored(self, reason: Reason) -> None:
        with translation.override("ko"):
            sent, unsent = failure_in_words(f"sent: {reason} (502)"), failure_in_words(f"not sent: {reason}")
        assert f"(sent: {reason} (502))" in sent
        assert re.search("[가-힣]", sent)
        assert "전송되지 않" in unsent

    @pytest.mark.parametrize("said", ["", "Invalid API Key", "sent: by hand", "it was sent: reset"])
    def test_what_is_no_failed_call_stays_as_it_is(self, said: str) -> None:
        assert failure_in_words(said) == said


@pytest.mark.django_db
class TestCounting:
    def test_counts_stop_at_their_bound_in_one_question(self, django_assert_num_queries: Any) -> None:
        for number in range(5):
            world.make_job(number, JobState.QUEUED)
        queued = Job.objects.filter(state=JobState.QUEUED)
        with django_assert_num_queries(1):
            assert bounded_counts({"a": queued, "b": Job.objects.none(), "c": queued.filter(attempts=7)}, 3) == {
                "a": 3, "b": 0, "c": 0,
            }  # fmt: skip

    def test_pages_end_at_the_bound(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("aeghash.core.admin.kit.counting.MOST_COUNTED", 4)
        for number in range(6):
            world.make_job(number, JobState.QUEUED)
        paginator = BoundedPaginator(Job.objects.order_by("pk"), 2)
        assert (paginator.count, paginator.num_pages, paginator.is_more) == (4, 2, True)
        assert paginator.estimate is not None
        assert BoundedPaginator(Job.objects.filter(attempts=0).order_by("pk"), 2).estimate is None


class TestCharts:
    LABELS = ["00", "01", "02"]

    @pytest.mark.parametrize("draw", [charts.bar_chart, charts.line_chart, charts.area_chart])
    def test_each_is_well_formed_and_says_its_numbers_in_words(self, draw: Callable[..., str]) -> None:
        for language in ("ko", "en"):
            with translation.override(language):
                html = draw("Jobs <b>", self.LABELS, {"Done": [1, 2, 3], "Failed": [0, Decimal("1.5"), 0]})
            assert "<b>" not in html
            assert "style=" not in html
            ET.fromstring(html[html.index("<svg") : html.index("</svg>") + 6])
            assert html.count("<td") == 6

    @pytest.mark.parametrize("draw", [charts.bar_chart, charts.line_chart, charts.area_chart])
    def test_nothing_to_draw_is_drawn(self, draw: Callable[..., str]) -> None:
        assert "<svg" in draw("None", [], {"Done": []})
        assert "<svg" in draw("Zeros", self.LABELS, {"Done": [0, 0, 0]})

    @pytest.mark.parametrize(
        ("value", "top"), [(0, 2), (1, 2), (3, 4), (7, 8), (9, 10), (11, 20), (1234, 2000), (0.03, 0.04)]
    )
    def test_the_scale_ends_above_the_highest(self, value: float, top: float) -> None:
        assert charts.round_above(value) == pytest.approx(top)


def test_sums_leave_refused_rows_out() -> None:
    rows: list[Outcome[Any]] = [
        Outcome(None, {}, ("USDT", Decimal("1.5"))),
        Outcome(None, {}, ("USDT", Decimal(2))),
        Outcome(None, {}, ("BNB", Decimal(7)), refusal=Conflict()),
    ]
    confirmation: Confirmation[Any] = Confirmation(None, rows)  # type: ignore[arg-type]
    assert confirmation.sums == {"USDT": Decimal("3.5")}
    assert confirmation.possible == 2


@pytest.mark.django_db
class TestDashboard:
    def test_a_card_that_fails_takes_no_other_along(
        self, as_user: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from django.db import DatabaseError

        def failing(_request: Any) -> Card:
            raise DatabaseError("canceling statement due to statement timeout")

        monkeypatch.setattr("aeghash.core.admin.dashboard._makers", [*_makers, (HOUSE, 1, rights.VIEW_JOBS, failing)])
        page = as_user(make_staff("park", rights.SYSADMIN)).get("/admin/").content.decode()
        assert "shown right now" in page
        assert "Audit trail" in page


class TestHeaders:
    @pytest.mark.django_db
    @pytest.mark.parametrize("url", ["/admin/login/", "/admin/", "/healthz", "/static/aeghash/theme.css", "/nowhere"])
    def test_every_answer_carries_them(self, url: str, client: Client) -> None:
        answer = client.get(url)
        assert "default-src 'self'" in answer["Content-Security-Policy"]
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert url.startswith("/static") or answer["X-Frame-Options"] == "DENY"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["Permissions-Policy"]

    def test_a_policy_reads_as_browsers_want_it(self) -> None:
        assert (
            policy({"default-src": ["'self'"], "img-src": ["'self'", "data:"]})
            == "default-src 'self'; img-src 'self' data:"
        )

    @pytest.mark.django_db
    def test_no_page_needs_more_than_the_policy_allows(self, as_user: Callable[..., Client]) -> None:
        """The quick half of what the browser tests see: nothing inline, nothing from elsewhere."""
        from tests.face.pages import pages

        client = as_user(world.fill(1)["park"])
        inline = (" style=", "<style", "javascript:", " onclick=", "http://", "data:image")
        for name, url in pages().items():
            page = client.get(url).content.decode()
            assert not any(mark in page for mark in inline), name
            assert page.count("<script") == page.count('<script src="/static/'), name


@pytest.mark.django_db
def test_the_appearance_is_kept(client: Client) -> None:
    client.post("/admin/preferences/", {"theme": "dark", "next": "/admin/login/"})
    assert 'data-theme="dark"' in client.get("/admin/login/").content.decode()
    client.post("/admin/preferences/", {"theme": ""})
    assert "data-theme" not in client.get("/admin/login/").content.decode()


@pytest.mark.django_db
def test_times_are_seouls_on_the_screens_and_utc_elsewhere(as_user: Callable[..., Client]) -> None:
    from datetime import UTC, datetime

    from django.utils import timezone

    job = world.make_job(1, JobState.DEAD, attempts=3, created_at=datetime(2026, 1, 1, 20, 0, tzinfo=UTC))
    page = as_user(make_staff("park", rights.SYSADMIN)).get(f"/admin/core/job/{job.pk}/").content.decode()
    assert "2026-01-02 05:00:00" in page
    assert timezone.get_current_timezone_name() == "UTC"
