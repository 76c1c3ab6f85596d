"""Named places where a test can kill the process, pause it, or let somebody else go first.

In production nobody installs a hook, and passing a checkpoint is one comparison.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Hook = Callable[[str], None]

_hook: Hook | None = None


def checkpoint(name: str) -> None:
    if _hook is not None:
        _hook(name)


@contextmanager
def hooked(hook: Hook) -> Iterator[None]:
    """Within it, every thread of the process calls `hook` with the name of each checkpoint it passes."""
    global _hook
    before, _hook = _hook, hook
    try:
        yield
    finally:
        _hook = before
