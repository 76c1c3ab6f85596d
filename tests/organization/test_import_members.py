"""Members from a file: every fault by its line, nobody in when there is one, and the rest after an interruption."""

import io
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from aeghash.core import checkpoints
from aeghash.core.models import AuditRow, User
from organization.models import Member, Node, Tree
from organization.operations import import_members as operation
from tests.organization.test_placement import expected, random_newcomers
from tests.organization.trees import join, tree_as_stored
from tests.races import Processes, eventually

pytestmark = pytest.mark.django_db

HEADER = "uid,email,name,sponsor_uid,side"
Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(*lines: str, header: str = HEADER, encoding: str = "utf-8", end: str = "\n") -> Path:
        path = tmp_path / "members.csv"
        path.write_bytes(end.join([header, *lines, ""]).encode(encoding, "surrogateescape"))
        return path

    return write


def run(path: Path, *words: str) -> tuple[int, dict[str, Any]]:
    out, status = io.StringIO(), 0
    try:
        call_command("import_members", str(path), *words, "--json", stdout=out)
    except SystemExit as end:
        status = int(str(end.code))
    return status, json.loads(out.getvalue())


def everything() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (User, Member, Node, AuditRow))


def test_members_join_in_the_order_of_the_file(write: Write) -> None:
    path = write("company,,AEG,,", "kim,Kim@Example.com,김민준,company,R", "lee,,이서연,company,", "park,,,kim,")
    status, told = run(path)
    assert (status, told["joined"], told["there"], told["faults"]) == (0, 4, 0, [])
    assert tree_as_stored() == {"company": {"R": "kim", "L": "lee"}, "kim": {"L": "park"}, "lee": {}, "park": {}}
    kim = User.objects.get(uid="kim")
    assert (kim.email, kim.name) == ("kim@example.com", "김민준")
    assert AuditRow.objects.get().reason == "members.csv, lines 2 to 5"


def test_a_sponsor_further_down_joins_first_and_the_follower_right_after(write: Write) -> None:
    run(write("a,,,c,", "b,,,company,", "company,,,,", "c,,,company,", "d,,,company,"))
    placed = Node.objects.filter(tree=Tree.BINARY).order_by("pk").values_list("member__user__uid", flat=True)
    assert list(placed) == ["company", "b", "c", "a", "d"]


@pytest.mark.parametrize(
    ("lines", "faults"),
    [
        (["a,,,nobody,"], [(3, "sponsor_uid", "nobody's number")]),
        (["a,,,b,", "b,,,c,", "c,,,a,", "d,,,a,"], [(line, "sponsor_uid", "circle") for line in (3, 4, 5)]),
        (["a,,,a,"], [(3, "sponsor_uid", "the member itself"), (3, "sponsor_uid", "circle")]),
        (["a,,,company,", "a,,,company,"], [(4, "uid", "line 3 already")]),
        (["a,x@y.kr,,company,", "b,X@Y.kr,,company,"], [(4, "email", "line 3 already")]),
        (["a,no-address,,company,"], [(3, "email", "no e-mail")]),
        (["a,staff@aeghash.example,,company,"], [(3, "email", "somebody else")]),
        (["a,,,company,M"], [(3, "side", "L or R")]),
        (["a,,,,"], [(3, "sponsor_uid", "root is there")]),
        ([",,,company,"], [(3, "uid", "blank")]),
        (["a\0,,,company,"], [(3, "uid", "can't be stored")]),
        (["a,,,company\0,"], [(3, "sponsor_uid", "nobody's number")]),
        ([f"a,,{'x' * 151},company,"], [(3, "name", "too long")]),
        (["a,,,company"], [(3, "", "number of columns")]),
        (["a,,,company,,"], [(3, "", "number of columns")]),
        (['a,,"x"y,company,'], [(3, "", "can't be read")]),
        (['a,,"never closed,company,', "b,,,company,"], [(3, "", "can't be read")]),
        (['a,,"two\nlines",company,', "b,,,nobody,"], [(3, "name", "can't be stored"), (5, "sponsor_uid", "nobody's")]),
        (["a,,,company,", "b,bad,,company,", "c,,,x,"], [(4, "email", "no e-mail"), (5, "sponsor_uid", "nobody's")]),
    ],
)
def test_a_fault_is_told_by_its_line_and_nobody_joins(
    write: Write, lines: list[str], faults: list[tuple[int, str, str]]
) -> None:
    User.objects.create_user("staff@aeghash.example")
    path, before = write("company,,,,", *lines), everything()
    status, told = run(path)
    assert (status, told["joined"]) == (1, 0)
    assert [(fault["line"], fault["field"]) for fault in told["faults"]] == [fault[:2] for fault in faults]
    for fault, (_line, _field, words) in zip(told["faults"], faults, strict=True):
        assert words in fault["reason"]
    assert everything() == before


def test_of_very_many_faults_the_first_are_told_and_all_counted(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operation, "MOST_KEPT", 3)
    repeated = [f"a,x{number},,company,M" for number in range(40)]
    status, told = run(
        write("company,,,,", *(f"u{number},bad{number},,nobody," for number in range(40)), *repeated, "short")
    )
    assert status == 1
    assert [(fault["line"], fault["field"]) for fault in told["faults"]] == [
        (3, "email"),
        (3, "sponsor_uid"),
        (4, "email"),
    ]
    assert (
        told["faults_in_all"] == 2 * 40 + 39 + 1 + 1
    )  # a stands 39 times too often, and has no e-mail; the last is short
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "header",
    [
        "",
        "uid",
        "uid,email",
        "uid,sponsor_uid,phone",
        "uid,uid,sponsor_uid",
        "UID,SPONSOR_UID",
        "uid;sponsor_uid",
        "\0",
    ],
)
def test_a_wrong_header_is_refused(write: Write, header: str) -> None:
    path = write("company,,,,", header=header)
    status, told = run(path)
    assert (status, told["code"]) == (1, "wrong_header")
    assert not User.objects.exists()


@pytest.mark.parametrize(("encoding", "end"), [("utf-8", "\n"), ("utf-8-sig", "\r\n"), ("cp949", "\r\n")])
def test_what_spreadsheets_write_is_read(write: Write, encoding: str, end: str) -> None:
    lines = ('company,"(주)에이이지, 서울",', "", "kim,똠방각하 펲시,company")
    path = write(*lines, header="uid,name,sponsor_uid", encoding=encoding, end=end)
    assert run(path)[0] == 0
    assert list(User.objects.order_by("pk").values_list("name", flat=True)) == ["(주)에이이지, 서울", "똠방각하 펲시"]


def test_what_is_no_text_is_refused_with_the_line(write: Write, tmp_path: Path) -> None:
    path = write("company,,,,", "kim,,\udcff\udcff,company,")
    status, told = run(path)
    assert (status, told["code"]) == (1, "not_text")
    assert "line 3" in told["detail"]
    assert not User.objects.exists()


def test_a_dry_run_tells_and_changes_nothing(write: Write) -> None:
    status, told = run(write("company,,,,", "kim,,,company,"), "--dry-run")
    assert (status, told["to_join"], told["joined"]) == (0, 2, 0)
    assert not User.objects.exists()


def test_members_are_passed_over_on_request_alone(write: Write) -> None:
    join("kim", join("company"))
    path = write("company,,,,", "kim,,,company,", "lee,,,kim,")
    before = everything()
    status, told = run(path)
    assert (status, [fault["line"] for fault in told["faults"]]) == (1, [2, 3])
    assert everything() == before
    status, told = run(path, "--continue")
    assert (status, told["joined"], told["there"]) == (0, 1, 2)
    assert tree_as_stored()["kim"] == {"L": "lee"}
    assert run(path, "--continue")[1]["joined"] == 0


def test_a_member_under_another_sponsor_is_a_fault(write: Write) -> None:
    join("lee", join("kim", join("company")))
    status, told = run(write("company,,,,", "lee,,,company,"), "--continue")
    assert (status, told["faults"][0]["line"], told["faults"][0]["field"]) == (1, 3, "sponsor_uid")


def test_an_interrupted_import_goes_on_to_the_same_places(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operation, "LOT", 50)
    newcomers = random_newcomers(240, seed=7)
    path = write(*(f"{one.uid},,,{one.sponsor_uid or ''},{one.side or ''}" for one in newcomers))
    lots: list[str] = []

    def stop(_name: str) -> None:
        lots.append("lot")
        if len(lots) == 3:
            raise KeyboardInterrupt

    with checkpoints.hooked(stop), pytest.raises(KeyboardInterrupt):
        run(path)
    assert Member.objects.count() == 100
    status, told = run(path, "--continue")
    assert (status, told["joined"], told["there"]) == (0, 140, 100)
    assert tree_as_stored() == expected(newcomers)


def test_who_joins_meanwhile_stops_it_between_two_lots(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operation, "LOT", 2)
    path = write("company,,,,", "a,,,company,", "b,,,company,", "c,,,company,")
    lots: list[str] = []

    def somebody_joins(_name: str) -> None:
        if not lots:
            lots.append("first")
            join("c", Member.objects.get(user__uid="company"))

    with checkpoints.hooked(somebody_joins):
        status, told = run(path)
    assert (status, told["code"]) == (1, "import_stopped")
    assert sorted(tree_as_stored()) == ["a", "c", "company"]
    assert run(path, "--continue")[1]["joined"] == 1


@pytest.mark.django_db(transaction=True)
def test_a_killed_import_leaves_whole_lots(write: Write) -> None:
    newcomers = random_newcomers(6000, seed=8)
    path = write(*(f"{one.uid},,,{one.sponsor_uid or ''},{one.side or ''}" for one in newcomers))
    with Processes(kinds="tests.organization.joiner") as processes:
        victim = processes.start("import_members", str(path))
        assert eventually(Member.objects.exists)
        processes.kill(victim)
    assert eventually(lambda: Member.objects.count() % operation.LOT == 0)
    assert 0 < Member.objects.count() < 6000
    assert run(path, "--continue")[0] == 0
    assert tree_as_stored() == expected(newcomers)


def test_a_file_that_is_not_there_is_a_misuse(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as misuse:
        call_command("import_members", str(tmp_path / "none.csv"))
    assert misuse.value.returncode == 2


@pytest.mark.prove
@pytest.mark.django_db(transaction=True)
def test_a_million_in_under_fifteen_minutes(tmp_path: Path) -> None:
    path = tmp_path / "million.csv"
    with path.open("w") as file:
        file.write(f"{HEADER}\n0,,회사,,\n")
        for number in range(1, 1_000_000):
            file.write(f"{number},m{number}@example.com,회원 {number},{number * 7 // 10 * 9 // 10},\n")
    began = time.monotonic()
    status, told = run(path)
    took = time.monotonic() - began
    assert (status, told["joined"]) == (0, 1_000_000)
    call_command("verify_tree")
    assert took < 15 * 60
