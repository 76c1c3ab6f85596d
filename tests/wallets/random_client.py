"""A client that posts at random, in a process of its own, to be killed: `python -m tests.wallets.random_client SEED COUNT`.

What it does follows from the seed alone, and each act's reference from seed and number: one that is started again after its
death repeats everything, and whatever was done before must be found done, with the same contents.
"""

import random
import sys
import time
from decimal import Decimal
from typing import Final

import django

MEMBERS: Final = 50
ASSETS: Final = ("USDT", "POINT", "BNB", "LTC", "DOGE")
PATIENCE: Final = 120.0  # for a server that restarts


def main(seed: str, count: str) -> None:
    django.setup()
    from aeghash.core.actors import acting_as, job
    from tests.wallets.books import make_member

    with acting_as(job("test.random")):
        if seed == "prepare":
            for number in range(MEMBERS):
                make_member(f"R-{number}")
            return
        work(seed, int(count))


def work(seed: str, count: int) -> None:
    from aeghash.core.models import User

    chance = random.Random(seed)
    members = list(User.objects.filter(uid__startswith="R-").order_by("pk").values_list("pk", flat=True))
    for number in range(count):
        insist(seed, number, chance.getrandbits(64), members)


def insist(seed: str, number: int, bits: int, members: list[int]) -> None:
    """Through restarts of the server, as any caller would: the same again."""
    from aeghash.core.errors import TemporarilyUnavailable
    from wallets.models import HoldResolved, InsufficientBalance, UnknownHold

    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            act(seed, number, random.Random(bits), members)
        except TemporarilyUnavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        except (InsufficientBalance, HoldResolved, UnknownHold):
            return
        else:
            return


def act(seed: str, number: int, chance: random.Random, members: list[int]) -> None:
    from wallets.models import Entry, Side, SystemAccount, Transfer
    from wallets.operations.hold import hold
    from wallets.operations.post import post
    from wallets.operations.post_many import post_many
    from wallets.operations.raise_debt import raise_debt
    from wallets.operations.release import release
    from wallets.operations.settle import settle

    reference, asset, amount = f"{seed}-{number}", chance.choice(ASSETS), Decimal(chance.randint(1, 40))
    first, second, third = chance.sample(members, 3)
    earlier = f"{seed}-{chance.randint(0, max(number - 1, 0))}"
    kind = chance.choices(["credit", "pay", "hold", "settle", "release", "batch", "debt"], [20, 25, 25, 12, 10, 5, 3])[
        0
    ]
    if kind == "credit":
        post(reference=reference, asset=asset, amount=amount, source=SystemAccount.ISSUANCE, target=first)
    elif kind == "pay":
        post(reference=reference, asset=asset, amount=amount, source=first, target=second)
    elif kind == "hold":
        hold(reference=reference, asset=asset, amount=amount, source=first)
    elif kind in ("settle", "release"):
        held = Transfer.objects.filter(reference=earlier).values_list("pk", flat=True).first() or 0
        (settle if kind == "settle" else release)(hold=held, reference=reference)
    elif kind == "batch":
        sides: list[tuple[Side, Side]] = [
            (first, second),
            (second, third),
            (third, first),
            (SystemAccount.MINING_INCOME, first),
        ]
        entries = [Entry(f"{reference}/{n}", asset, amount + n, *pair) for n, pair in enumerate(sides)]
        post_many(entries=entries, batch=reference)
    else:
        expense = SystemAccount.BONUS_EXPENSE
        raise_debt(reference=reference, asset=asset, amount=amount, member=first, target=expense)


if __name__ == "__main__":
    main(*sys.argv[1:], *([""] if len(sys.argv) < 3 else []))
