"""The page's forms. The script posts each as one control request."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from aeghash.sandbox.pool.days import COINS


@dataclass(frozen=True)
class Field:
    """`kind`: `text`, `number`, `json` (merged into the request), or the options of a choice."""

    name: str
    label: str
    kind: str | tuple[str, ...] = "text"
    usual: str = ""

    def html(self) -> str:
        name, usual = escape(self.name), escape(self.usual)
        if isinstance(self.kind, tuple):
            options = "".join(f"<option>{escape(option)}</option>" for option in self.kind)
            control = f'<select name="{name}">{options}</select>'
        else:
            control = f'<input name="{name}" data-kind="{self.kind}" value="{usual}" autocomplete="off">'
        return f"<label><span>{escape(self.label)}</span>{control}</label>"


@dataclass(frozen=True)
class Form:
    title: str
    action: str
    button: str
    fields: tuple[Field, ...] = ()

    def html(self) -> str:
        fields = "".join(field.html() for field in self.fields)
        return (
            f'<form data-action="{escape(self.action)}"><h2>{escape(self.title)}</h2>{fields}'
            f"<button>{escape(self.button)}</button></form>"
        )


COIN = Field("coin", "Coin", COINS)
OF_REMOTE = {
    "hashdam": (
        Form(
            "End a withdrawal",
            "end",
            "End it",
            (
                Field("withdrawId", "withdrawId"),
                Field("status", "Status", ("completed", "failed", "canceled")),
                Field("message", "Message"),
            ),
        ),
        Form("Withdraw outside", "withdraw-outside", "Withdraw", (COIN, Field("amount", "Amount"))),
        Form(
            "Restate a day",
            "restate",
            "Restate",
            (Field("date", "Date"), Field("factor", "Factor", usual="0.97")),
        ),
        Form("Set a balance", "coin-balance", "Set", (COIN, Field("amount", "Balance"))),
    ),
    "mblock": (
        Form(
            "Deposit or theft",
            "transfer-outside",
            "Transfer",
            (
                Field("from", "From"),
                Field("to", "To"),
                Field("contract", "Contract (empty: BNB)"),
                Field("amount", "Amount"),
            ),
        ),
        Form(
            "Post a callback",
            "callback",
            "Post",
            (Field("token", "Token"), Field("changes", "Changes (JSON)", "object", "{}")),
        ),
        Form("Expire a wallet", "expire", "Expire", (Field("address", "Address"),)),
    ),
}


def render_forms(remote: str, *, methods: Sequence[str], kinds: Sequence[str]) -> str:
    fault = Form(
        "Set a fault",
        "fault",
        "Add it",
        (
            Field("kind", "Kind", tuple(kinds)),
            Field("method", "Method", ("*", *methods)),
            Field("call", "Only call number", "number"),
            Field("chance", "Chance (0 to 1)"),
            Field("times", "At most times", "number"),
            Field("settings", "Settings (JSON)", "json", "{}"),
        ),
    )
    forms = (
        Form("Turn days on", "days", "Turn", (Field("days", "Days", "number", "1"),)),
        Form("Turn the clock on", "advance", "Turn", (Field("seconds", "Seconds", "number", "60"),)),
        fault,
        Form("Clear faults", "faults", "Clear all", (Field("set", "New list (JSON)", "object", "[]"),)),
        *OF_REMOTE[remote],
        Form("Begin anew", "reset", "Reset", (Field("seed", "Seed (empty: the same)", "number"),)),
    )
    return "\n".join(form.html() for form in forms)
