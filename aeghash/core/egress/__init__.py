"""The one door to the outside: nothing else in the product opens a connection to somebody else's server.

`post_once` for calls that move money, `read` for calls that may be repeated, `notify` for webhooks. All three
send one POST of JSON within one total deadline, and end in an `Answer` (a `Receipt` for a webhook) or raise:

* `NotSent`: no byte of the request has left. It says so only on proof: the socket was never asked to send.
* `Sent`: everything else, `reason` says what. An HTTP status other than 2xx is a `Sent` that keeps the
  `status`, whatever its body says: so nobody can take it for success by forgetting to look.
"""

from aeghash.core.egress.calls import DEFAULT_BODY_CAP, DEFAULT_DEADLINE, Answer, Call, Receipt
from aeghash.core.egress.door import notify, post_once, read
from aeghash.core.egress.failures import EgressFailure, NotSent, Reason, Sent

__all__ = [
    "DEFAULT_BODY_CAP",
    "DEFAULT_DEADLINE",
    "Answer",
    "Call",
    "EgressFailure",
    "NotSent",
    "Reason",
    "Receipt",
    "Sent",
    "notify",
    "post_once",
    "read",
]
