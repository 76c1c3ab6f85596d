"""Races made to happen: real threads and real processes on a real PostgreSQL.

    from tests.races import Interleaving, Processes, run_together

Threads have a connection each, so the tests that use them are `@pytest.mark.django_db(transaction=True)`.
"""

from tests.races.interleaving import Interleaving
from tests.races.processes import Processes, eventually
from tests.races.together import Outcome, run_together

__all__ = ["Interleaving", "Outcome", "Processes", "eventually", "run_together"]
