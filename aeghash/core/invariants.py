"""The core's own entries of the catalogue."""

from aeghash.core import catalogue
from aeghash.core.audit import chain
from aeghash.core.catalogue import Invariant

catalogue.add(
    Invariant(
        "A1",
        "Every sealed audit row's hash follows from its content and the one before, the numbers have no gap, what was "
        "told outside still stands, and no row is unsealed 60 s after the last transaction older than it ended.",
        query=chain.FLAWS,
        since_query=chain.FLAWS,  # in full it is asked since transaction 0
    )
)
