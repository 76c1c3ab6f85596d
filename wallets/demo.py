"""The ledger's part of the demo: what the demo's members have."""

from decimal import Decimal
from typing import Final

from aeghash.core.actors import acting_as, command
from aeghash.core.models import User
from wallets.models import Entry, SystemAccount
from wallets.operations.post_many import post_many

MOST_MEMBERS: Final = 300
COINS: Final = ("LTC", "DOGE", "BELLS", "LKY", "PEP", "JKC", "DINGO", "SHIC")


def seed() -> list[str]:
    """The same amounts for the same members each time: a second run finds them posted and changes nothing."""
    members = User.objects.filter(uid__isnull=False).order_by("pk").values_list("pk", "uid")[:MOST_MEMBERS]
    entries = [entry for place, (member, uid) in enumerate(members) for entry in of_one(place, member, str(uid))]
    with acting_as(command("seed_demo")):
        posted = post_many(entries=entries, batch="demo", reason="demo data")
    return [f"{posted} credits to {len(members)} members"] if posted else []


def of_one(place: int, member: int, uid: str) -> list[Entry]:
    """A bonus for all, USDT for every other, two of the coins by turns."""
    coins = (COINS[place % len(COINS)], COINS[(place + 3) % len(COINS)])
    wanted = [("POINT", Decimal(20 + 7 * place % 900), SystemAccount.BONUS_EXPENSE)]
    wanted += [("USDT", Decimal(100 + 13 * place % 2500), SystemAccount.ISSUANCE)] if place % 2 == 0 else []
    wanted += [(coin, Decimal(1 + place % 40) / 8, SystemAccount.MINING_INCOME) for coin in coins]
    return [Entry(f"demo:{uid}:{asset}"[:200], asset, amount, source, member) for asset, amount, source in wanted]
