"""Look at every member's rank anew: the oracle of the ranks that are raised bit by bit, and needed after a rule's change."""

from django.db import connection

from aeghash.core.checkpoints import checkpoint
from aeghash.core.transactions import with_db_retry
from aeghash.core.watermark import consume
from organization.operations.raise_ranks import RANKS, in_parts, locked_ranks, write_ranks
from organization.operations.roll_up_volumes import FOR_LARGE_WORK
from organization.queries.rank_rules import rules_in_force
from organization.queries.ranks_from_scratch import ranks_from_scratch


@with_db_retry()
def recompute_ranks() -> int:
    """Raises whoever has earned it by the rules that hold now, and nobody falls; returns how many.

    Takes its turn with the raising bit by bit, which then goes on from here.
    """
    with consume(RANKS):
        with connection.cursor() as cursor:
            cursor.execute(FOR_LARGE_WORK)
        rules = rules_in_force()
        earned = ranks_from_scratch(rules)
        checkpoint("ranks: counted anew")
        # The deeper first, so that the figures written into a history are those below it after their rise.
        return sum(
            len(write_ranks(locked_ranks(some), {member: earned[member] for member in some}, rules))
            for some in in_parts(list(earned))
        )
