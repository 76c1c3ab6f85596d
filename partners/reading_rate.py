"""How much a key may read: counted in Redis, and where that is away, by nobody."""

import math
from typing import Any, Final

from django.core.cache import cache

from aeghash.core import clock
from aeghash.core.api.throttles import CACHE_IS_AWAY
from partners.models import PartnerKey
from partners.refusals import RateLimited

# The same bucket as for writing. Times are given: no clock but the product's own counts.
SPEND: Final = """
    local now, step, room = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
    local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now) + step
    if full > now + room then return tostring(full - now - room) end
    redis.call('SET', KEYS[1], tostring(full), 'PX', math.ceil(full - now) + 1000)
    return '0'
"""


def spend(key: PartnerKey) -> None:
    """Refuses too many (`rate_limited`)."""
    client = _client()
    if client is None:
        return
    step = 60_000 / key.partner.reads_a_minute
    now = clock.now().timestamp() * 1000
    try:
        wait = float(client.eval(SPEND, 1, f"partner-reads:{key.pk}", f"{now:.0f}", step, step * key.partner.burst))
    except CACHE_IS_AWAY:
        return
    if wait > 0:
        raise RateLimited(retry_after=max(1, math.ceil(wait / 1000)))


def _client() -> Any:
    """Of Redis; another cache (a machine without Redis) counts nothing."""
    kept: Any = getattr(cache, "_cache", None)
    return kept.get_client(None, write=True) if hasattr(kept, "get_client") else None
