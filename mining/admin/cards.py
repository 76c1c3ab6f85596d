"""Mining on the dashboard."""

from typing import Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from aeghash.core.admin.dashboard import Card, Figure, Line, dashboard_card
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.charts import Series, area_chart, bar_chart, line_chart
from mining.admin.areas import VIEW_MINING
from mining.models import CoinFacts, DayFacts, MiningWithdrawal, ReserveProof, Status
from mining.queries.orphans import orphans
from mining.queries.restatements import undecided

DAYS: Final = 30
CENTS: Final = 2


def latest_days() -> list[DayFacts]:
    return list(DayFacts.objects.latest_versions().filter(flaw="").order_by("-day")[:DAYS])[::-1]


@dashboard_card(place=12, right=VIEW_MINING)
def hash_rate(_request: HttpRequest) -> Card:
    days = latest_days()
    labels = [f"{facts.day:%m-%d}" for facts in days]
    return Card(
        title=_("Hash rate"),
        url=reverse("admin:mining_dayfacts_changelist"),
        chart=area_chart(_("MH/s a day"), labels, {_("MH/s"): [round(facts.hash_rate or 0) for facts in days]})
        if days
        else "",
        empty="" if days else _("Nothing has been read of the pool yet."),
    )


@dashboard_card(place=13, right=VIEW_MINING)
def efficiency(_request: HttpRequest) -> Card:
    days = latest_days()
    labels = [f"{facts.day:%m-%d}" for facts in days]
    series: Series = {
        _("Efficiency (%)"): [facts.efficiency or 0 for facts in days],
        _("Reject rate (%)"): [facts.reject or 0 for facts in days],
    }
    return Card(
        title=_("Efficiency and rejects"),
        url=reverse("admin:mining_dayfacts_changelist"),
        chart=line_chart(_("Percent a day"), labels, series) if days else "",
        empty="" if days else _("Nothing has been read of the pool yet."),
    )


@dashboard_card(place=14, right=VIEW_MINING)
def income(_request: HttpRequest) -> Card:
    """Of the newest day, in USDT: coins can't be compared otherwise."""
    newest = DayFacts.objects.latest_versions().filter(flaw="").order_by("-day").first()
    coins = list(CoinFacts.objects.filter(facts=newest).order_by("coin")) if newest else []
    values = [round(coin.total * coin.price, CENTS) for coin in coins]
    labels = [coin.coin_id for coin in coins]
    return Card(
        title=_("Income per coin"),
        url=reverse("admin:mining_allocation_changelist"),
        chart=bar_chart(_("USDT on %(day)s") % {"day": newest.day}, labels, {_("USDT"): values}) if newest else "",
        empty="" if newest else _("Nothing has been read of the pool yet."),
    )


@dashboard_card(place=15, right=VIEW_MINING)
def differences(_request: HttpRequest) -> Card:
    """Where our books and the pool's don't agree."""
    nobodys, review, restated = (
        orphans().count(),
        MiningWithdrawal.objects.filter(status=Status.MANUAL_REVIEW).count(),
        undecided().count(),
    )
    newest = ReserveProof.objects.order_by("-day").values_list("day", flat=True).first()
    proofs = ReserveProof.objects.filter(day=newest).order_by("coin") if newest else []
    return Card(
        title=_("Our books and the pool's"),
        url=reverse("admin:mining_reserveproof_changelist"),
        figures=[
            Figure(_("Withdrawals of nobody"), nobodys, tone="bad" if nobodys else "ok"),
            Figure(_("Payouts in manual review"), review, tone="bad" if review else "ok"),
            Figure(_("Restatements to decide"), restated, tone="warn" if restated else "ok"),
        ],
        lines=[Line(proof.coin_id, cells.money(proof.difference)) for proof in proofs],
    )
