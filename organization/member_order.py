"""In which order the lines of a file join: their own, but nobody before the sponsor."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence

from django.utils.translation import gettext_lazy as _

from organization.member_files import Fault, Line


def in_order_of_joining(lines: Sequence[Line], members: Container[str]) -> tuple[list[Line], list[Fault]]:
    """Who stands above the sponsor's line joins right after the sponsor. Faults for those whose sponsors lead nowhere."""
    waiting: dict[str, list[Line]] = defaultdict(list)
    joined: set[str] = set()
    ordered: list[Line] = []
    for line in lines:
        sponsor = line.sponsor_uid
        if sponsor is None or sponsor in joined or sponsor in members:
            for follower in with_followers(line, waiting):
                ordered.append(follower)
                joined.add(follower.uid)
        else:
            waiting[sponsor].append(line)
    left = [line for group in waiting.values() for line in group]
    return ordered, list(stranded(left, {line.uid for line in lines}))


def with_followers(line: Line, waiting: dict[str, list[Line]]) -> Iterator[Line]:
    at_hand = [line]
    while at_hand:
        line = at_hand.pop()
        yield line
        at_hand.extend(reversed(waiting.pop(line.uid, ())))


def stranded(left: Iterable[Line], in_file: Container[str]) -> Iterator[Fault]:
    """Only where the trouble is: those who merely hang below it are in order as soon as it is mended."""
    sponsors = {line.uid: line.sponsor_uid for line in left}
    circles = in_circles(sponsors)
    for line in left:
        if line.uid in circles:
            yield Fault(line.number, "sponsor_uid", _("stands in a circle of sponsors"))
        elif line.sponsor_uid not in in_file:
            yield Fault(line.number, "sponsor_uid", _("is nobody's number, neither in the file nor among the members"))


def in_circles(sponsors: dict[str, str | None]) -> set[str]:
    """Everybody has one sponsor, so a walk upwards that meets itself has found a circle, and each is walked once."""
    circles: set[str] = set()
    seen: dict[str, str] = {}  # by whose walk
    for start in sponsors:
        uid: str | None = start
        while uid in sponsors and uid not in seen:
            seen[uid] = start
            uid = sponsors[uid]
        if uid in sponsors and seen[uid] == start:
            while uid is not None and uid not in circles:
                circles.add(uid)
                uid = sponsors[uid]
    return circles
