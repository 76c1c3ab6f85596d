from organization.models.members import Member, Rank, RankCause, RankChange
from organization.models.nodes import Node, Side, Spillover, Tree
from organization.models.orders import Channel, Order, Refund
from organization.models.rank_rules import RankRule
from organization.models.volumes import DailyVolume, GroupRank

__all__ = [
    "Channel",
    "DailyVolume",
    "GroupRank",
    "Member",
    "Node",
    "Order",
    "Rank",
    "RankCause",
    "RankChange",
    "RankRule",
    "Refund",
    "Side",
    "Spillover",
    "Tree",
]
