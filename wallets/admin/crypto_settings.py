"""How transits are carried out, and how old the key of MBlock's API is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aeghash.core import clock, rights
from aeghash.core.admin.forms import StaffForm
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.row_acts import Given, RowAct
from aeghash.core.admin.kit.screens import Screen, Section
from aeghash.core.admin.kit.verbs import name_verbs
from aeghash.core.errors import Refusal
from aeghash.core.models import User
from aeghash.core.money.fields import MoneyFormField
from wallets.admin.crypto_areas import CRYPTO
from wallets.clients.mblock import client
from wallets.models import ApiKeySighting, TransitConfig
from wallets.operations.set_transit_config import reset_transit_config, set_transit_config
from wallets.operations.watch_api_key import DUE_AFTER, TOLD_BEFORE

name_verbs(
    {
        "mblock_api_key.first_used": gettext_lazy("MBlock API key first used"),
        "transit_config.reset": gettext_lazy("Transit configuration reset"),
        "transit_config.set": gettext_lazy("Transit configuration set"),
    }
)


class ConfigForm(StaffForm):
    fee = MoneyFormField(
        label=gettext_lazy("Gas fee (BNB)"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Left empty, the one from the environment."),
    )
    delay = forms.IntegerField(label=gettext_lazy("Seconds between checks"), min_value=1, max_value=3600)
    count = forms.IntegerField(label=gettext_lazy("Number of checks"), min_value=1, max_value=1000)


def store(_config: TransitConfig, _by: User, given: Given) -> object:
    return set_transit_config(fee=given["fee"], delay=given["delay"], count=given["count"])


def reset(_config: TransitConfig, _by: User, _given: Given) -> object:
    return reset_transit_config()


def shown(config: TransitConfig) -> dict[Any, Any]:
    return {
        _("Gas fee (BNB)"): cells.money(config.fee) if config.fee is not None else _("from the environment"),
        _("Seconds between checks"): config.delay,
        _("Number of checks"): config.count,
        _("Stored at MBlock"): cells.words(config.is_stored),
        _("Changed"): cells.moment(config.changed_at),
    }


SET = RowAct[TransitConfig](
    name="set",
    label=gettext_lazy("Set"),
    explains=gettext_lazy("Stored at MBlock and sent along with every transit."),
    done=gettext_lazy("MBlock has stored it."),
    carry_out=store,
    right=rights.CONFIGURE_WALLETS,
    form=ConfigForm,
    initial=lambda config: {"fee": config.fee, "delay": config.delay, "count": config.count},
    describes=shown,
    for_many=False,
    tone="primary",
)
RESET = RowAct[TransitConfig](
    name="reset",
    label=gettext_lazy("Reset"),
    explains=gettext_lazy("MBlock forgets what it has stored; here the usual figures hold again."),
    done=gettext_lazy("Reset."),
    carry_out=reset,
    right=rights.CONFIGURE_WALLETS,
    describes=shown,
    for_many=False,
    tone="danger",
)


@admin.register(TransitConfig)
class TransitConfigScreen(Screen[TransitConfig]):
    area = CRYPTO
    place = 30
    may_view = rights.ISSUE_WALLETS
    row_acts = (SET, RESET)

    @method_decorator(require_safe)
    def list_view(self, request: HttpRequest) -> HttpResponse:
        """There is only the one."""
        return HttpResponseRedirect(self.row_url(TransitConfig.objects.get()))

    def title_of(self, row: TransitConfig) -> str:
        return self.label()

    def sections(self, row: TransitConfig) -> Sequence[Section]:
        note = _("How long MBlock tries decides how long we wait before a silent transit is weighed and reviewed.")
        facts, said = stored_facts()
        return (Section(_("Here"), list(shown(row).items()), note=note), Section(_("At MBlock, now"), facts, note=said))


@admin.register(ApiKeySighting)
class ApiKeyScreen(Screen[ApiKeySighting]):
    area = CRYPTO
    place = 40
    may_view = rights.ISSUE_WALLETS
    lead = gettext_lazy("Each key by its fingerprint. One is due for rotation 90 days after it was first used.")
    empty_title = gettext_lazy("No key has been used yet")
    empty_text = gettext_lazy("MBLOCK_API_KEY is noted here within the hour after its first use.")
    list_display = ("key_id", "first_seen", "due", "state_badge")
    ordering = ("-first_seen_at",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKeySighting]:
        newer = ApiKeySighting.objects.filter(first_seen_at__gt=OuterRef("first_seen_at"))
        return super().get_queryset(request).annotate(has_newer=Exists(newer))

    def sections(self, row: ApiKeySighting) -> Sequence[Section]:
        facts = [(_("First used"), cells.moment(row.first_seen_at)), (_("Due for rotation"), self.due(row))]
        return (Section(_("MBlock API key"), facts),)

    def badge_of(self, row: ApiKeySighting) -> str:
        return self.state_badge(row)

    @admin.display(description=gettext_lazy("first used"))
    def first_seen(self, row: ApiKeySighting) -> str:
        return cells.moment(row.first_seen_at)

    @admin.display(description=gettext_lazy("due for rotation"))
    def due(self, row: ApiKeySighting) -> str:
        return cells.until(due_at(row))

    @admin.display(description=gettext_lazy("status"))
    def state_badge(self, row: ApiKeySighting) -> str:
        if row.has_newer:  # type: ignore[attr-defined]
            return cells.badge(_("replaced"))
        left = due_at(row) - clock.now()
        if left.total_seconds() <= 0:
            return cells.badge(_("overdue"), "bad")
        return cells.badge(_("due soon"), "warn") if left <= TOLD_BEFORE else cells.badge(_("in use"), "ok")


def due_at(sighting: ApiKeySighting) -> datetime:
    return sighting.first_seen_at + DUE_AFTER


def stored_facts() -> tuple[list[tuple[str, Any]], str]:
    """Of secrets only that they are there; and what to say where MBlock doesn't answer."""
    try:
        stored = client.transit_config()
    except Refusal as refusal:
        return [], str(refusal)
    facts = [
        (_("Gas fee (BNB)"), cells.text(stored.fee)),
        (_("Seconds between checks"), cells.text(stored.delay)),
        (_("Number of checks"), cells.text(stored.count)),
        (_("Fee wallet"), cells.words(stored.has_fee_wallet)),
        (_("Callback"), cells.words(bool(stored.callback.reveal()))),
    ]
    return facts, ""
