"""The bonuses' part of the staff's pages."""

from bonus.admin import cards, closings, entries, member_credits, rules

__all__ = ["cards", "closings", "entries", "member_credits", "rules"]
