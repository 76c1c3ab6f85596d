"""How long a request has waited for a thread of the web server, and when that was too long.

The server takes connections in as they come, and they queue for its threads. When more comes than can be done, each would
wait longer than the one before, until callers give up and the work is done for nobody. So whoever has waited too long is
turned away before anything of it is done, and the others are answered in time.
"""

import threading
from typing import Final

from django.conf import settings

_waited: Final = threading.local()  # a thread has one request


def note_wait(seconds: float) -> None:
    """By the web server, when a thread takes the request up."""
    _waited.seconds = seconds


def has_waited_too_long() -> bool:
    """Never under a server that doesn't note it."""
    return bool(getattr(_waited, "seconds", 0.0) > settings.WEB_LONGEST_WAIT)
