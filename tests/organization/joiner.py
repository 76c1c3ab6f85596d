"""What a process of the race tests does: join members, one by one or in lots, under whoever is there by then."""

import random
from collections.abc import Iterator

from django.db import connection

from aeghash.core.actors import acting_as, job
from aeghash.core.errors import Refusal
from organization.models import Member, Side
from organization.operations.join_member import join_member
from organization.operations.join_members import Newcomer, join_members


def join_some(*, seed: int, count: int) -> None:
    chance = random.Random(seed)
    with acting_as(job("test")):
        for number in range(count):
            side = chance.choice((None, None, Side.LEFT, Side.RIGHT))
            join_member(uid=f"{seed}-{number}", sponsor=somebody(chance), side=side)


def somebody(chance: random.Random) -> Member:
    """Every second time one of the oldest, where many meet."""
    members = Member.objects.order_by("pk")
    return members[chance.randrange(4 if chance.random() < 0.5 else members.count()) % members.count()]


def join_lots(*, seed: int, count: int, uids: int) -> None:
    """The same numbers as everybody else's, in an order of one's own: most lots are refused."""
    chance = random.Random(seed)
    with acting_as(job("test")):
        for _ in range(count):
            lot = [Newcomer(f"lot-{uid}", sponsor_uid="company") for uid in chance.sample(range(uids), 3)]
            for one in lots_or_singles(lot, chance):
                try:
                    join_members(newcomers=one)
                except Refusal:
                    connection.close()


def lots_or_singles(lot: list[Newcomer], chance: random.Random) -> Iterator[list[Newcomer]]:
    if chance.random() < 0.5:
        yield lot
    else:
        yield from ([newcomer] for newcomer in lot)
