"""What can be done to rows of a list: offered as buttons, confirmed on a page of its own, carried out row by row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Generic, TypeVar

from django import forms
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.utils.functional import Promise

from aeghash.core.admin.forms import StaffForm, code_field
from aeghash.core.errors import NotFound, Refusal
from aeghash.core.models import User

M = TypeVar("M", bound=Model)
Text = str | Promise
Given = Mapping[str, Any]
MOST_ROWS: Final = 500
CODE: Final = "code"


@dataclass(frozen=True, kw_only=True)
class RowAct(Generic[M]):
    """One operation, and what the page says about it.

    `carry_out` is told the row, the person, and what the form gave; under "seen" what the page showed of the row, for
    operations that refuse when that has changed. `refuses` looks ahead and promises nothing: the operation itself looks
    again under its lock. `step_up` asks for a fresh code, once for all rows.
    """

    name: str
    label: Text
    explains: Text
    done: Text
    carry_out: Callable[[M, User, Given], object]
    right: str | None = None
    form: type[StaffForm] = StaffForm
    initial: Callable[[M], Mapping[str, Any]] = lambda _row: {}
    describes: Callable[[M], Mapping[Text, Any]] = lambda _row: {}
    refuses: Callable[[M], Refusal | None] = lambda _row: None
    seen: Callable[[M], str] = lambda _row: ""
    amount: Callable[[M], tuple[str, Decimal]] | None = None
    offered: Callable[[M, User], bool] = lambda _row, _user: True
    for_many: bool = True
    step_up: bool = False
    tone: str = ""

    def may(self, user: Any) -> bool:
        return self.right is None or bool(user.has_perm(self.right))

    def asks_code(self) -> bool:
        return self.step_up and settings.APPROVAL_OTP_REQUIRED

    def make_form(self, data: Any, rows: Sequence[M]) -> StaffForm:
        form = self.form(data, initial=dict(self.initial(rows[0])) if len(rows) == 1 else {})
        if self.asks_code():
            form.fields[CODE] = code_field()
        for row in rows:
            form.fields[seen_name(row)] = forms.CharField(
                widget=forms.HiddenInput, required=False, initial=self.seen(row), max_length=200
            )
        return form


@dataclass
class Outcome(Generic[M]):
    """A row on the confirmation page: what it is, what would become of it, what has."""

    row: M
    facts: Mapping[Text, Any]
    amount: tuple[str, Decimal] | None = None
    refusal: Refusal | None = None
    is_done: bool = False


@dataclass
class Confirmation(Generic[M]):
    act: RowAct[M]
    outcomes: list[Outcome[M]] = field(default_factory=list)

    @property
    def possible(self) -> int:
        return sum(outcome.refusal is None for outcome in self.outcomes)

    @property
    def sums(self) -> dict[str, Decimal]:
        """Of the rows that aren't refused, an asset a sum."""
        sums: dict[str, Decimal] = {}
        for outcome in self.outcomes:
            if outcome.amount and outcome.refusal is None:
                unit, amount = outcome.amount
                sums[unit] = sums.get(unit, Decimal(0)) + amount
        return sums


def foresee(act: RowAct[M], rows: Sequence[M]) -> Confirmation[M]:
    return Confirmation(
        act,
        [Outcome(row, act.describes(row), act.amount(row) if act.amount else None, act.refuses(row)) for row in rows],
    )


def carry_out(act: RowAct[M], rows: Sequence[M], by: User, given: Given) -> Confirmation[M]:
    """Each row by itself: one that is refused holds up no other."""
    confirmation = foresee(act, rows)
    for outcome in confirmation.outcomes:
        outcome.refusal = refusal_of(act, outcome.row, by, {**given, "seen": given.get(seen_name(outcome.row), "")})
        outcome.is_done = outcome.refusal is None
    return confirmation


def refusal_of(act: RowAct[M], row: M, by: User, given: Given) -> Refusal | None:
    try:
        act.carry_out(row, by, given)
    except Refusal as refusal:
        return refusal
    except ObjectDoesNotExist:
        return NotFound()
    return None


def seen_name(row: Model) -> str:
    return f"seen-{row.pk}"
