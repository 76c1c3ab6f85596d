"""The figures as a form: one line an asset, two fields a limit."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from aeghash.core.admin.forms import StaffForm, reason_field
from aeghash.core.errors import Invalid
from risk.figures import COUNT_LIMIT, HOURS, MOST_COUNT, MOST_HOURS, OUTCOME, PER_ASSET, SORTS, read_per_asset
from risk.severities import Outcome

PARTS: Final = {"review": _("%(figure)s: review from"), "block": _("%(figure)s: block from")}
NONE: Final = "-"


class PerAssetField(forms.CharField):
    """A line an asset: symbol, review, block, with `-` for none."""

    def __init__(self, name: str, **options: Any) -> None:
        self.name = name
        super().__init__(widget=forms.Textarea({"rows": 3, "spellcheck": "false"}), required=False, **options)

    def to_python(self, value: Any) -> Any:
        limits: dict[str, Any] = {}
        for line in (super().to_python(value) or "").splitlines():
            words = line.split()
            if words and (len(words) != 3 or words[0] in limits):
                raise forms.ValidationError(_("Each line: asset, figure for review, figure for block; “-” for none."))
            if words:
                limits[words[0]] = {
                    part: None if word == NONE else word for part, word in zip(PARTS, words[1:], strict=True)
                }
        try:
            read_per_asset(self.name, limits)
        except Invalid as refusal:
            raise forms.ValidationError(str(refusal.parameters["reason"])) from None
        return limits


class PolicyForm(StaffForm):
    starts_at = forms.DateTimeField(
        label=_("In force from"), required=False,
        help_text=_("For example 2026-12-31 18:00, Seoul time; empty: as soon as somebody agrees."),
    )  # fmt: skip
    reason = reason_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        last = {name: self.fields.pop(name) for name in ("starts_at", "reason")}
        for name, (kind, label) in SORTS.items():
            self.fields.update(fields_for(name, kind, label))
        self.fields.update(last)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        for name, (kind, _label) in SORTS.items():
            review, block = given.get(f"{name}-review"), given.get(f"{name}-block")
            if kind is COUNT_LIMIT and review and block and block < review:
                self.add_error(f"{name}-block", _("would block before it is reviewed."))
        return given


def fields_for(name: str, kind: Any, label: Any) -> dict[str, forms.Field]:
    if kind is PER_ASSET:
        help_text = _("Each line: asset, figure for review, figure for block; “-” for none.")
        return {name: PerAssetField(name, label=label, help_text=help_text)}
    if kind is COUNT_LIMIT:
        return {f"{name}-{part}": count_field(words % {"figure": label}) for part, words in PARTS.items()}
    if kind is HOURS:
        return {name: forms.IntegerField(label=label, min_value=0, max_value=MOST_HOURS, help_text=_("In hours."))}
    assert kind is OUTCOME
    return {name: forms.ChoiceField(label=label, choices=Outcome.choices)}


def count_field(label: str) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=1, max_value=MOST_COUNT)


def as_given(given: Mapping[str, Any]) -> dict[str, Any]:
    """A policy's figures, as the form has them."""
    return {
        name: {part: given[f"{name}-{part}"] for part in PARTS} if kind is COUNT_LIMIT else given[name]
        for name, (kind, _label) in SORTS.items()
    }


def as_shown(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The other way round."""
    shown: dict[str, Any] = {}
    for name, (kind, _label) in SORTS.items():
        value = figures[name]
        if kind is PER_ASSET:
            shown[name] = "\n".join(
                f"{symbol} {limit['review'] or NONE} {limit['block'] or NONE}" for symbol, limit in value.items()
            )
        elif kind is COUNT_LIMIT:
            shown |= {f"{name}-{part}": value[part] for part in PARTS}
        else:
            shown[name] = value
    return shown


def line(symbol: str, limit: Mapping[str, str | None]) -> str:
    return " ".join((symbol, *(limit[part] or NONE for part in PARTS)))
