"""Django's settings, split by concern. All bad variables are told at once, before anything starts."""

from aeghash.settings.api import *  # noqa: F403
from aeghash.settings.apps import *  # noqa: F403
from aeghash.settings.closing import *  # noqa: F403
from aeghash.settings.database import *  # noqa: F403
from aeghash.settings.http import *  # noqa: F403
from aeghash.settings.jobs import *  # noqa: F403
from aeghash.settings.languages import *  # noqa: F403
from aeghash.settings.logs import *  # noqa: F403
from aeghash.settings.policy import *  # noqa: F403
from aeghash.settings.remotes import *  # noqa: F403
from aeghash.settings.risk import *  # noqa: F403
from aeghash.settings.security import *  # noqa: F403
from aeghash.settings.source import env

env.stop_if_bad()
