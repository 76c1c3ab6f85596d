"""Mining's acts that take two people."""

from mining.operations.decide_restatement import DECIDE_RESTATEMENT
from mining.operations.order_power import CHARGE_CREDIT, SWAP_POWER
from mining.operations.register_external import REGISTER_EXTERNAL
from mining.operations.resolve_order import RESOLVE_AS_DONE, RESOLVE_AS_NOT_DONE

__all__ = [
    "CHARGE_CREDIT",
    "DECIDE_RESTATEMENT",
    "REGISTER_EXTERNAL",
    "RESOLVE_AS_DONE",
    "RESOLVE_AS_NOT_DONE",
    "SWAP_POWER",
]
