"""Days the pool has said anew after their income was given out, and what the new version would change."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, F, OuterRef, QuerySet, Sum

from aeghash.core.money import round_down
from mining.models import Allocation, CoinFacts, DayFacts, Income, RestatementDecision
from mining.queries.income import known_at_first, plan, result_of


@dataclass(frozen=True)
class Effect:
    """`members` is what members would have together, `given` what they have of that day."""

    coin: str
    total_before: Decimal
    total: Decimal
    given: Decimal
    members: Decimal

    @property
    def difference(self) -> Decimal:
        return self.members - self.given


def undecided() -> QuerySet[DayFacts]:
    """Latest versions that can be believed, of days given out by another version, about which nobody has decided."""
    latest: QuerySet[DayFacts] = DayFacts.objects.latest_versions().filter(flaw="")
    by_another = Allocation.objects.filter(day=OuterRef("day"), facts__version__lt=OuterRef("version"))
    by_this = Allocation.objects.filter(facts=OuterRef("pk"), sequence__gt=0)
    decided = RestatementDecision.objects.filter(facts=OuterRef("pk"))
    return latest.filter(Exists(by_another), ~Exists(by_this), ~Exists(decided))


def effects(facts: DayFacts) -> list[Effect]:
    """Coin by coin, of those given out by another version."""
    coins = CoinFacts.objects.filter(facts=facts).select_related("facts", "coin").order_by("coin")
    found = [effect_of(coin) for coin in coins]
    return [effect for effect in found if effect is not None]


def effect_of(coin: CoinFacts) -> Effect | None:
    last = Allocation.objects.filter(day=coin.facts.day, coin=coin.coin).order_by("-sequence").first()
    known_at = known_at_first(coin.facts.day, coin.coin_id)
    if last is None or known_at is None or last.facts_id == coin.facts_id:
        return None
    _count, members = result_of(plan(coin, known_at=known_at))
    given = Income.objects.filter(allocation__day=coin.facts.day, allocation__coin=coin.coin).aggregate(
        given=Sum(F("amount"))
    )["given"]
    total = round_down(coin.total, coin.coin.places)
    return Effect(coin.coin_id, last.total, total, given or Decimal(), members)
