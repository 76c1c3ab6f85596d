"""Structured logs. Every line passes `redact`, whichever library wrote it, so a secret has one gate to get past."""

import logging.config
import re
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import structlog

MASK: Final = "***"
SECRET_NAMES: Final = re.compile(
    r"(?i)(password|passwd|secret|token|api_?key|wallet_?key|private_?key|authorization|cookie|signature|otp|"
    r"x-(aeg|hashdam|mblock)-(key|secret|signature)|encryption_keys?|session_?key|dsn)"
)
# Secrets inside a sentence: a URL's credentials, a bearer token, `walletKey: "…"` and the like.
SECRETS_IN_TEXT: Final = (
    re.compile(r"(?<=://)[^/\s@:]*:[^/\s@]+(?=@)"),
    re.compile(r"(?i)(?<=bearer )[^\s\"',;]+"),
    re.compile(
        r"(?i)(?<![a-z])((?:[a-z_-]*(?:password|secret|token|api_?key|wallet_?key|x-[a-z]+-key))[\"']?\s*[:=]\s*[\"']?)"
        r"[^\s\"',;}&]+"
    ),
    # The address a remote calls back at is its only credential.
    re.compile(r"(?i)(?<=/callback/)[^\s/\"'?]+"),
)


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in list(event):
        event[name] = redacted(event[name], name)
    return event


def redacted(value: Any, name: str = "") -> Any:
    if name and SECRET_NAMES.search(name) and value not in (None, "", True, False):
        return MASK
    if isinstance(value, str):
        return redacted_text(value)
    if isinstance(value, Mapping):
        return {key: redacted(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(item) for item in value]
    return value


def redacted_text(text: str) -> str:
    text = SECRETS_IN_TEXT[0].sub(MASK, text)
    text = SECRETS_IN_TEXT[1].sub(MASK, text)
    text = SECRETS_IN_TEXT[2].sub(rf"\g<1>{MASK}", text)
    return SECRETS_IN_TEXT[3].sub(MASK, text)


def configuration(*, as_json: bool, echo_sql: bool) -> dict[str, Any]:
    """For `logging.config.dictConfig`: one handler to standard error, in the same shape for every library."""
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else _for_people()
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            redact,
            renderer,
        ],
        "foreign_pre_chain": _shared(),
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            "django.db.backends": {"level": "DEBUG" if echo_sql else "INFO"},
            "django.server": {"handlers": [], "propagate": True},
            # Its reconnect attempts come once a second while PostgreSQL restarts.
            "psycopg.pool": {"level": "ERROR"},
        },
    }


def configure(config: dict[str, Any]) -> None:
    logging.config.dictConfig(config)
    structlog.configure(
        processors=[
            *_shared(),
            structlog.stdlib.filter_by_level,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _shared() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _for_people() -> Any:
    return structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
