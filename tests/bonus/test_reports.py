"""The report of a closing as a file, and who may take it."""

import csv
import io
import zipfile
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from django.test import Client

from aeghash.core import rights
from aeghash.core.models import AuditRow, User
from bonus.models import Closing, ClosingMember
from organization.models import Member
from tests.bonus.closing import closed, long_ago, set_to
from tests.bonus.shares import line_of, paid
from tests.face.conftest import as_user  # noqa: F401
from tests.people import make_staff

pytestmark = pytest.mark.django_db(transaction=True)
CREDITS = "/admin/bonus/closingmember/export/{kind}/?tab=all&closing__id__exact={closing}"


@pytest.fixture
def client(as_user: Callable[..., Client]) -> Client:  # noqa: F811
    return as_user(make_staff("choi", rights.FINANCE))


@pytest.fixture
def members() -> list[Member]:
    return line_of(4)


@pytest.fixture
def closing(members: list[Member]) -> Closing:
    paid(members[3], Decimal("33.3333"), paid_at=long_ago())
    return closed()


def rows_of(response: Any) -> list[list[str]]:
    assert isinstance(response, StreamingHttpResponse)  # line by line, and never the whole of it in memory
    return list(csv.reader(io.StringIO(b"".join(response).decode().removeprefix("\ufeff"))))


def test_the_file_holds_each_credit_of_the_closing_and_no_other(client: Client, closing: Closing) -> None:
    other = Closing.objects.create(period="weekly", starts_at=long_ago(30), ends_at=long_ago(23), cutoff=long_ago(25))
    ClosingMember.objects.create(
        closing=other, member=ClosingMember.objects.earliest("pk").member, gross=1, clawed_back=0, amount=1,
        entry_ids=[0], amounts=[1], digest="", status="credited",
    )  # fmt: skip
    head, *rows = rows_of(client.post(CREDITS.format(kind="csv", closing=closing.pk)))
    assert head == ["Closing", "Member", "New bonus", "Taken back", "Amount (POINT)", "Status"]
    kept = ClosingMember.objects.filter(closing=closing).select_related("member__user").order_by("-pk")
    assert rows == [
        [str(closing.pk), row.member.user.uid, f"{row.gross:f}", "0", f"{row.amount:f}", "credited"] for row in kept
    ]
    assert sum(Decimal(row[4]) for row in rows) == Decimal(closing.report["total"])
    assert AuditRow.objects.get(verb="list.exported").after["list"] == "bonus_closing_members"


def test_the_summary_says_what_the_report_says(client: Client, closing: Closing) -> None:
    (row,) = rows_of(client.post("/admin/bonus/closing/export/csv/"))[1:]
    assert (row[0], row[3:6]) == (
        str(closing.pk),
        ["paid out", "3", f"{Decimal(closing.report['total']).normalize():f}"],
    )
    assert row[-1] == closing.sha256


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_members_number_is_no_formula(kind: str, client: Client, members: list[Member], closing: Closing) -> None:
    User.objects.filter(pk=members[2].pk).update(uid="=HYPERLINK(1)")
    response: Any = client.post(CREDITS.format(kind=kind, closing=closing.pk))
    content = b"".join(response.streaming_content)
    if kind == "xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            content = book.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in content
    assert b"'=HYPERLINK" in content or b"&apos;=HYPERLINK" in content or b"&#39;=HYPERLINK" in content


def test_the_closings_page_leads_to_its_credits(client: Client, closing: Closing) -> None:
    page = client.get(f"/admin/bonus/closing/{closing.pk}/").content.decode()
    assert f"closing__id__exact={closing.pk}" in page
    listed = client.get(f"/admin/bonus/closingmember/?tab=all&closing__id__exact={closing.pk}").content.decode()
    assert listed.count("m2</a>") == 1


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("group", [rights.OPERATIONS, rights.SUPPORT])
def test_who_may_not_export_gets_nothing(
    kind: str,
    group: str,
    closing: Closing,
    as_user: Callable[..., Client],  # noqa: F811
) -> None:
    response = as_user(make_staff("other", group)).post(CREDITS.format(kind=kind, closing=closing.pk))
    assert response.status_code == 403
    assert not AuditRow.objects.filter(verb="list.exported").exists()


def test_only_the_formats_that_are_set(client: Client, closing: Closing) -> None:
    assert client.post(CREDITS.format(kind="xlsx", closing=closing.pk)).status_code == 200
    set_to(export_formats=["csv"])
    assert client.post(CREDITS.format(kind="xlsx", closing=closing.pk)).status_code == 404
    assert client.post(CREDITS.format(kind="csv", closing=closing.pk)).status_code == 200
    assert "Excel" not in client.get("/admin/bonus/closing/").content.decode()
