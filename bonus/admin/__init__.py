"""The bonuses' part of the staff's pages."""

from bonus.admin import bonus_settings, cards, closings, entries, member_credits, rules

__all__ = ["bonus_settings", "cards", "closings", "entries", "member_credits", "rules"]
