"""The bonuses' part of the staff's pages."""

from bonus.admin import closings, entries, member_credits, rules

__all__ = ["closings", "entries", "member_credits", "rules"]
