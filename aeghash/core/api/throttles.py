"""How much one caller may ask for: so many requests a minute, counted in the cache.

Where the cache is away nobody is counted. These limits keep a runaway script from the others; money has limits of its own,
in the database.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import redis
from django.conf import settings
from django.core.cache import cache
from django.http.response import HttpResponseBase
from rest_framework.exceptions import Throttled
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from aeghash.core import clock
from aeghash.core.sources import source_address

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which imports this module

WINDOW: Final = 60
CACHE_IS_AWAY: Final = (redis.RedisError, OSError)


@dataclass(frozen=True)
class Allowance:
    """What is left to somebody in this window."""

    policy: str
    quota: int
    used: int
    seconds_left: int

    @property
    def is_overdrawn(self) -> bool:
        return self.used > self.quota

    def tell(self, response: HttpResponseBase) -> None:
        """In the words of draft-ietf-httpapi-ratelimit-headers-10."""
        response["RateLimit-Policy"] = f'"{self.policy}";q={self.quota};w={WINDOW}'
        response["RateLimit"] = f'"{self.policy}";r={max(0, self.quota - self.used)};t={self.seconds_left}'


class StaffThrottle(BaseThrottle):
    def allow_request(self, request: Request, view: "APIView") -> bool:
        policy = "read" if request.method in SAFE_METHODS else "write"
        self.allowance = spend(policy, f"user {request.user.pk}")
        view.allowance = self.allowance  # type: ignore[attr-defined]  # which the view's answer tells
        return self.allowance is None or not self.allowance.is_overdrawn

    def wait(self) -> float | None:
        return self.allowance.seconds_left if self.allowance else None


def count_failure(request: Request) -> None:
    """A call without valid credentials, by its address. Raises Throttled once there were too many.

    Good credentials are never refused for it: at the same address sits a colleague, or the partner's next release.
    """
    allowance = spend("failures", f"address {source_address(request._request)}")
    if allowance and allowance.is_overdrawn:
        raise Throttled(wait=allowance.seconds_left)


def spend(policy: str, by: str) -> Allowance | None:
    """Counts one request; None where nobody counts."""
    window, second = divmod(int(clock.now().timestamp()), WINDOW)
    try:
        used = increased(f"rate {policy} {by} {window}".replace(" ", ":"))
    except CACHE_IS_AWAY:
        return None
    return Allowance(policy, settings.API_RATES[policy], used, WINDOW - second)


def increased(key: str) -> int:
    try:
        return cache.incr(key)
    except ValueError:  # the first of its window
        return 1 if cache.add(key, 1, timeout=2 * WINDOW) else cache.incr(key)
