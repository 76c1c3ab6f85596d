"""Who is looking at the page: cells ask what they may show. Nobody known, nothing personal shown."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from aeghash.core import rights

_viewer: ContextVar[Callable[[], Any]] = ContextVar("viewer", default=lambda: None)


@contextmanager
def viewed_by(find: Callable[[], Any]) -> Iterator[None]:
    token = _viewer.set(find)
    try:
        yield
    finally:
        _viewer.reset(token)


def may(right: str) -> bool:
    user = _viewer.get()()
    return user is not None and bool(user.has_perm(right))


def sees_personal_data() -> bool:
    return may(rights.SEE_PERSONAL_DATA)
