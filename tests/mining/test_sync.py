"""The pool's facts in our tables: equal to its books, whatever it does, wherever we are killed."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from aeghash.core import clock
from aeghash.core.checkpoints import hooked
from aeghash.core.models import Alert, AuditRow
from mining.clients.hashdam import calls
from mining.models import (
    CoinFacts,
    DayFacts,
    EgressAddresses,
    HashBalance,
    Owner,
    PoolHolding,
    PoolSwap,
    PoolWithdrawal,
    RecentHashRate,
    SyncMark,
)
from mining.operations.sync_mining import sync_mining
from mining.queries.facts import latest_of
from tests.sandbox.served import Served, StoppedClock

pytestmark = pytest.mark.django_db(transaction=True)

YESTERDAY = date(2025, 12, 31)
DAY = 86_400


def sync(**options: Any) -> dict[str, str]:
    return sync_mining(since=options.pop("since", YESTERDAY - timedelta(days=3)), **options).failed


def check_equal_to(pool: Served) -> None:
    books = pool.books()
    rows = {row.remote_id: row for row in PoolWithdrawal.objects.all()}
    assert rows.keys() == {row["withdrawId"] for row in books["withdrawals"]}
    for book in books["withdrawals"]:
        row = rows[book["withdrawId"]]
        assert (row.amount, row.fee, row.status) == (Decimal(book["amount"]), Decimal(book["fee"]), book["status"])
    days = {book["date"]: book for book in books["days"]}
    for facts in DayFacts.objects.latest_versions():
        book = days[str(facts.day)]
        assert (facts.hash_rate, facts.flaw) == (Decimal(book["hashRate"]), "")
        assert {row.coin_id: row.total for row in facts.coins.all()} == {
            coin: Decimal(income["total"]) for coin, income in book["profit"].items()
        }


def test_the_first_look_goes_ninety_days_back_and_a_second_changes_nothing(pool: Served) -> None:
    assert sync(since=None) == {}
    assert DayFacts.objects.count() == 90
    assert CoinFacts.objects.count() == 720
    check_equal_to(pool)
    versions = list(DayFacts.objects.values_list("pk", flat=True))
    assert sync(since=None) == {}
    assert list(DayFacts.objects.values_list("pk", flat=True)) == versions
    assert PoolHolding.objects.count() == 8
    assert (HashBalance.objects.count(), RecentHashRate.objects.count(), PoolSwap.objects.count()) == (1, 2, 0)
    assert set(SyncMark.objects.values_list("name", "read_up_to")) == {
        ("days", YESTERDAY), ("withdrawals", clock.today()), ("charges", clock.today()), ("swaps", clock.today()),
    }  # fmt: skip


def test_missed_days_are_caught_up(pool: Served, time: StoppedClock) -> None:
    sync()
    time.turn(6 * DAY)
    assert sync(since=None) == {}
    known = set(DayFacts.objects.values_list("day", flat=True))
    assert {YESTERDAY + timedelta(days=n) for n in range(7)} <= known


def test_a_gap_left_by_a_failure_is_filled_by_the_next_run(pool: Served) -> None:
    pool.fault("status", method="profitDaily", status=503, times=2)
    failed = sync()
    assert failed.keys() == {"days"}
    assert DayFacts.objects.count() == 2
    assert PoolHolding.objects.count() == 8
    assert sync() == {}
    assert not set(DayFacts.objects.filter(day__gte=YESTERDAY - timedelta(days=3)).values_list("flaw", flat=True)) - {
        ""
    }
    assert latest_of(YESTERDAY - timedelta(days=3))


def test_withdrawals_are_followed_to_their_end(pool: Served, time: StoppedClock) -> None:
    for amount in ("1", "2.5", "3"):
        pool.control("withdraw-outside", coin="LTC", amount=amount)
    sync()
    assert set(PoolWithdrawal.objects.values_list("status", "owner")) == {("pending", Owner.EXTERNAL)}
    time.turn(40 * DAY)
    sync(since=clock.today())
    check_equal_to(pool)
    assert set(PoolWithdrawal.objects.values_list("status", flat=True)) == {"completed"}


def test_a_status_that_goes_back_in_a_lagging_reading_is_not_believed(pool: Served, time: StoppedClock) -> None:
    pool.control("withdraw-outside", coin="LTC", amount="1")
    time.turn(60)
    sync()
    pool.fault("history-status-back")
    sync()
    assert PoolWithdrawal.objects.get().status == "completed"


def test_a_withdrawal_that_is_not_ours_is_an_orphan_and_told(pool: Served) -> None:
    sync()
    pool.control("withdraw-outside", coin="DOGE", amount="70")
    sync()
    assert PoolWithdrawal.objects.orphans().count() == 1
    assert Alert.objects.get(key__startswith="mining.orphan:").details["amount"] == "70"


def test_a_restated_day_is_a_new_version_and_the_old_one_stays(pool: Served) -> None:
    sync()
    before = latest_of(YESTERDAY)
    pool.control("restate", date=str(YESTERDAY), coin="LTC", total="77")
    sync()
    after = latest_of(YESTERDAY)
    assert before is not None
    assert after is not None
    assert (before.version, after.version) == (1, 2)
    assert after.coins.get(coin="LTC").total == 77
    assert before.coins.get(coin="LTC").total != 77
    assert DayFacts.objects.filter(version=2).count() == 1


class Poisoned:
    """The pool's answers of a day, with something changed in them on their way."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, method: str, change: Any) -> None:
        genuine = calls.ask

        def ask(asked: str, **arguments: Any) -> dict[str, Any]:
            answer = genuine(asked, **arguments)
            if asked == method and arguments.get("date") == str(YESTERDAY):
                change(answer["data"])
            return answer

        monkeypatch.setattr("mining.clients.hashdam.days.ask", ask)


def put(*path: str, value: Any) -> Any:
    def change(data: Any) -> None:
        for name in path[:-1]:
            data = data[name]
        data[path[-1]] = value

    return change


def drop(*path: str) -> Any:
    def change(data: Any) -> None:
        for name in path[:-1]:
            data = data[name]
        del data[path[-1]]

    return change


POISONS: dict[str, tuple[str, Any]] = {
    "nan": ("profitDaily", put("profit", "LTC", "total", value="NaN")),
    "infinity": ("profitDailyMega", put("profit", "LTC", "total", value="Infinity")),
    "negative": ("profitDaily", put("profit", "DOGE", "total", value="-1")),
    "unknown coin": ("profitDaily", put("profit", "XXX", value={"total": "1", "price": "1"})),
    "missing coin": ("profitDailyMega", drop("profit", "PEP")),
    "future date": ("profitDaily", put("date", value="2027-01-01")),
    "40 digits": ("profitDailyMega", put("profit", "LTC", "total", value="1" * 40)),
    "19 places": ("profitDailyMega", put("profit", "LTC", "total", value="0." + "1" * 19)),
    "missing field": ("profitDaily", drop("profit", "LTC", "price")),
    "a number": ("profitDaily", put("profit", "LTC", "total", value=Decimal("1.5"))),
    "no profit": ("profitDaily", drop("profit")),
    "profit a list": ("profitDaily", put("profit", value=[])),
    "no reject": ("hashRateDaily", drop("reject")),
    "other digits": ("hashRateDaily", put("hashRate", value="١٢٣")),
    "a NUL": ("profitDaily", put("profit", "\0", value={"total": "\0"})),
}


@pytest.mark.parametrize("poison", POISONS)
def test_a_poisoned_day_is_kept_told_and_stops_nothing_else(
    pool: Served, monkeypatch: pytest.MonkeyPatch, poison: str
) -> None:
    with monkeypatch.context() as patch:
        Poisoned(patch, *POISONS[poison])
        assert sync() == {}
        assert sync() == {}
    facts = latest_of(YESTERDAY)
    assert facts
    assert facts.flaw
    assert facts.version == 1
    assert not facts.coins.exists()
    assert Alert.objects.get(key=f"mining.day:{YESTERDAY}").details["flaw"] == facts.flaw
    assert DayFacts.objects.filter(flaw="").count() == 3
    assert PoolHolding.objects.count() == 8
    assert sync() == {}
    healed = latest_of(YESTERDAY)
    assert healed
    assert (healed.version, healed.flaw) == (2, "")


@pytest.mark.parametrize("poison", ["nan", "duplicate-keys", "array", "verdict-as-text", "bad-utf8", "fields-as-list"])
def test_an_answer_no_reader_could_take_is_a_flaw_too(pool: Served, poison: str) -> None:
    pool.fault("poisoned", method="profitDaily", **{"as": poison})
    sync()
    assert set(DayFacts.objects.values_list("flaw", flat=True)) != {""}
    assert not CoinFacts.objects.exists()
    assert PoolHolding.objects.count() == 8


class Killed(BaseException):
    pass


def kill_at(count: int) -> Any:
    left = iter(range(count))

    def hook(_name: str) -> None:
        if next(left, None) is None:
            raise Killed

    return hook


@pytest.mark.parametrize("after", range(5))
def test_killed_anywhere_and_run_again_gives_the_same_tables(pool: Served, after: int) -> None:
    pool.control("withdraw-outside", coin="LTC", amount="1")
    with pytest.raises(Killed), hooked(kill_at(after)):
        sync()
    sync()
    check_equal_to(pool)
    assert list(DayFacts.objects.order_by("day").values_list("version", flat=True)) == [1, 1, 1, 1]
    assert CoinFacts.objects.count() == 32


def fill(pool: Served, count: int) -> None:
    """Withdrawals by the pool's own reckoning, at once: a call for each would take minutes."""
    model: Any = pool.remote.model
    model.pool.holdings["LTC"].balance = Decimal(count * 10)
    for number in range(count):
        model.pool.withdraw("LTC", Decimal(number % 97 + 1) / 100, "api")


@pytest.mark.parametrize(
    "count", [pytest.param(3_000, id="small"), pytest.param(100_000, id="full", marks=pytest.mark.prove)]
)
def test_a_long_history_from_a_bad_pool_ends_equal_to_its_books(pool: Served, time: StoppedClock, count: int) -> None:
    fill(pool, count)
    faults: dict[str, dict[str, Any]] = {
        "history-lags": {"seconds": 120, "times": 1},
        "history-loses-page": {"times": 3},
        "history-misses": {"every": 7, "times": 2},
        "history-repeats": {},
        "history-reorders": {},
        "history-trailing-zeros": {},
        "status": {"status": 502, "chance": "0.05"},
    }
    for kind, options in faults.items():
        pool.fault(kind, method="assetWithdrawHistory", **options)
    time.turn(300)
    while sync(since=clock.today()):
        pass
    time.turn(300)
    assert sync(since=clock.today()) == {}
    check_equal_to(pool)


def test_a_row_that_cannot_be_believed_is_told_and_the_others_are_taken(
    pool: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    for amount in "123":
        pool.control("withdraw-outside", coin="LTC", amount=amount)
    genuine = calls.ask

    def ask(method: str, **arguments: Any) -> dict[str, Any]:
        answer: dict[str, Any] = genuine(method, **arguments)
        if method == "assetWithdrawHistory":
            answer["data"][1]["amount"] = "NaN"
        return answer

    monkeypatch.setattr("mining.clients.hashdam.histories.ask", ask)
    sync()
    assert PoolWithdrawal.objects.count() == 2
    assert Alert.objects.get(key="mining.history:withdrawals").details["rows"] == "1"
    assert not SyncMark.objects.filter(name="withdrawals").exists()


def test_changed_egress_addresses_are_recorded_and_told(pool: Served, settings: Any) -> None:
    sync()
    assert not AuditRow.objects.filter(verb="mining.egress_addresses_changed").exists()
    settings.HASHDAM_IP_ALLOWLIST = ["198.51.100.7/32"]
    sync()
    sync()
    assert EgressAddresses.objects.get().addresses == ["198.51.100.7/32"]
    assert AuditRow.objects.get(verb="mining.egress_addresses_changed").after == {"networks": ["198.51.100.7/32"]}
    assert Alert.objects.get(key="mining.egress_addresses").count == 1


def test_the_command_says_what_it_read_and_what_not(pool: Served, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("sync_mining", "--since", str(YESTERDAY), "--json")
    assert json.loads(capsys.readouterr().out)["failed"] == {}
    pool.fault("status", method="assetBalance", status=500)
    with pytest.raises(SystemExit) as ended:
        call_command("sync_mining", "--since", str(YESTERDAY))
    assert ended.value.code == 1
    assert "holdings: NOT READ" in capsys.readouterr().out
