"""The organisation's part of the demo: 2,000 members who brought each other within half a year."""

import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from typing import Final

from django.db import transaction

from aeghash.core import clock
from aeghash.core.actors import acting_as, command
from organization.demo_orders import SOURCE, seed_orders
from organization.models import Member, Order
from organization.operations.join_members import Newcomer, join_members
from organization.queries.members import has_root

MEMBERS: Final = 2000
DAYS: Final = 180
ROOT: Final = "aeg"

# By how common they are.
FAMILY_NAMES: Final = {
    "김": 21, "이": 15, "박": 8, "최": 5, "정": 5, "강": 2, "조": 2, "윤": 2, "장": 2, "임": 2, "한": 2, "오": 2,
    "서": 2, "신": 2, "권": 1, "황": 1, "안": 1, "송": 1, "류": 1, "홍": 1, "전": 1, "고": 1, "문": 1, "남궁": 1,
}  # fmt: skip
FIRST: Final = "민서지하도예시주수현은승유재준태혜소정영"
SECOND: Final = "준연우윤아현서진호민지은원희영수빈경훈선"


def seed() -> list[str]:
    """The members, and what they bought. A house that has a root already keeps its own."""
    return [*seed_members(), *seed_what_they_bought()]


def seed_members() -> list[str]:
    with transaction.atomic(), acting_as(command("seed_demo")):
        if has_root():
            return []
        now = clock.now()
        for day, lot in groupby(newcomers(), key=lambda pair: pair[0]):
            join_members(
                newcomers=[newcomer for _day, newcomer in lot],
                joined_at=now - timedelta(days=DAYS - day),
                reason="demo data",
            )
    return [f"{MEMBERS} members stand in both trees, under {ROOT}"]


def seed_what_they_bought() -> list[str]:
    if not Member.objects.filter(user__uid=uid_of(1)).exists() or Order.objects.filter(source=SOURCE).exists():
        return []
    with acting_as(command("seed_demo")):
        seed_orders(list(Member.objects.select_related("sponsor").order_by("pk")))
    return [f"{Order.objects.filter(source=SOURCE).count()} orders of 90 days"]


def newcomers() -> Iterator[tuple[int, Newcomer]]:
    """Each with the day on which it joined: few at first, more and more later, the same ones in every demo."""
    chance = random.Random(2026)  # noqa: S311 - a demo's chance has to be foreseeable
    yield 0, Newcomer(ROOT, name="AEG 해시")
    for number in range(1, MEMBERS):
        yield (
            int(DAYS * (number / MEMBERS) ** 0.6),
            Newcomer(
                uid=uid_of(number),
                email=f"{uid_of(number)}@example.com" if chance.random() < 0.9 else None,
                name=korean_name(chance),
                sponsor_uid=uid_of(sponsor_of(number, chance)),
                side=chance.choices((None, "L", "R"), (60, 28, 12))[0],
            ),
        )


def uid_of(number: int) -> str:
    return f"demo{number:04}" if number else ROOT


def sponsor_of(number: int, chance: random.Random) -> int:
    """Some bring dozens, most nobody; and who joined lately is keen and brings the next, which makes long lines."""
    kind = chance.random()
    if kind < 0.45:
        return int(chance.random() ** 4 * number)
    if kind < 0.60:
        return max(0, number - chance.randint(1, 4))
    return chance.randrange(number)


def korean_name(chance: random.Random) -> str:
    (family,) = chance.choices(list(FAMILY_NAMES), list(FAMILY_NAMES.values()))
    return family + chance.choice(FIRST) + chance.choice(SECOND)
