#!/usr/bin/env python
"""The operators' verbs. `manage.py help` lists them; each has --help with an example."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aeghash.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("manage.py: Django is not installed for this Python: run `make run`, or use .venv/bin/python.")
    from aeghash.core.embedded import prepare

    prepare(sys.argv)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
