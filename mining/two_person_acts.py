"""Mining's acts that take two people."""

from mining.operations.register_external import REGISTER_EXTERNAL

__all__ = ["REGISTER_EXTERNAL"]
