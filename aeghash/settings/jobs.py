"""Redis: broker of Celery, cache, rate limits. Nothing in it may be missed: a flush loses no work."""

from aeghash.settings.source import env

REDIS_URL = env.url("REDIS_URL", ("redis", "rediss", "unix"), required=True)

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        # Short: somebody waits, and nothing depends on it.
        "OPTIONS": {"socket_connect_timeout": 0.25, "socket_timeout": 0.25},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# Without Redis nothing is told and the sweeper finds every job all the same.
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for Redis as long as it takes
# Short and without a second try: whoever tells a worker has just committed, and somebody waits for the answer.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 2,
    "socket_timeout": 2,
    "max_retries": 0,
    "visibility_timeout": 3600,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# The one entry: it starts due schedules, brings back jobs whose worker died, and works what nobody was told of.
CELERY_BEAT_SCHEDULE = {"tick": {"task": "core.tick", "schedule": 5.0}}
