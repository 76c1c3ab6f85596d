"""Who works at the desk, and how they press its buttons."""

from typing import Any, Final

from django.test import Client

from aeghash.core import rights
from aeghash.core.models import User
from tests.face.world import code
from tests.people import make_staff
from withdrawals.admin.queue import Desk
from withdrawals.admin.seen import seen
from withdrawals.models import Withdrawal
from withdrawals.queries.desk import on_the_desk

DESK: Final = "/admin/withdrawals/withdrawal/"


def park() -> User:
    return make_staff("park", rights.FINANCE, full_name="박지훈")


def lee() -> User:
    return make_staff("lee", rights.FINANCE, full_name="이서연")


def kim() -> User:
    return make_staff("kim", rights.OPERATIONS, full_name="김도윤")


def han() -> User:
    return make_staff("han", rights.SUPPORT, full_name="한지우")


def shown(row: Withdrawal) -> Withdrawal:
    """As the desk has it."""
    return on_the_desk(Withdrawal.objects.all(), 0).get(pk=row.pk)


def page(client: Client, row: Withdrawal) -> str:
    answer = client.get(f"{DESK}{row.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def press(client: Client, act: str, *rows: Withdrawal, seen_before: dict[str, str] | None = None, **given: Any) -> Any:
    """Sends the act's page as it stands now, or as it was seen before."""
    hidden = seen_before if seen_before is not None else sight(*rows)
    return client.post(f"{DESK}act/{act}/", {"row": [row.pk for row in rows], **hidden, **given})


def sight(*rows: Withdrawal) -> dict[str, str]:
    return {f"seen-{row.pk}": seen(shown(row)) for row in rows}


def said(answer: Any) -> str:
    return str(answer.content.decode())


__all__ = ["DESK", "Desk", "code"]
