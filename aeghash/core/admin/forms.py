"""Fields that many pages ask for."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _


class StaffForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})


CODE_HELP: Final = _("The six digits your authenticator shows now.")


def code_field(help_text: Any = CODE_HELP) -> forms.CharField:
    attributes = {
        "autocomplete": "one-time-code",
        "inputmode": "numeric",
        "class": "one-time-code",
        "spellcheck": "false",
    }
    return forms.CharField(label=_("Code"), max_length=20, help_text=help_text, widget=forms.TextInput(attributes))


def reason_field(**kwargs: Any) -> forms.CharField:
    return forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea({"rows": 3}), **kwargs)
