"""What code says about the transaction it is called in, and that it is held to it."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.db import connection, transaction

from aeghash.core.models import Heartbeat
from aeghash.core.transactions import WrongTransaction, in_transaction, must_have_none, needs_one, opens_one

Intent = Callable[[], AbstractContextManager[None]]


@opens_one()
def opening(name: str) -> bool:
    Heartbeat.objects.create(name=name)
    return in_transaction()


@needs_one()
def part(name: str) -> None:
    Heartbeat.objects.create(name=name)


@must_have_none()
def call_outside() -> str:
    return "called"


@pytest.mark.django_db(transaction=True)
class TestForReal:
    def test_opening_commits_as_a_whole(self) -> None:
        assert opening("a") is True
        assert not connection.in_atomic_block
        assert Heartbeat.objects.count() == 1

    def test_or_not_at_all(self) -> None:
        with pytest.raises(ZeroDivisionError), opens_one():
            part("a")
            raise ZeroDivisionError
        assert not Heartbeat.objects.exists()

    def test_it_can_be_called_again_and_again(self) -> None:
        assert [opening(name) for name in "abc"] == [True] * 3


# Where it really commits, and inside the transaction that pytest wraps around a test, which must not count.
both = pytest.mark.parametrize(
    "wrapped",
    [
        pytest.param(False, marks=pytest.mark.django_db(transaction=True)),
        pytest.param(True, marks=pytest.mark.django_db),
    ],
)


@both
def test_one_that_opens_is_not_nested(wrapped: bool) -> None:
    with transaction.atomic(), pytest.raises(WrongTransaction):
        opening("inner")
    with opens_one(), pytest.raises(WrongTransaction):
        opening("inner")
    assert not Heartbeat.objects.exists()


@both
def test_a_part_is_refused_alone(wrapped: bool) -> None:
    with pytest.raises(WrongTransaction):
        part("a")
    assert not Heartbeat.objects.exists()


@both
@pytest.mark.parametrize("whole", [opens_one, transaction.atomic])
def test_a_part_works_inside_a_whole(whole: Intent, wrapped: bool) -> None:
    with whole():
        part("a")
    assert Heartbeat.objects.count() == 1


@both
def test_the_outside_is_not_called_inside(wrapped: bool) -> None:
    assert call_outside() == "called"
    for whole in (opens_one, transaction.atomic):
        with whole(), pytest.raises(WrongTransaction):
            call_outside()


@both
def test_code_can_ask(wrapped: bool) -> None:
    assert connection.in_atomic_block is wrapped
    assert not in_transaction()
    with transaction.atomic():
        assert in_transaction()
    assert not in_transaction()
