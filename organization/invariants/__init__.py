"""The organisation's entries of the catalogue."""

from organization.invariants import places, volumes

__all__ = ["places", "volumes"]
