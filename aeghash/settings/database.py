"""PostgreSQL, in two roles: `default` is the application, which owns nothing; `owner` migrates."""

from typing import Any

import environ

from aeghash.core.environment import DATABASE_SCHEMES
from aeghash.settings.source import env

DATABASE_POOL_SIZE = env.integer("DATABASE_POOL_SIZE", 10, least=1, most=1000)
DATABASE_MAX_OVERFLOW = env.integer("DATABASE_MAX_OVERFLOW", 0, most=1000)
DATABASE_POOL_TIMEOUT = env.integer("DATABASE_POOL_TIMEOUT", 10, least=1, most=3600)
DATABASE_POOL_RECYCLE = env.integer("DATABASE_POOL_RECYCLE", 1800, least=1)
DATABASE_RETRY_ATTEMPTS = env.integer("DATABASE_RETRY_ATTEMPTS", 3, least=1, most=20)
DATABASE_RETRY_BACKOFF = env.integer("DATABASE_RETRY_BACKOFF", 2, least=1, most=60)
DATABASE_PREPARED_STATEMENTS = env.boolean("DATABASE_PREPARED_STATEMENTS", True)
DATABASE_ECHO = env.boolean("DATABASE_ECHO", False)

APPLICATION_LIMITS = {
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}


def connection(url: str, limits: dict[str, str]) -> dict[str, Any]:
    scheme, _, rest = url.partition("://")
    config: dict[str, Any] = dict(environ.Env.db_url_config(f"postgresql://{rest}" if scheme else "postgresql://"))
    options = dict(config.get("OPTIONS") or {})
    options["options"] = " ".join(f"-c {name}={value}" for name, value in limits.items())
    options.setdefault("connect_timeout", 5)
    return {**config, "OPTIONS": options, "ATOMIC_REQUESTS": False, "CONN_HEALTH_CHECKS": True}


application_url = env.url("DATABASE_URL", DATABASE_SCHEMES, required=True)
owner_url = env.url("DATABASE_OWNER_URL", DATABASE_SCHEMES) or application_url

DATABASES = {
    "default": connection(application_url, APPLICATION_LIMITS),
    "owner": connection(owner_url, {"lock_timeout": "10s"}),
}

# A process opens connections as it needs them, at most size + overflow, and gives back those it has not used for ten
# minutes. Each is checked before use and closed when it is older than DATABASE_POOL_RECYCLE.
DATABASES["default"]["OPTIONS"]["pool"] = {
    "min_size": 0,
    "max_size": DATABASE_POOL_SIZE + DATABASE_MAX_OVERFLOW,
    "timeout": DATABASE_POOL_TIMEOUT,
    "max_lifetime": DATABASE_POOL_RECYCLE,
}

# Django never prepares what goes through its own cursors; this is for `aeghash.core.statements`. A pooler that gives each
# transaction another session has to know of prepared statements (PgBouncer does from 1.21 on), or this is false.
DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 0 if DATABASE_PREPARED_STATEMENTS else None

# Tests make and migrate the database as the owner, and use the same one as the application.
DATABASES["default"]["TEST"] = {"MIRROR": "owner"}
