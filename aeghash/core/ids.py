"""Ids that are made, not counted. Code asks here, so that the simulation can make them from its seed."""

import secrets
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Source = Callable[[int], bytes]

_source: Source = secrets.token_bytes


def random_bytes(count: int) -> bytes:
    """For ids, never for secrets: a steered source is guessable."""
    return _source(count)


def request_id() -> str:
    return random_bytes(16).hex()


def new_uuid() -> uuid.UUID:
    return uuid.UUID(bytes=random_bytes(16), version=4)


@contextmanager
def steered(source: Source) -> Iterator[None]:
    """Within it, ids are made of what `source` gives."""
    global _source
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before
