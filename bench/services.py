"""A throw-away PostgreSQL and Redis of this run's own, as durable as in production: what is measured are its commits."""

import os
import tempfile
from pathlib import Path

from aeghash.core.embedded.folder import DataFolder
from aeghash.core.embedded.preparation import start_services


def start() -> None:
    """Before Django's settings are read. When this process ends, however it does, the servers and their data go."""
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "APP_ENV", "AEGHASH_DATA_DIR"):
        os.environ.pop(name, None)
    path = Path(tempfile.mkdtemp(prefix="aeghash-bench-"))
    path.chmod(0o711)
    folder = DataFolder(path)
    os.environ.update(start_services(folder, throw_away=True))
    os.environ.update({name: folder.keys[name] for name in ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS")})
    os.environ["DJANGO_SETTINGS_MODULE"] = "aeghash.settings"
