"""The four services we stand on, each asked for real: write and read, or the remote's most harmless call."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import redis
from django.conf import settings
from django.db import DatabaseError

from aeghash.core import clock
from aeghash.core.egress import Call, EgressFailure, read
from aeghash.core.models import Heartbeat
from aeghash.core.strict_json import JsonValue

TIMEOUT: Final = 5


@dataclass(frozen=True)
class Finding:
    service: str
    is_good: bool
    sentence: str


class NotGood(Exception):
    """Its text says what is wrong, and holds no secret."""


def check_all() -> list[Finding]:
    checks = {"postgresql": check_postgresql, "redis": check_redis, "hashdam": check_hashdam, "mblock": check_mblock}
    return [finding(service, check) for service, check in checks.items()]


def finding(service: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(service, True, check())
    except NotGood as problem:
        return Finding(service, False, str(problem))


def check_postgresql() -> str:
    now = clock.now()
    try:
        Heartbeat.objects.update_or_create(name="check_services", defaults={"beaten_at": now})
        if Heartbeat.objects.get(name="check_services").beaten_at < now:
            raise NotGood("what was written is not what is read")
    except DatabaseError as error:
        raise NotGood(f"no connection, or no right to write ({type(error).__name__})") from error
    return "written and read"


def check_redis() -> str:
    if not settings.REDIS_URL:
        raise NotGood("REDIS_URL is not set, and no Redis runs here")
    word = secrets.token_hex(8)
    options = {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT}
    try:
        with redis.Redis.from_url(settings.REDIS_URL, **options) as client:
            client.set(f"check_services:{word}", word, ex=TIMEOUT)
            if client.get(f"check_services:{word}") != word.encode():
                raise NotGood("what was written is not what is read")
    except redis.RedisError as error:
        raise NotGood(f"no connection ({type(error).__name__})") from error
    return "written and read"


def check_hashdam() -> str:
    answer = ask("HASHDAM", "projectInfo", "X-HASHDAM-Key")
    if answer.get("code") != 0:
        raise NotGood(f"it refuses: {answer.get('message')}")
    return "projectInfo answered"


def check_mblock() -> str:
    answer = ask("MBLOCK", "transitConfig", "X-MBLOCK-Key")
    if answer.get("result") is not True:
        raise NotGood(f"it refuses: {answer.get('message')}")
    return "transitConfig answered"


def ask(remote: str, method: str, key_header: str) -> dict[str, JsonValue]:
    url = getattr(settings, f"{remote}_API_BASE_URL")
    if not url:
        raise NotGood(f"{remote}_API_BASE_URL is not set, and no sandbox runs here")
    headers = {key_header: getattr(settings, f"{remote}_API_KEY")}
    call = Call(purpose=f"{remote.lower()}.{method}", url=url, json={"method": method}, headers=headers)
    try:
        answer = read(call).json
    except EgressFailure as failure:
        raise NotGood(f"no usable answer ({failure.reason})") from failure
    return answer if isinstance(answer, dict) else {}
