"""Several processes of the product at once, as in production."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Final

import django

SECONDS: Final = 1.0  # short and many: a slow stretch of the disk then spoils few rounds
HEAD_START: Final = 0.1  # so that all begin at one moment

Act = Callable[[int], None]  # one act of the worker with this number


class Crew:
    """Each worker is a process with Django set up, which stays for all rounds; one more works beside them."""

    def __init__(self, workers: int) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.workers = [ProcessPoolExecutor(1, spawn, initializer=django.setup) for _ in range(workers)]
        self.helper = ProcessPoolExecutor(1, spawn, initializer=django.setup)

    def rate(self, act: Act, *, beside: Act | None = None, seconds: float = SECONDS) -> float:
        """Acts per second of all workers together; what happens `beside` takes its time and isn't counted."""
        begin = time.time() + HEAD_START
        span = (begin, begin + seconds)
        aside = beside and self.helper.submit(repeat, beside, 0, *span)
        counts = [worker.submit(repeat, act, number, *span) for number, worker in enumerate(self.workers)]
        done = sum(count.result() for count in counts)
        if aside:
            aside.result()
        return done / seconds

    def dismiss(self) -> None:
        for worker in (*self.workers, self.helper):
            worker.shutdown()


@contextmanager
def crew(workers: int) -> Iterator[Crew]:
    hired = Crew(workers)
    try:
        yield hired
    finally:
        hired.dismiss()


def repeat(act: Act, number: int, begin: float, end: float) -> int:
    time.sleep(max(0.0, begin - time.time()))
    count = 0
    while time.time() < end:
        act(number)
        count += 1
    return count
