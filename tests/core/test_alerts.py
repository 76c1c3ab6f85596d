"""Alerts: counted, told once, told late rather than never, and never at anybody's cost."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError
from django.utils import translation
from django.utils.translation import gettext_lazy

from aeghash.core import alert_channel
from aeghash.core.models import Alert, Job, JobState, Severity, User
from aeghash.core.operations.acknowledge_alert import AlreadyAcknowledged, acknowledge_alert
from aeghash.core.operations.raise_alert import raise_alert
from aeghash.core.operations.tick import tick
from aeghash.core.operations.work_due_jobs import work_due_jobs
from tests.core.steering import NOON, Time, steered_time
from tests.races import run_together

pytestmark = pytest.mark.django_db


class Channel(BaseHTTPRequestHandler):
    """A webhook that answers `status` and keeps the texts it took."""

    texts: ClassVar[list[str]] = []
    asked: ClassVar[int] = 0
    status: ClassVar[int] = 200

    def do_POST(self) -> None:
        type(self).asked += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.status == 200:
            self.texts.append(json.loads(body)["text"])
        self.send_response(self.status)
        if self.status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self.texts.append("followed a redirect")

    def log_message(self, *_args: Any) -> None:
        pass


@pytest.fixture
def channel(settings: Any) -> Iterator[type[Channel]]:
    Channel.texts, Channel.asked, Channel.status = [], 0, 200
    server = ThreadingHTTPServer(("127.0.0.1", 0), Channel)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    settings.ALERT_WEBHOOK_URL = f"http://127.0.0.1:{server.server_port}/hook"
    settings.LANGUAGE_CODE = "en"
    yield Channel
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def time() -> Iterator[Time]:
    with steered_time() as time:
        yield time


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create_user("ops@example.com")


def alert(
    key: str = "pool", severity: Severity = Severity.WARNING, sentence: str = "It is down.", **details: Any
) -> Alert:
    return raise_alert(key=key, severity=severity, sentence=sentence, **details)


def go_on(time: Time, seconds: int, *, step: int = 5) -> None:
    """What `run_jobs --forever` does, every few seconds."""
    for _ in range(seconds // step):
        tick()
        work_due_jobs(until=lambda done: done >= 100)
        time.goes_on(seconds=step)


# -- raising


def test_the_same_again_is_counted_and_no_second_alert(time: Time) -> None:
    first = alert(job=1)
    time.goes_on(minutes=1)
    again = alert(job=2)
    assert (again.pk, again.count, again.first_seen_at, again.last_seen_at) == (first.pk, 2, NOON, time.now)
    assert again.details == {"job": "2"}


def test_another_key_or_severity_is_another_alert() -> None:
    alert()
    alert(key="wallets")
    alert(severity=Severity.CRITICAL)
    assert Alert.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_it_belongs_to_the_transaction_that_raises_it() -> None:
    with pytest.raises(TransactionManagementError):
        alert()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        alert()
        raise ZeroDivisionError
    assert not Alert.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_raised_at_one_instant_none_is_lost_from_the_count() -> None:
    def often() -> None:
        for _ in range(10):
            with transaction.atomic():
                alert()

    assert [outcome.error for outcome in run_together(*[often] * 4)] == [None] * 4
    assert Alert.objects.get().count == 40


def test_secrets_are_masked_before_they_are_written() -> None:
    made = alert(
        sentence="GET https://bob:hunter2@pool/ failed",
        api_key="hunter2",
        said={"walletKey": "hunter2"},
        why="token=hunter2",
    )
    made.refresh_from_db()
    assert "hunter2" not in f"{made.sentence} {made.details}"
    assert made.details["api_key"] == "***"


def test_what_no_column_holds_is_left_out() -> None:
    made = alert(sentence="a\0b\ud800", said="c\0\ud800")
    made.refresh_from_db()
    assert (made.sentence, made.details) == ("ab?", {"said": "c?"})


def test_it_speaks_the_language_of_the_house(settings: Any) -> None:
    settings.LANGUAGE_CODE = "de"
    with translation.override("en"):
        assert alert(sentence=gettext_lazy("Yes")).sentence == "Ja"  # type: ignore[arg-type]


# -- sending


def test_it_is_told_once(channel: type[Channel], time: Time) -> None:
    alert(sentence="It is down.", severity=Severity.CRITICAL, host="pool")
    go_on(time, 5)
    assert channel.texts == ["[critical] It is down. (host: pool)"]
    for _ in range(20):
        alert(severity=Severity.CRITICAL)
        go_on(time, 60, step=30)
    assert len(channel.texts) == 1
    assert Alert.objects.get().count == 21


def test_one_that_goes_on_for_hours_is_told_again(channel: type[Channel], time: Time) -> None:
    alert()
    go_on(time, 5)
    time.goes_on(hours=6)
    alert()
    go_on(time, 5)
    assert [text[-2:] for text in channel.texts] == ["n.", "×2"]


def test_without_an_address_nothing_is_sent_ever(channel: type[Channel], time: Time, settings: Any) -> None:
    url, settings.ALERT_WEBHOOK_URL = settings.ALERT_WEBHOOK_URL, ""
    alert()
    go_on(time, 10)
    settings.ALERT_WEBHOOK_URL = url  # set one day, it should not tell what is long past
    go_on(time, 10)
    assert channel.asked == 0
    assert not Job.objects.exists()


@pytest.mark.parametrize("status", [500, 302, 404])
def test_a_channel_away_for_an_hour_loses_none_and_brings_no_storm(
    channel: type[Channel], time: Time, status: int
) -> None:
    channel.status = status
    for number in range(120):
        alert(key=f"pool:{number}", sentence=f"Pool {number} is down.")
        alert(key="wallets", severity=Severity.CRITICAL, sentence="No wallet answers.")
        go_on(time, 30, step=15)
    assert channel.texts == []
    assert 40 < channel.asked < 120  # about once a minute
    assert Job.objects.get().state == JobState.QUEUED  # one worker at most was ever held up
    channel.status = 200
    go_on(time, 120)
    (text,) = channel.texts
    lines = text.splitlines()
    assert lines[0] == "[critical] No wallet answers. ×120"
    assert len(lines) == 31
    assert lines[-1] == "… and 91 more in the list of alerts."
    assert not Alert.objects.exclude(told_at__isnull=False, untold_since=None).exists()


def test_many_at_once_come_in_few_messages(channel: type[Channel], time: Time) -> None:
    for number in range(60):
        alert(key=f"pool:{number}")
        go_on(time, 5)
    go_on(time, 60)
    assert 5 <= len(channel.texts) <= 12  # in five minutes, none sooner than half a minute after another
    assert sum(len(text.splitlines()) for text in channel.texts) == 60


@pytest.mark.django_db(transaction=True)
def test_one_that_commits_while_the_message_is_on_its_way_is_told_next(
    channel: type[Channel], time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_send = alert_channel.send

    def send(text: str) -> None:
        time.goes_on(seconds=-10)  # raised before those in the message, and committed after it was put together
        with transaction.atomic():
            alert(key="late")
        time.goes_on(seconds=10)
        really_send(text)

    with transaction.atomic():
        alert()
    monkeypatch.setattr(alert_channel, "send", send)
    go_on(time, 5)
    assert list(Alert.objects.filter(untold_since__isnull=False).values_list("key", flat=True)) == ["late"]
    monkeypatch.setattr(alert_channel, "send", really_send)
    go_on(time, 60)
    assert len(channel.texts) == 2


def test_what_comes_from_outside_can_not_command_the_channel(channel: type[Channel], time: Time) -> None:
    alert(sentence="<!channel> & <https://evil.example|log in>\n[critical] forged")
    go_on(time, 5)
    assert channel.texts == ["[warning] &lt;!channel&gt; &amp; &lt;https://evil.example|log in&gt; [critical] forged"]


# -- acknowledging


def test_a_person_acknowledges_it_and_it_is_not_told_any_more(channel: type[Channel], time: Time, person: User) -> None:
    made = alert()
    seen = acknowledge_alert(alert_id=made.pk, by=person)
    assert (seen.state, seen.acknowledged_by, seen.acknowledged_at) == ("acknowledged", person, NOON)
    go_on(time, 10)
    assert channel.asked == 0
    assert alert().pk != made.pk  # happening again, it is a new one


def test_the_first_to_acknowledge_it_stays(person: User) -> None:
    made = alert()
    acknowledge_alert(alert_id=made.pk, by=person)
    assert acknowledge_alert(alert_id=made.pk, by=person).acknowledged_by == person
    other = User.objects.create_user("other@example.com")
    with pytest.raises(AlreadyAcknowledged):
        acknowledge_alert(alert_id=made.pk, by=other)
    made.refresh_from_db()
    assert made.acknowledged_by == person
