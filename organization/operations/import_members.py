"""Bring the members of a file in: first everything is looked at, then they join in lots."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Final

from django.utils.translation import gettext_lazy as _

from aeghash.core.database_errors import translated
from aeghash.core.errors import Conflict, Invalid, Refusal
from organization.member_files import Fault, Line, read
from organization.member_order import in_order_of_joining
from organization.operations.join_members import Newcomer, check_newcomer, join_members
from organization.queries.members import emails_taken, has_root, sponsors_of

LOT: Final = 1000
LOOK_UP: Final = 10_000
MOST_KEPT: Final = 1000

Tell = Callable[[int], None]


class ImportStopped(Conflict):
    code = "import_stopped"
    sentence = _("Stopped after %(joined)s members: %(reason)s Continue with --continue.")


@dataclass
class Faults:
    """All are counted, and the first lines' kept: a file of the wrong kind has one or two in each of its million lines."""

    in_all: int = 0
    kept: list[Fault] = field(default_factory=list)

    def add(self, *faults: Fault) -> None:
        self.in_all += len(faults)
        self.kept += faults
        if len(self.kept) >= 2 * MOST_KEPT:
            self.kept = self.first()

    def first(self) -> list[Fault]:
        return sorted(self.kept, key=lambda fault: fault.line)[:MOST_KEPT]


@dataclass
class Plan:
    """Who joins, in which order; `there` counts those who are members already."""

    name: str
    newcomers: list[Line] = field(default_factory=list)
    there: int = 0
    faults: Faults = field(default_factory=Faults)


def plan_import(*, path: Path, goes_on: bool, tell: Tell = lambda _bytes: None) -> Plan:
    """Looks at the whole file and changes nothing. A file with faults isn't imported, not even in part.

    With `goes_on`, those who are members under the same sponsor are passed over: the rest of an import that was
    interrupted. Refuses what isn't such a table (`wrong_header`, `not_text`).
    """
    plan, lines = Plan(path.name), []
    for line in read(path, tell):
        if isinstance(line, Fault):
            plan.faults.add(line)
        else:
            lines.append(line)
    lines = without_repeated(lines, plan.faults)
    for fault in faults_in(lines):
        plan.faults.add(fault)
    members = {uid: sponsor for part in parts(lines, LOOK_UP) for uid, sponsor in sponsors_of(named_in(part)).items()}
    for fault in chain(faults_with(lines, members, goes_on=goes_on), faults_of_emails(lines)):
        plan.faults.add(fault)
    ordered, stranded = in_order_of_joining(lines, members)
    plan.newcomers = [line for line in ordered if line.uid not in members]
    plan.there = len(lines) - len(plan.newcomers) - len(stranded)
    plan.faults.add(*stranded)
    return plan


def import_members(*, plan: Plan, tell: Tell = lambda _done: None) -> int:
    """Lot by lot, each joining whole or not at all, with a row on the trail that names the lines.

    Killed or refused in between, what has joined stays, and another import of the file with `goes_on` brings the rest to
    the places they would have got. Refuses a plan with faults.
    """
    if plan.faults.in_all:
        raise Invalid(field="file", reason=_("has lines with faults"))
    joined = 0
    for lot in parts(plan.newcomers, LOT):
        lines = [line.number for line in lot]
        try:
            with translated():
                join_members(
                    newcomers=[newcomer_of(line) for line in lot],
                    reason=f"{plan.name}, lines {min(lines)} to {max(lines)}",
                )
        except Refusal as refusal:
            raise ImportStopped(joined=joined, reason=str(refusal)) from refusal
        joined += len(lot)
        tell(joined)
    return joined


def newcomer_of(line: Line) -> Newcomer:
    return Newcomer(uid=line.uid, email=line.email, name=line.name, sponsor_uid=line.sponsor_uid, side=line.side)


def without_repeated(lines: Iterable[Line], faults: Faults) -> list[Line]:
    """The first line of each number, and a fault for every number or e-mail that comes again."""
    uids: dict[str, int] = {}
    emails: dict[str, int] = {}
    kept = []
    for line in lines:
        if (first := uids.setdefault(line.uid, line.number)) != line.number:
            faults.add(Fault(line.number, "uid", _("stands in line %(line)s already") % {"line": first}))
            continue
        kept.append(line)
        if line.email and (first := emails.setdefault(line.email.lower(), line.number)) != line.number:
            faults.add(Fault(line.number, "email", _("stands in line %(line)s already") % {"line": first}))
    return kept


def faults_in(lines: Iterable[Line]) -> Iterator[Fault]:
    for line in lines:
        try:
            check_newcomer(newcomer_of(line))
        except Invalid as refusal:
            yield Fault(line.number, refusal.parameters["field"], refusal.parameters["reason"])


def faults_with(lines: Iterable[Line], members: dict[str, str | None], *, goes_on: bool) -> Iterator[Fault]:
    """What can't be because of who is there already."""
    root_is_there, root = has_root(), None
    for line in lines:
        if line.uid in members:
            if not goes_on:
                yield Fault(line.number, "uid", _("is a member already (--continue passes over those)"))
            elif members[line.uid] != line.sponsor_uid:
                yield Fault(line.number, "sponsor_uid", _("is a member already, under another sponsor"))
        elif line.sponsor_uid is None:
            if root_is_there or root is not None:
                yield Fault(line.number, "sponsor_uid", _("is missing: the company's root is there already"))
            root = line.uid


def faults_of_emails(lines: Sequence[Line]) -> Iterator[Fault]:
    for part in parts(lines, LOOK_UP):
        owners = emails_taken({line.email.lower() for line in part if line.email and "\0" not in line.email})
        for line in part:
            if line.email and owners.get(line.email.lower(), line.uid) != line.uid:
                yield Fault(line.number, "email", _("belongs to somebody else"))


def named_in(lines: Iterable[Line]) -> set[str]:
    names = {name for line in lines for name in (line.uid, line.sponsor_uid)}
    return {name for name in names if name and "\0" not in name}


def parts(lines: Sequence[Line], size: int) -> Iterator[Sequence[Line]]:
    for start in range(0, len(lines), size):
        yield lines[start : start + size]
