"""Times that mean something on a machine that does other things as well."""

from collections.abc import Callable
from time import perf_counter

TIMES = 15


def times_as_long(work: Callable[[], object], reference: Callable[[], object]) -> float:
    """Each at its best of many, in turns: what happens to the machine meanwhile is neither's own time."""
    pairs = [(seconds(work), seconds(reference)) for _ in range(TIMES)]
    return min(own for own, _ in pairs) / min(other for _, other in pairs)


def seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started
