"""The plan's ranks by the plainest reading: look at everybody, until nobody rises any more."""

from decimal import Decimal
from itertools import pairwise

from organization.models import Member, Order, Rank

ORDER = list(Rank.values)


def ranks_by_reading_the_plan() -> dict[int, str]:
    members = list(Member.objects.all())
    ranks = {member.pk: member.rank for member in members}
    risen = True
    while risen:
        risen = False
        for member in members:
            best = highest(member, members, ranks)
            if not member.is_rank_held and ORDER.index(best) > ORDER.index(ranks[member.pk]):
                ranks[member.pk], risen = best, True
    return ranks


def highest(member: Member, members: list[Member], ranks: dict[int, str]) -> str:
    referrals = [ranks[other.pk] for other in members if other.sponsor_id == member.pk]
    kept = Order.objects.filter(buyer=member, refund__isnull=True)
    best = "FREE"
    if len(referrals) >= 10 or sum((order.total_amount for order in kept), Decimal(0)) >= 200:
        best = "D0"
    for below, rank in pairwise(ORDER[1:]):
        if sum(ORDER.index(held) >= ORDER.index(below) for held in referrals) >= 2:
            best = rank
    return best


def ranks_kept() -> dict[int, str]:
    return dict(Member.objects.values_list("pk", "rank"))
