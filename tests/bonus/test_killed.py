"""A closing killed at any of its checkpoints and started again ends like the one that nobody disturbed."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from django.db import connections
from psycopg import sql

from aeghash.core.checkpoints import hooked
from bonus.models import Closing, ClosingMember
from bonus.operations.run_closing import run_closing
from bonus.queries.canonical import differences
from organization.models import Member
from tests.bonus.closing import confirmed, long_ago, set_to
from tests.bonus.shares import line_of, paid
from tests.database import Owner, tables_with_rows
from tests.races.processes import Processes
from wallets.models import Balance, Transfer

SEQUENCES = "SELECT format('%I.%I', schemaname, sequencename), last_value FROM pg_sequences WHERE schemaname = 'public'"
Outcome = tuple[str, dict[str, Any], list[tuple[Any, ...]], list[tuple[Any, ...]]]


class Rewinding:
    """The database as it was, numbers yet to be given included: what happens again happens to the same rows."""

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self.tables = [sql.Identifier(name) for name in tables_with_rows(owner)]
        owner.execute("CREATE SCHEMA kept")
        for table in self.tables:
            owner.execute(sql.SQL("CREATE TABLE kept.{0} AS TABLE public.{0}").format(table))
        self.numbers = owner.execute(SEQUENCES).fetchall()

    def rewind(self) -> None:
        self.owner.execute("SET session_replication_role = replica")
        with self.owner.transaction():
            for name in tables_with_rows(self.owner):
                self.owner.execute(sql.SQL("DELETE FROM public.{}").format(sql.Identifier(name)))
            for table in self.tables:
                self.owner.execute(
                    sql.SQL("INSERT INTO public.{0} OVERRIDING SYSTEM VALUE SELECT * FROM kept.{0}").format(table)
                )
        for sequence, last in self.numbers:
            self.owner.execute("SELECT setval(%s::regclass, %s, %s)", [sequence, last or 1, last is not None])


@contextmanager
def rewinding(owner: Owner) -> Iterator[Rewinding]:
    try:
        yield Rewinding(owner)
    finally:
        owner.execute("DROP SCHEMA IF EXISTS kept CASCADE")


def outcome() -> Outcome:
    closing = Closing.objects.get()
    assert closing.status == "closed"
    assert differences(closing.pk) == []
    balances = list(Balance.objects.order_by("user").values_list("user", "amount"))
    transfers = list(Transfer.objects.order_by("reference").values_list("reference", "amount"))
    return closing.sha256, closing.report, balances, transfers


def a_confirmed_closing() -> Closing:
    set_to(chunk_size=3)
    members = line_of(9)
    Member.objects.filter(pk__in=[members[0].pk, members[1].pk]).update(rank="D2")
    for member in members[4:]:
        paid(member, 100, paid_at=long_ago())
    return confirmed()


class Killed(Exception):
    """What a transaction sees of a SIGKILL: it never commits."""


def dying_at(number: int) -> Callable[[str], None]:
    passed = count(1)

    def hook(_name: str) -> None:
        if next(passed) == number:
            raise Killed

    return hook


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("check_invariants_after")
def test_killed_anywhere_it_ends_with_the_same_hash_and_pays_everybody_once(owner: Owner, request: Any) -> None:
    """By SIGKILL in the middle of a chunk, and in full at every checkpoint; else by an error there."""
    closing = a_confirmed_closing()
    passed: list[str] = []
    with rewinding(owner) as state, Processes(kinds="tests.bonus.kinds", REDIS_URL="") as processes:
        with hooked(passed.append):
            run_closing(closing_id=closing.pk)
        undisturbed = outcome()
        assert passed.count("closing: before commit of a chunk") == 3
        assert len(undisturbed[3]) == ClosingMember.objects.count() == 8
        middle = passed.index("closing: entries of a chunk confirmed", passed.index("closing: next chunk"))
        for number, name in enumerate(passed, 1):
            state.rewind()
            if number - 1 == middle or request.config.getoption("--prove"):
                connections.close_all()
                assert processes.start("run_closing", DIES_AT=str(number)).wait(60) == -signal.SIGKILL, name
            else:
                with hooked(dying_at(number)), pytest.raises(Killed):
                    run_closing(closing_id=closing.pk)
            assert Closing.objects.get().status == "running", name
            run_closing(closing_id=closing.pk)
            assert outcome() == undisturbed, name
