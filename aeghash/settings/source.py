"""Where the other settings read from: the process's environment, after the file `.env` at the root."""

import os
from pathlib import Path

import environ

from aeghash.core.environment import Environment

BASE_DIR = Path(__file__).resolve().parents[2]

# What the process was started with wins over the file.
environ.Env.read_env(BASE_DIR / ".env", overwrite=False)

env = Environment(os.environ)
