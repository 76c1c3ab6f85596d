"""The partners' part of the staff's pages."""

from partners.admin import cards as _cards  # noqa: F401 - they register themselves
from partners.admin.calls import CallScreen, EventScreen, RecordScreen
from partners.admin.keys import KeyScreen
from partners.admin.partners import PartnerScreen

__all__ = ["CallScreen", "EventScreen", "KeyScreen", "PartnerScreen", "RecordScreen"]
