"""Let a call of the first API in."""

from aeghash.core import ids
from partners.models import PartnerKey
from partners.operations.admit_call import Line, admit_call

SCOPE = "hashpower:write"


def admit_legacy_call(*, key: PartnerKey, line: Line) -> int:
    """Its own nonce is its idempotency key and may come again: the log gets one of ours. As `admit_call` else.

    Its signature stands in the address, so that only the path is written down.
    """
    bare = Line(line.method, line.path.partition("?")[0], line.address, line.key_given)
    return admit_call(key=key, nonce=f"legacy:{ids.request_id()}", line=bare, scope=SCOPE, is_writing=True)
