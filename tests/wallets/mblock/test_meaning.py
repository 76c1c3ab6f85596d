"""What an answer means for money: against a reference that says the contract's table in its own words."""

import random
from collections import Counter
from decimal import Decimal
from typing import Any, Final

import pytest

from aeghash.core.egress import NotSent as NothingLeft
from aeghash.core.egress import Reason
from aeghash.core.egress import Sent as SomethingLeft
from aeghash.core.payouts import Accepted, NotSent, Outcome, Refused, Unknown
from wallets.clients.mblock.meaning import hangs_on_balance, meaning_of

CONTRACT: Final = (
    "Not Found API Key", "Invalid API Key", "Invalid access from an unauthorized IP Address", "No API Permission",
    "Invalid Wallet Key", "Unsupported token symbol", "Transfer volume is required", "Contract address is incorrect",
    "Transaction Logs not found", "Wallet address is incorrect", "Transaction receipt not found",
    "Request Time out, Transaction receipt not found.", "RPCError: execution reverted", "Wallet address has expired",
    "Request volume is zero or not enough balance", "Not enough balance", "Invalid Configuration",
)  # fmt: skip


def reference(answer: Any, field: str, confirms: bool) -> str:
    if isinstance(answer, NothingLeft):
        return "not sent"
    if type(answer) is not dict or type(answer.get("result")) is not bool:
        return "unknown"
    named = answer.get(field)
    if answer["result"]:
        seen = isinstance(named, str) and 0 < len(named) <= 200 and all("!" <= letter <= "~" for letter in named)
        return "accepted" if seen else "unknown"
    said, names = answer.get("message"), [answer.get(name) for name in ("txid", "token")]
    if not isinstance(said, str) or names != [None, None] or said not in CONTRACT:
        return "unknown"
    if "alance" in said:
        return "refused" if confirms else "unknown"
    return "unknown" if "Transaction" in said or "RPC" in said else "refused"


def word_for(outcome: Outcome) -> str:
    match outcome:
        case NotSent():
            return "not sent"
        case Accepted():
            return "accepted"
        case Refused():
            return "refused"
        case Unknown():
            return "unknown"


ODD: Final[list[Any]] = [
    None, True, False, 0, 1, -1, 10**40, Decimal("1.5"), "", "true", "false", "True", " ", "\0", "\ud800", "0x" + "ab" * 32,
    "0X" + "AB" * 32, "x" * 200, "x" * 201, "with space", "１２", [], [True], {}, {"result": True}, b"", ("result", True),
    1.5, float("nan"), object(), *CONTRACT, *(text.upper() for text in CONTRACT), *(f"{text} " for text in CONTRACT),
]  # fmt: skip
FAILURES: Final[list[Any]] = [
    *(kind(reason) for kind in (NothingLeft, SomethingLeft) for reason in Reason), KeyboardInterrupt(), ValueError("x")
]  # fmt: skip


def some_answer(chance: random.Random) -> Any:
    if chance.random() < 0.15:
        return chance.choice(ODD + FAILURES)
    answer = {"result": chance.choice((True, True, False, False, False, chance.choice(ODD)))}
    if chance.random() < 0.7:
        answer["message"] = chance.choice(CONTRACT) if chance.random() < 0.7 else chance.choice(ODD)
    for name in ("txid", "token", "data", "code", "walletKey"):
        if chance.random() < 0.3:
            answer[name] = f"0x{chance.getrandbits(256):064x}" if chance.random() < 0.6 else chance.choice(ODD)
    return answer


@pytest.mark.parametrize(
    "count", [pytest.param(10_000, id="10000"), pytest.param(1_000_000, id="1000000", marks=pytest.mark.prove)]
)
def test_never_other_than_the_reference_says(count: int) -> None:
    chance, seen = random.Random(9), Counter[str]()
    for _ in range(count):
        answer, field, confirms = some_answer(chance), chance.choice(("txid", "token")), chance.random() < 0.5
        word = word_for(meaning_of(answer, id_field=field, balance_confirms=confirms))
        assert word == reference(answer, field, confirms), answer
        assert isinstance(hangs_on_balance(answer), bool)
        seen[word] += 1
    assert min(seen[word] for word in ("not sent", "accepted", "refused", "unknown")) > count // 100, seen


@pytest.mark.parametrize(
    ("message", "passing"),
    [(text, True) for text in CONTRACT[:4]] + [(CONTRACT[4], False), (CONTRACT[13], False), (CONTRACT[16], False)],
)
def test_which_refusals_may_pass(message: str, passing: bool) -> None:
    assert meaning_of({"result": False, "message": message}, id_field="txid") == Refused(message, passing)


def test_a_no_that_names_what_it_has_done_is_unknown() -> None:
    """`Invalid Wallet Key`, and a txid besides: whoever wrote that did not follow the contract."""
    answer = {"result": False, "message": "Invalid Wallet Key", "txid": "0x1"}
    assert meaning_of(answer, id_field="txid") == Unknown("not_an_answer")


def test_a_hash_is_one_however_its_letters_are_written() -> None:
    assert meaning_of({"result": True, "txid": "0xAB"}, id_field="txid") == Accepted("0xab")


def test_a_transfers_answer_names_a_txid_and_a_transits_a_token() -> None:
    assert meaning_of({"result": True, "token": "t"}, id_field="txid") == Unknown("no_id")
    assert meaning_of({"result": True, "txid": "t"}, id_field="token") == Unknown("no_id")
