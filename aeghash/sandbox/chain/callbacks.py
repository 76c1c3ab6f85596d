"""Messages on their way to the caller's callback URL."""

from dataclasses import dataclass

from aeghash.sandbox.jsontext import JsonObject
from aeghash.sandbox.timeline import Timeline


@dataclass
class Callback:
    number: int
    due: int
    url: str
    body: JsonObject
    genuine: bool
    taken: bool = False
    delivery: str | None = None
    """What became of it, as its deliverer noted: an HTTP status, or why there was none."""

    def book(self) -> JsonObject:
        return {
            "number": self.number,
            "due": self.due,
            "url": self.url,
            "body": self.body,
            "genuine": self.genuine,
            "taken": self.taken,
            "delivery": self.delivery,
        }


class Callbacks:
    """The remote only says what is to be posted, and when. Its owner takes it from here and delivers it."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.all: list[Callback] = []
        self._waiting: list[Callback] = []

    def post(self, url: str, body: JsonObject, *, genuine: bool, wait_ms: int = 0) -> None:
        callback = Callback(len(self.all) + 1, self.timeline.now + wait_ms, url, body, genuine)
        self.all.append(callback)
        self._waiting.append(callback)

    def take_due(self) -> list[Callback]:
        due = [callback for callback in self._waiting if callback.due <= self.timeline.now]
        self._waiting = [callback for callback in self._waiting if callback.due > self.timeline.now]
        for callback in due:
            callback.taken = True
        return sorted(due, key=lambda callback: (callback.due, callback.number))

    def next_due(self) -> int | None:
        return min((callback.due for callback in self._waiting), default=None)
