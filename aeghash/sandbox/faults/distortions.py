"""Answers that are well-formed and untrue: histories and fields that differ from the books."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from aeghash.sandbox.amounts import parse_amount, written
from aeghash.sandbox.chance import Chance
from aeghash.sandbox.faults.kinds import Fault
from aeghash.sandbox.jsontext import JsonObject

Rows = list[JsonObject]
IDS = ("withdrawId", "chargeId", "swapId", "txid", "token", "walletKey")


def distort_rows(answer: JsonObject, fault: Fault, chance: Chance, number: int) -> None:
    """Change the page of a history in place, and what it says about itself."""
    pagination = answer["pagination"]
    if fault.kind == "history-reorders":
        answer["data"] = chance.shuffled(answer["data"], "reorder", number)
    elif fault.kind == "history-loses-page":
        answer["data"] = [] if pagination["currentPage"] == fault["page"] else answer["data"]
    elif fault.kind == "history-repeats":
        answer["data"] += [dict(row) for row in answer["data"][:1]]
    elif fault.kind == "history-misses":
        _miss(answer, fault)
    else:
        for row in answer["data"]:
            ROW_CHANGES[fault.kind](row, fault)
    pagination["count"] = len(answer["data"])


def _miss(answer: JsonObject, fault: Fault) -> None:
    kept = [row for place, row in enumerate(answer["data"], start=1) if place % fault["every"]]
    if fault["quietly"]:
        answer["pagination"]["total"] -= len(answer["data"]) - len(kept)
    answer["data"] = kept


def _status_back(row: JsonObject, fault: Fault) -> None:
    row["status"] = fault["status"]
    row.pop("updateAt", None)


def _trailing_zeros(row: JsonObject, _fault: Fault) -> None:
    row |= {name: f"{Decimal(row[name]):.12f}" for name in ("amount", "fee") if name in row}


def _null_address(row: JsonObject, _fault: Fault) -> None:
    if "address" in row:
        row["address"] = None


def _other_amounts(row: JsonObject, fault: Fault) -> None:
    fee = Decimal(row.get("fee", "0"))
    amount = Decimal(row["amount"])
    row["amount"] = written(amount - fee if fault["as"] == "net" else amount + fee)


ROW_CHANGES: Mapping[str, Callable[[JsonObject, Fault], None]] = {
    "history-status-back": _status_back,
    "history-trailing-zeros": _trailing_zeros,
    "history-null-address": _null_address,
    "history-amounts": _other_amounts,
}


def distort_fields(fields: JsonObject, fault: Fault, earlier: Mapping[str, str]) -> None:
    """Change the ids or the echo of an answer in place; `earlier` holds the last id of each kind given before."""
    if fault.kind == "echo-differs":
        name = fault["field"]
        if name in fields:
            fields[name] = _another(fields[name]) if fault["value"] is None else fault["value"]
        return
    for name in [name for name in IDS if name in fields]:
        if fault.kind == "id-missing":
            del fields[name]
        else:
            fields[name] = "" if fault.kind == "id-empty" else earlier.get(name, fields[name])


def _another(value: object) -> str:
    amount = parse_amount(value, places=18)
    return f"{value}X" if amount is None else written(amount + 1)
