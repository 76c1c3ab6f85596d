"""Mining on the dashboard."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Final

from django.db.models import F, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from aeghash.core.admin.dashboard import COMPANY, QUEUES, Card, Figure, Line, dashboard_card
from aeghash.core.admin.kit import cells
from aeghash.core.admin.kit.charts import area_chart, bar_chart
from aeghash.core.admin.kit.periods import Period, asked_period
from mining.admin.areas import VIEW_MINING
from mining.models import CoinFacts, DayFacts, MiningWithdrawal, ReserveProof, Status
from mining.queries.orphans import orphans
from mining.queries.restatements import undecided

CENTS: Final = Decimal("0.01")
LINES: Final = 5
SHORT: Final = Q(at_the_pool__lt=F("held") + F("under_way"))


def believed(period: Period) -> QuerySet[DayFacts]:
    rows: QuerySet[DayFacts] = DayFacts.objects.latest_versions().filter(period.dates("day"), flaw="")
    return rows.order_by("day")


@dashboard_card(part=QUEUES, place=50, right=VIEW_MINING)
def differences(_request: HttpRequest) -> Card:
    """Where our books and the pool's don't agree."""
    at_the_pool, days = reverse("admin:mining_poolwithdrawal_changelist"), reverse("admin:mining_dayfacts_changelist")
    review = MiningWithdrawal.objects.filter(status=Status.MANUAL_REVIEW)
    review_url = f"{reverse('admin:mining_miningwithdrawal_changelist')}?tab=review"
    return Card(
        title=_("Our books and the pool's"),
        figures=[
            Figure(_("Coin payouts in review"), url=review_url, tone="bad", rows=review, since="created_at"),
            Figure(
                _("Withdrawals of nobody"),
                url=f"{at_the_pool}?tab=unexplained",
                tone="bad",
                rows=orphans(),
                since="first_seen_at",
            ),
            Figure(
                _("Restatements to decide"), url=f"{days}?tab=undecided", tone="warn", rows=undecided(), since="read_at"
            ),
        ],
    )


@dashboard_card(part=COMPANY, place=20, right=VIEW_MINING)
def income(request: HttpRequest) -> Card:
    """In USDT at each day's prices: coins can't be added up otherwise."""
    period, url = asked_period(request), reverse("admin:mining_allocation_changelist")
    rows = CoinFacts.objects.filter(facts__in=believed(period)).order_by("coin")
    by_day: dict[date, Decimal] = defaultdict(Decimal)
    by_coin: dict[str, tuple[Decimal, Decimal]] = {}
    for day, coin, total, price in rows.values_list("facts__day", "coin_id", "total", "price"):
        by_day[day] += total * price
        amount, worth = by_coin.get(coin, (Decimal(), Decimal()))
        by_coin[coin] = (amount + total, worth + total * price)
    labels, values = [f"{day:%m-%d}" for day in period.pool_days], [by_day[day] for day in period.pool_days]
    return Card(
        title=_("Mining income"),
        url=period.narrows(url),
        figures=[Figure(_("Income (USDT)"), f"{sum(values):,.2f}", period.narrows(url))],
        chart=bar_chart(_("USDT a day"), labels, {_("USDT"): [value.quantize(CENTS) for value in values]})
        if by_coin
        else "",
        lines=[
            Line(
                cells.money(amount.quantize(CENTS), coin),
                cells.money(worth.quantize(CENTS), "USDT"),
                period.narrows(f"{url}?coin__symbol__exact={coin}"),
            )
            for coin, (amount, worth) in sorted(by_coin.items(), key=lambda entry: -entry[1][1])[:LINES]
        ],
        empty=_("Nothing has been read of the pool for these days."),
    )


@dashboard_card(part=COMPANY, place=22, right=VIEW_MINING)
def hash_rate(request: HttpRequest) -> Card:
    period = asked_period(request)
    url = period.narrows(reverse("admin:mining_dayfacts_changelist"))
    days = {facts.day: facts for facts in believed(period).defer("raw")}
    rates = [round(facts.hash_rate or 0) for facts in days.values()]
    return Card(
        title=_("Hash rate"),
        url=url,
        figures=[
            Figure(_("MH/s on average"), f"{sum(rates) / len(rates):,.0f}", url),
            Figure(_("Efficiency (%)"), average([facts.efficiency for facts in days.values()]), url),
            Figure(_("Reject rate (%)"), average([facts.reject for facts in days.values()]), url),
        ]
        if days
        else [],
        chart=area_chart(_("MH/s a day"), [f"{day:%m-%d}" for day in days], {_("MH/s"): rates}) if days else "",
        empty=_("Nothing has been read of the pool for these days.") if not days else "",
    )


def average(values: list[Decimal | None]) -> str:
    return f"{sum((value or Decimal() for value in values), Decimal()) / len(values):,.2f}"


@dashboard_card(part=COMPANY, place=80, right=VIEW_MINING)
def reserves(request: HttpRequest) -> Card:
    """What the pool holds beyond what we owe, on the newest day, the scarcest first; below zero, something is missing."""
    period, url = asked_period(request), reverse("admin:mining_reserveproof_changelist")
    short = ReserveProof.objects.filter(period.dates("day")).filter(SHORT)
    newest = ReserveProof.objects.order_by("-day").values("day")[:1]
    proofs = sorted(ReserveProof.objects.filter(day=Subquery(newest)), key=coverage)
    return Card(
        title=_("Reserve proof"),
        url=url,
        figures=[Figure(_("Not enough"), url=period.narrows(f"{url}?tab=short"), tone="bad", rows=short)],
        lines=[
            Line(
                format_html(
                    "{} {}", proof.coin_id, cells.badge(_("not enough"), "bad") if proof.difference < 0 else ""
                ),
                cells.money(proof.difference.quantize(CENTS), proof.coin_id),
                reverse("admin:mining_reserveproof_change", args=[proof.pk]),
            )
            for proof in proofs[:LINES]
        ],
        empty=_("Nothing has been compared yet."),
    )


def coverage(proof: ReserveProof) -> tuple[Decimal, str]:
    """How often over the pool could pay what is owed."""
    owed = proof.held + proof.under_way
    return (proof.at_the_pool / owed if owed else Decimal("Infinity"), proof.coin_id)
