"""Every binary placement once more, in memory: does everybody stand where a search in level order would have led?

The numbers of the places say in which order they were taken, since they are given under the tree's lock. What this holds
of a million members is a few machine words each.
"""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from organization.models import Node, Tree

NOBODY: Final = -1
SIDES: Final = ("L", "R")
EVERY: Final = 10_000

Tell = Callable[[int], None]
Slot = tuple[int, str, int]  # below whom, on which side, after how many slots


@dataclass(frozen=True, slots=True)
class Misplaced:
    member: int
    stands: Slot
    belongs: Slot | None

    def __str__(self) -> str:
        below, side, looked_at = self.stands
        found = "{} {} ({})".format(*self.belongs) if self.belongs else "nowhere: its sponsor wasn't there"
        return f"member {self.member} stands at {below} {side} ({looked_at}) and belongs {found}"


class Replay:
    """Nodes by the order of their coming; members by their numbers only at the edges."""

    def __init__(self) -> None:
        self.index: dict[int, int] = {}
        self.members = array("q")
        self.parent = array("q")
        self.depth = array("q")
        self.open = array("q")
        self.children = {side: array("q") for side in SIDES}

    def slot(self, sponsor: int, asked: str | None) -> Slot | None:
        here = self.index.get(sponsor)
        if here is None:
            return None
        looked = 0
        if asked is not None:
            looked, child = 1, self.children[asked][here]
            if child == NOBODY:
                return self.members[here], asked, looked
            here = child
        while self.open[here] > self.depth[here] + 1:
            left, right = (self.children[side][here] for side in SIDES)
            to_left = self.open[left] == self.open[here]
            here, looked = (left, looked + 1) if to_left else (right, looked + 2)
        is_left_free = self.children["L"][here] == NOBODY
        return self.members[here], "L" if is_left_free else "R", looked + (1 if is_left_free else 2)

    def put(self, member: int, below: int | None, side: str | None) -> None:
        above = NOBODY if below is None else self.index.get(below, NOBODY)
        new = self.index[member] = len(self.members)
        depth = 0 if above == NOBODY else self.depth[above] + 1
        for column, value in (
            (self.members, member),
            (self.parent, above),
            (self.depth, depth),
            (self.open, depth + 1),
        ):
            column.append(value)
        for column in self.children.values():
            column.append(NOBODY)
        if above != NOBODY and side in SIDES:
            self.children[side][above] = new
            self.close(above)

    def close(self, here: int) -> None:
        """A slot was taken: the figures above follow, as far as they change."""
        while here != NOBODY:
            left, right = (self.children[side][here] for side in SIDES)
            if NOBODY in (left, right):
                return
            shallowest = min(self.open[left], self.open[right])
            if self.open[here] == shallowest:
                return
            self.open[here] = shallowest
            here = self.parent[here]


def misplaced(tell: Tell) -> Iterator[Misplaced]:
    """Whoever doesn't stand where the search would have led; those after are searched from where he really stands."""
    replay = Replay()
    columns = ("member_id", "member__sponsor_id", "parent__member_id", "side", "asked_side", "looked_at")
    places = Node.objects.filter(tree=Tree.BINARY).order_by("pk").values_list(*columns)
    for count, (member, sponsor, below, side, asked, looked_at) in enumerate(places.iterator(chunk_size=EVERY), 1):
        if below is not None:
            belongs = replay.slot(sponsor, asked)
            if belongs != (below, side, looked_at):
                yield Misplaced(member, (below, str(side), looked_at), belongs)
        replay.put(member, below, side)
        if count % EVERY == 0:
            tell(count)
