"""A worker process of the product that knows a test's kinds of jobs as well: `python -m tests.races.worker KINDS …`."""

import importlib
import itertools
import os
import signal
import sys

import django
from django.core.management import execute_from_command_line

from aeghash import celery_app
from aeghash.core import checkpoints


def main(kinds: str, *words: str) -> None:
    django.setup()
    importlib.import_module(kinds)
    with checkpoints.hooked(stop_or_die()):
        if words[0] == "celery":
            celery_app.start(list(words[1:]))
        else:
            execute_from_command_line(["manage.py", *words])


def stop_or_die() -> checkpoints.Hook:
    passed = itertools.count(1)

    def hook(name: str) -> None:
        if name == os.environ.get("PAUSE_AT"):
            os.kill(os.getpid(), signal.SIGSTOP)
        if next(passed) == int(os.environ.get("DIES_AT", "0")):
            os.kill(os.getpid(), signal.SIGKILL)

    return hook


if __name__ == "__main__":
    main(*sys.argv[1:])
