"""What rank a member has earned, by the rules that hold now."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count

from aeghash.core import clock
from organization.models import Member, Rank, RankRule
from organization.queries.sales import own_sales

HEIGHT: Final = {rank: height for height, rank in enumerate(Rank.values)}

Rules = Mapping[str, RankRule]


@dataclass(frozen=True, slots=True)
class Standing:
    """The figures that the rules ask for."""

    own_sales: Decimal
    referrals: Mapping[str, int]  # how many direct referrals hold each rank

    @property
    def direct_referrals(self) -> int:
        return sum(self.referrals.values())

    def referrals_from(self, rank: str) -> int:
        """How many hold this rank or a higher one."""
        return sum(count for held, count in self.referrals.items() if HEIGHT[held] >= HEIGHT[rank])

    def reaches(self, rule: RankRule) -> bool:
        """Any one of a rule's figures suffices."""
        return (
            (rule.direct_referrals is not None and self.direct_referrals >= rule.direct_referrals)
            or (rule.own_sales is not None and self.own_sales >= rule.own_sales)
            or (
                rule.referrals_of_rank_below is not None
                and self.referrals_from(rank_below(rule.rank)) >= rule.referrals_of_rank_below
            )
        )

    def told(self, rule: RankRule) -> dict[str, Any]:
        """For the history: what was reached, and by what."""
        return {
            "rule": rule.pk,
            "own_sales": f"{self.own_sales:f}",
            "direct_referrals": self.direct_referrals,
            "referrals_of_rank_below": self.referrals_from(rank_below(rule.rank)),
        }


def rank_below(rank: str) -> str:
    return str(Rank.values[HEIGHT[rank] - 1])


def rules_in_force() -> Rules:
    """Of each rank the newest rule that is valid already; the highest rank first."""
    valid = RankRule.objects.filter(valid_from__lte=clock.now()).order_by("rank", "-valid_from")
    newest = {rule.rank: rule for rule in valid.distinct("rank")}
    return {rank: newest[rank] for rank in reversed(Rank.values) if rank in newest}


def standings(member_ids: Collection[int]) -> dict[int, Standing]:
    sales = own_sales(member_ids)
    referrals: dict[int, dict[str, int]] = {member: {} for member in member_ids}
    counted = Member.objects.filter(sponsor__in=member_ids).order_by().values_list("sponsor_id", "rank")
    for sponsor, rank, count in counted.annotate(Count("pk")):
        referrals[sponsor][rank] = count
    return {member: Standing(sales[member], referrals[member]) for member in member_ids}


def earned(standing: Standing, rules: Rules) -> RankRule | None:
    """The rule of the highest rank that is reached; a rank below it need not be held."""
    return next((rule for rule in rules.values() if standing.reaches(rule)), None)
