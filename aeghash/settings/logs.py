"""One line an event, JSON in production, with the request's id, secrets masked by one processor."""

from aeghash.core.logs import configuration
from aeghash.settings.database import DATABASE_ECHO
from aeghash.settings.source import env

LOGGING = configuration(as_json=env.production, echo_sql=DATABASE_ECHO)
LOGGING_CONFIG = "aeghash.core.logs.configure"
