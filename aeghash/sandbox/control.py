"""Steering a sandbox: JSON requests that turn its clock, set its faults, and meddle with its books."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from aeghash.sandbox.amounts import parse_amount
from aeghash.sandbox.chain.ledger import BNB, TOKENS, parse_address
from aeghash.sandbox.faults.kinds import parse_fault
from aeghash.sandbox.faults.remote import FaultyRemote
from aeghash.sandbox.hashdam import HashDam
from aeghash.sandbox.jsontext import JsonObject
from aeghash.sandbox.mblock import MBlock
from aeghash.sandbox.refusals import Misuse

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Action:
    """`remote`: the model it belongs to, or None for both. `fields`: None if it looks after them itself."""

    act: Callable[[FaultyRemote, Fields], JsonObject | None]
    fields: frozenset[str] | None
    remote: str | None = None


def steer(remote: FaultyRemote, request: object) -> JsonObject:
    """Do what a control request asks for; Misuse if that can't be, and then nothing has happened."""
    if not isinstance(request, dict):
        raise Misuse('a control request is an object with an "action"')
    name = request.get("action")
    action = ACTIONS.get(name) if isinstance(name, str) else None
    if action is None or action.remote not in (None, remote.model.name):
        raise Misuse(f"{remote.model.name} has no action {name!r}; it has {', '.join(actions_of(remote))}")
    fields = {field: value for field, value in request.items() if field != "action"}
    unknown = set() if action.fields is None else set(fields) - action.fields
    if unknown:
        raise Misuse(f"{name} takes no {', '.join(sorted(unknown))}")
    told = action.act(remote, fields)
    if name != "reset":
        remote.note_control(request)
    return {"ok": True, **(told or {})}


def actions_of(remote: FaultyRemote) -> list[str]:
    return [name for name, action in ACTIONS.items() if action.remote in (None, remote.model.name)]


# Reading fields


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise Misuse(f"{name} must be a text")
    return value


def _maybe_text(fields: Fields, name: str) -> str | None:
    return None if fields.get(name) is None else _text(fields, name)


def _whole(fields: Fields, name: str, most: int) -> int:
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise Misuse(f"{name} must be a whole number from 0 to {most}")
    return value


def _decimal(fields: Fields, name: str) -> Decimal:
    amount = parse_amount(fields.get(name), places=18)
    if amount is None:
        raise Misuse(f"{name} must be a decimal string")
    return amount


def _names_or_any(fields: Fields, name: str) -> frozenset[str] | None:
    value = fields[name]
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Misuse(f"{name} must be a list of texts, or null for any")
    return frozenset(value)


def _objects(fields: Fields, name: str) -> list[JsonObject]:
    value = fields.get(name)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Misuse(f"{name} must be a list of objects")
    return value


def _date(fields: Fields, name: str) -> date:
    try:
        return date.fromisoformat(_text(fields, name))
    except ValueError as error:
        raise Misuse(f"{name} must be a date like 2026-01-31") from error


def _address(fields: Fields, name: str) -> str:
    address = parse_address(fields.get(name))
    if address is None:
        raise Misuse(f"{name} must be an address")
    return address


def _contract(fields: Fields) -> str:
    if fields.get("contract") is None:
        return BNB
    contract = _address(fields, "contract")
    if contract not in TOKENS:
        raise Misuse(f"there is no token {contract}")
    return contract


# Both remotes


def _advance(remote: FaultyRemote, fields: Fields) -> None:
    remote.model.advance(fields.get("seconds", -1))


def _days(remote: FaultyRemote, fields: Fields) -> None:
    remote.model.turn_days(_whole({"days": 1, **fields}, "days", 3660))


def _fault(remote: FaultyRemote, fields: Fields) -> None:
    remote.add_fault(parse_fault(fields))


def _faults(remote: FaultyRemote, fields: Fields) -> None:
    remote.set_faults([parse_fault(given) for given in _objects(fields, "set")])


def _replay(remote: FaultyRemote, fields: Fields) -> None:
    try:
        remote.replay(_objects(fields, "entries"))
    except (KeyError, TypeError) as error:
        raise Misuse("entries must be those of a trace") from error


def _reset(remote: FaultyRemote, fields: Fields) -> JsonObject:
    remote.reset(_whole(fields, "seed", 2**63) if "seed" in fields else None)
    return {"seed": remote.model.seed}


def _settings(remote: FaultyRemote, fields: Fields) -> None:
    remote.model.change_settings(fields)


def _access(remote: FaultyRemote, fields: Fields) -> None:
    changes: dict[str, Any] = {name: _names_or_any(fields, name) for name in set(fields) - {"key_required"}}
    if changes.get("forbidden", ()) is None:
        raise Misuse("forbidden must be a list")
    if "key_required" in fields:
        changes["key_required"] = fields["key_required"]
    if not isinstance(changes.get("key_required", True), bool):
        raise Misuse("key_required must be true or false")
    remote.model.change_access(**changes)


# HashDam


def _pool(remote: FaultyRemote) -> HashDam:
    assert isinstance(remote.model, HashDam)
    return remote.model


def _set_coin(remote: FaultyRemote, fields: Fields) -> None:
    _pool(remote).set_balance(_text(fields, "coin"), _decimal(fields, "amount"))


def _end(remote: FaultyRemote, fields: Fields) -> None:
    message = _maybe_text(fields, "message")
    _pool(remote).end_withdrawal(_text(fields, "withdrawId"), _text(fields, "status"), message)


def _complete(remote: FaultyRemote, fields: Fields) -> None:
    _pool(remote).complete(_text(fields, "id"))


def _restate(remote: FaultyRemote, fields: Fields) -> None:
    on = _date(fields, "date")
    if "factor" in fields and {"coin", "total"} & set(fields):
        raise Misuse("a day is restated by a factor, or by one coin's total")
    if "factor" in fields:
        _pool(remote).scale_day(on, _decimal(fields, "factor"))
    else:
        _pool(remote).restate_day(on, {_text(fields, "coin"): _decimal(fields, "total")})


def _withdraw_outside(remote: FaultyRemote, fields: Fields) -> JsonObject:
    coin, amount = _text(fields, "coin"), _decimal(fields, "amount")
    return {"withdrawId": _pool(remote).withdraw_outside(coin, amount)}


# MBlock


def _service(remote: FaultyRemote) -> MBlock:
    assert isinstance(remote.model, MBlock)
    return remote.model


def _set_holding(remote: FaultyRemote, fields: Fields) -> None:
    _service(remote).set_balance(_address(fields, "address"), _contract(fields), _decimal(fields, "amount"))


def _transfer_outside(remote: FaultyRemote, fields: Fields) -> JsonObject:
    sender, to = _address(fields, "from"), _address(fields, "to")
    amount = _decimal(fields, "amount")
    return {"txid": _service(remote).transfer_outside(sender, to, _contract(fields), amount)}


def _expire(remote: FaultyRemote, fields: Fields) -> None:
    _service(remote).expire_wallet(_address(fields, "address"))


def _callback(remote: FaultyRemote, fields: Fields) -> None:
    changes = fields.get("changes", {})
    if not isinstance(changes, dict):
        raise Misuse("changes must be an object")
    _service(remote).fire_callback(_text(fields, "token"), changes, _maybe_text(fields, "url"))


def _names(*names: str) -> frozenset[str]:
    return frozenset(names)


ACTIONS: Mapping[str, Action] = {
    "advance": Action(_advance, _names("seconds")),
    "days": Action(_days, _names("days")),
    "fault": Action(_fault, None),
    "faults": Action(_faults, _names("set")),
    "replay": Action(_replay, _names("entries")),
    "reset": Action(_reset, _names("seed")),
    "settings": Action(_settings, None),
    "access": Action(_access, _names("keys", "addresses", "forbidden", "key_required")),
    "coin-balance": Action(_set_coin, _names("coin", "amount"), "hashdam"),
    "end": Action(_end, _names("withdrawId", "status", "message"), "hashdam"),
    "complete": Action(_complete, _names("id"), "hashdam"),
    "restate": Action(_restate, _names("date", "coin", "total", "factor"), "hashdam"),
    "withdraw-outside": Action(_withdraw_outside, _names("coin", "amount"), "hashdam"),
    "token-balance": Action(_set_holding, _names("address", "contract", "amount"), "mblock"),
    "transfer-outside": Action(_transfer_outside, _names("from", "to", "contract", "amount"), "mblock"),
    "expire": Action(_expire, _names("address"), "mblock"),
    "callback": Action(_callback, _names("token", "url", "changes"), "mblock"),
}
