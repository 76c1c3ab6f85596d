from organization.models.members import Member, Rank, RankCause, RankChange
from organization.models.nodes import Node, Side, Spillover, Tree
from organization.models.orders import Channel, Order, Refund
from organization.models.volumes import DailyVolume

__all__ = [
    "Channel",
    "DailyVolume",
    "Member",
    "Node",
    "Order",
    "Rank",
    "RankCause",
    "RankChange",
    "Refund",
    "Side",
    "Spillover",
    "Tree",
]
