"""When and how bonuses are closed, version by version, and the way to another: one proposes, another agrees."""

from collections.abc import Sequence
from datetime import time
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.forms import fields_for_model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aeghash.core.admin.forms import StaffForm, reason_field
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.models import User
from aeghash.core.operations.propose import propose
from bonus.admin.areas import BONUS
from bonus.models import BonusSettings, Format
from bonus.operations.change_settings import CHANGE_SETTINGS, FIGURES, LABELS, new_settings
from bonus.rights import PROPOSE_RULES, VIEW_BONUS

FORMATS: Final = BonusSettings._meta.get_field("export_formats")


class SettingsForm(StaffForm):
    """The fields, their bounds and what they mean are the model's."""

    export_formats = forms.MultipleChoiceField(
        label=FORMATS.verbose_name,
        help_text=FORMATS.help_text,
        choices=Format.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    valid_from = forms.DateTimeField(
        label=gettext_lazy("Valid from"), help_text=gettext_lazy("At least ten minutes from now.")
    )
    reason = reason_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        made: dict[str, Any] = fields_for_model(
            BonusSettings, fields=[name for name in FIGURES if name != FORMATS.name]
        )
        self.fields = made | self.fields


def current(row: BonusSettings) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FIGURES}


def propose_settings(_row: BonusSettings, by: User, given: Given) -> object:
    content = new_settings(
        figures={name: given[name] for name in FIGURES}, valid_from=given["valid_from"], reason=given["reason"]
    )
    return propose(act=CHANGE_SETTINGS, content=content, by=by, reason=given["reason"])


PROPOSE = RowAct[BonusSettings](
    name="propose",
    label=gettext_lazy("Propose other settings"),
    explains=gettext_lazy("Nothing changes until another person has agreed. Periods that are over stay as they were."),
    done=gettext_lazy("Proposed. Another person must agree."),
    carry_out=propose_settings,
    right=PROPOSE_RULES,
    form=SettingsForm,
    initial=current,
    describes=lambda row: {_("Version"): f"#{row.pk}"},
    for_many=False,
    tone="primary",
)


@admin.register(BonusSettings)
class SettingsScreen(Screen[BonusSettings]):
    area = BONUS
    place = 60
    may_view = VIEW_BONUS
    lead = gettext_lazy("The newest version that holds already counts. A change takes two people.")
    row_acts = (PROPOSE,)
    list_display = ("named", "begins", "cycle", "reason_shown")
    ordering = ("-valid_from",)
    sortable_by = ()

    def title_of(self, row: BonusSettings) -> str:
        return _("Bonus settings, version %(number)s") % {"number": row.pk}

    def sections(self, row: BonusSettings) -> Sequence[Section]:
        facts = [(_("Valid from"), self.begins(row)), (_("Reason"), self.reason_shown(row))]
        figures = [(LABELS[name], told(row, name)) for name in FIGURES]
        return (Section(_("Version"), facts), Section(_("Settings"), figures))

    @admin.display(description=gettext_lazy("version"))
    def named(self, row: BonusSettings) -> str:
        return f"#{row.pk}"

    @admin.display(description=gettext_lazy("valid from"))
    def begins(self, row: BonusSettings) -> str:
        return cells.moment(row.valid_from)

    @admin.display(description=gettext_lazy("period"))
    def cycle(self, row: BonusSettings) -> str:
        return row.get_period_display()

    @admin.display(description=gettext_lazy("reason"))
    def reason_shown(self, row: BonusSettings) -> str:
        return cells.text(row.reason)


def told(row: BonusSettings, name: str) -> str:
    value = getattr(row, name)
    match value:
        case time():
            return f"{value:%H:%M}"
        case list():
            return ", ".join(str(Format(one).label) for one in value)
    shown = getattr(row, f"get_{name}_display", None)
    return cells.text(shown() if shown else f"{value}")
