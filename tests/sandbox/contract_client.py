"""A client of both remotes, written against the contracts alone, and their answers as data to check against."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

import pytest
import requests

Check = Callable[[Any], bool]
Shape = dict[str, Any]

COINS = ("LTC", "DOGE", "BELLS", "LKY", "PEP", "JKC", "DINGO", "SHIC")
PLAIN_DECIMAL = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]*[1-9])?")


def is_decimal(value: Any) -> bool:
    return isinstance(value, str) and PLAIN_DECIMAL.fullmatch(value) is not None


def is_moment(value: Any) -> bool:
    return type(value) is int and value > 10**12


def is_date(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) is not None


def is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def is_address(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"0x[0-9a-fA-F]{40}", value) is not None


def is_txid(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"0x[0-9a-f]{64}", value) is not None


def one_of(*values: str) -> Check:
    return lambda value: value in values


def or_null(check: Check) -> Check:
    return lambda value: value is None or check(value)


def check_shape(shape: Any, value: Any, where: str = "answer") -> None:
    """Assert that a value has exactly the fields of the shape; those ending in `?` may be left out."""
    if not isinstance(shape, dict):
        assert shape(value), f"{where} is {value!r}"
        return
    assert isinstance(value, dict), where
    names = {name.removesuffix("?") for name in shape}
    assert set(value) <= names, f"{where} has more than the contract: {set(value) - names}"
    for name, part in shape.items():
        if name.removesuffix("?") in value:
            check_shape(part, value[name.removesuffix("?")], f"{where}.{name}")
        else:
            assert name.endswith("?"), f"{where} lacks {name}"


PAGINATION: Shape = {
    "totalPage": is_count,
    "total": is_count,
    "currentPage": is_count,
    "count": is_count,
    "hasNext": is_flag,
}
RECENT: Shape = {
    "timestamp": is_moment,
    "hashRate24h": is_decimal,
    "hashRate1h": is_decimal,
    "hashRate10m": is_decimal,
    "efficiency": is_decimal,
    "reject": is_decimal,
}
PROFIT: Shape = {
    "date": is_date,
    "profit": {coin: {"total": is_decimal, "price": is_decimal} for coin in COINS},
}
HASHDAM: dict[str, Shape] = {
    "projectInfo": {"projectName": is_text, "coinExAccount": is_text, "createAt": is_moment},
    "hashBalance": {"date": is_date, "credit": is_decimal, "power": is_decimal},
    "hashCreditCharge": {
        "chargeId": is_text,
        "address": is_address,
        "amount": is_decimal,
        "price": is_decimal,
        "coin": is_text,
    },
    "hashPowerSwap": {"swapId": is_text, "amount": is_decimal, "credit": is_decimal, "power": is_decimal},
    "hashRateDaily": {
        "date": is_date,
        "hashRate": is_decimal,
        "hashRateMega": is_decimal,
        "efficiency": is_decimal,
        "reject": is_decimal,
    },
    "hashRateRecently": RECENT,
    "hashRateRecentlyMega": RECENT,
    "profitDaily": PROFIT,
    "profitDailyMega": PROFIT,
    "assetBalance": {
        "date": is_date,
        "asset": {coin: {"balance": is_decimal, "available": is_decimal, "locked?": is_decimal} for coin in COINS},
    },
    "assetWithdrawRequest": {"withdrawId": is_text, "coin": one_of(*COINS), "amount": is_decimal},
}
HASHDAM_ROWS: dict[str, Shape] = {
    "hashCreditChargeHistory": {
        "chargeId": is_text,
        "from?": is_text,
        "to": is_address,
        "amount": is_decimal,
        "price": is_decimal,
        "coin": is_text,
        "credit?": is_decimal,
        "status": one_of("pending", "completed"),
        "createAt": is_moment,
        "updateAt?": is_moment,
    },
    "hashPowerSwapHistory": {
        "swapId": is_text,
        "amount": is_decimal,
        "credit?": is_decimal,
        "power?": is_decimal,
        "setDate?": is_date,
        "endDate?": is_date,
        "period": is_text,
        "status": one_of("pending", "completed"),
        "createAt": is_moment,
        "updateAt?": is_moment,
    },
    "assetWithdrawHistory": {
        "withdrawId": is_text,
        "coin": one_of(*COINS),
        "amount": is_decimal,
        "fee": is_decimal,
        "address": or_null(is_text),
        "type": is_text,
        "message?": is_text,
        "status": one_of("pending", "completed", "failed", "canceled"),
        "createAt": is_moment,
        "updateAt?": is_moment,
    },
}
CONFIG: Shape = {
    "fee?": lambda value: type(value) in (int, float),
    "feeWalletKey?": is_text,
    "delay?": is_count,
    "count?": is_count,
    "callback?": is_text,
}
MBLOCK: dict[str, Shape] = {
    "balanceOf": {"amount": is_decimal},
    "receiptByHash": {"from": is_address, "to": is_address, "amount": is_decimal},
    "transferByWalletKey": {"txid": is_txid},
    "requestWallet": {"address": is_address, "walletKey": is_text},
    "refreshWallet": {"walletKey": is_text},
    "transitConfig": {"config": CONFIG},
    "transitByWalletKey": {"token": is_text},
}
CALLBACK: Shape = {
    "result": is_flag,
    "token": is_text,
    "txidFee?": or_null(is_txid),
    "txidToken?": is_txid,
    "message?": is_text,
}


class RefusedByRemote(Exception):
    """The remote said no in the way the contract describes."""


@contextmanager
def refused(message: str) -> Iterator[None]:
    """Expect the remote to refuse in exactly these words."""
    with pytest.raises(RefusedByRemote) as caught:
        yield
    assert str(caught.value) == message


class OffContract(Exception):
    """What came back is not what the contract describes: its meaning is unknown."""


class Client:
    """One session, one key. Every answer is checked against the contract before it is believed."""

    key_header = ""

    def __init__(self, url: str, key: str | None = "any key", timeout: float = 5) -> None:
        self.url = url
        self.timeout = timeout
        self.session = requests.Session()
        self.session.trust_env = False
        if key is not None:
            self.session.headers[self.key_header] = key

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def post(self, method: str, **arguments: Any) -> requests.Response:
        return self.session.post(
            self.url, json={"method": method, **arguments}, timeout=self.timeout, allow_redirects=False
        )

    def answer(self, method: str, **arguments: Any) -> dict[str, Any]:
        response = self.post(method, **arguments)
        if response.status_code != 200 or response.headers["Content-Type"] != "application/json":
            raise OffContract(f"{response.status_code} {response.headers['Content-Type']}")
        answer = response.json()
        if not isinstance(answer, dict):
            raise OffContract(answer)
        return answer


class HashDamClient(Client):
    key_header = "X-HASHDAM-Key"

    def call(self, method: str, **arguments: Any) -> Any:
        answer = self.answer(method, **arguments)
        if type(answer.get("code")) is int and answer["code"] == 1 and is_text(answer.get("message")):
            raise RefusedByRemote(answer["message"])
        shape = HASHDAM_ROWS.get(method) or HASHDAM[method]
        if method in HASHDAM_ROWS:
            check_shape({"code": is_count, "data": is_list, "pagination": PAGINATION}, answer)
            for row in answer["data"]:
                check_shape(shape, row, method)
            return answer
        check_shape({"code": is_count, "data": shape, "message?": is_text}, answer)
        return answer["data"]

    def rows(self, method: str, **arguments: Any) -> list[dict[str, Any]]:
        """Return all rows of a history, page by page."""
        rows: list[dict[str, Any]] = []
        page = 0
        while True:
            page += 1
            answer = self.call(method, page=page, **arguments)
            rows += answer["data"]
            if not answer["pagination"]["hasNext"]:
                return rows


class MBlockClient(Client):
    key_header = "X-MBLOCK-Key"

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        answer = self.answer(method, **arguments)
        if answer.get("result") is False and is_text(answer.get("message")):
            raise RefusedByRemote(answer["message"])
        check_shape({"result": is_flag, **MBLOCK[method], "message?": is_text}, answer)
        assert answer["result"] is True
        return answer


def is_list(value: Any) -> bool:
    return isinstance(value, list)
