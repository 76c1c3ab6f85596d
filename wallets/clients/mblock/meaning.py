"""What an answer means for money. Pure, and total over whatever came back: the one place where that is decided."""

import re
from typing import Final

from aeghash.core import egress
from aeghash.core.payouts import Accepted, NotSent, Outcome, Refused, Unknown
from wallets.clients.mblock.messages import LASTING, PASSING, SHORT_OF_MONEY

# As long as a column, and nothing in it that can't be stored or seen.
ID: Final = re.compile(r"[!-~]{1,200}", re.ASCII)
IDS: Final = ("txid", "token")


def meaning_of(came_back: object, *, id_field: str, balance_confirms: bool = False) -> Outcome:
    """Of the parsed answer, or of the exception that stands for one; `id_field` is what names the accepted work.

    `balance_confirms`: whether the wallet's balance itself shows that it is too low and that nothing has moved. Whatever
    isn't on one of the contract's lists is unknown.
    """
    if isinstance(came_back, egress.NotSent):
        return NotSent(str(came_back.reason))
    if isinstance(came_back, BaseException):
        return Unknown(str(came_back.reason) if isinstance(came_back, egress.Sent) else "internal")
    if not isinstance(came_back, dict):
        return Unknown("not_an_answer")
    if came_back.get("result") is True:
        return _accepted(came_back.get(id_field))
    if came_back.get("result") is False:
        return _refused(came_back, balance_confirms=balance_confirms)
    return Unknown("not_an_answer")


def hangs_on_balance(came_back: object) -> bool:
    """Whether it says that there isn't enough: worth asking for the balance."""
    return isinstance(came_back, dict) and came_back.get("message") in tuple(SHORT_OF_MONEY)


def _accepted(remote_id: object) -> Outcome:
    if isinstance(remote_id, str) and ID.fullmatch(remote_id):
        # A hash is one number however its letters are written, and is used once.
        return Accepted(remote_id.lower())
    return Unknown("no_id")


def _refused(answer: dict[object, object], *, balance_confirms: bool) -> Outcome:
    message = answer.get("message")
    if not isinstance(message, str) or any(answer.get(name) is not None for name in IDS):
        return Unknown("not_an_answer")  # it says no, and names what it has done all the same
    if message in PASSING:
        return Refused(message, passing=True)
    if message in LASTING or (message in SHORT_OF_MONEY and balance_confirms):
        return Refused(message, passing=False)
    return Unknown(message[:200] if message.isprintable() and message else "no_message")
