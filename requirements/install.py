"""Make .venv and install the pinned packages into it; a second run with the same pins does nothing.

    python3 requirements/install.py base|dev

Runs before anything is installed, maybe on a Python that is too old for the rest: so no imports but the standard
library's, and no syntax that an old Python would trip over before it could say so.
"""

from __future__ import print_function

import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
NEEDED_MIB = {"base": 500, "dev": 1200}
VARIABLES_OF_OTHERS = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")


class Refused(Exception):
    pass


def main(kind):
    if sys.version_info < (3, 11):
        raise Refused(
            "Python 3.11 to 3.14 is needed, and %s is %d.%d: name a newer one, like `make run PYTHON=python3.12`."
            % (sys.executable, sys.version_info[0], sys.version_info[1])
        )
    wanted = fingerprint(kind)
    if is_installed(kind, wanted):
        return
    with only_one():
        if not is_installed(kind, wanted):
            check_room(kind)
            make_venv()
            install(kind)
            write_stamp(kind, wanted)


def fingerprint(kind):
    with open(lock_file(kind), "rb") as lock:
        return hashlib.sha256(lock.read() + repr(sys.version_info[:2]).encode()).hexdigest()


def lock_file(kind):
    return os.path.join(ROOT, "requirements", kind + ".txt")


def stamp_file(kind):
    return os.path.join(VENV, "installed-%s.sha256" % kind)


def is_installed(kind, wanted):
    """The dev packages hold the base ones, so whoever has dev needs no base."""
    for name in {kind, "dev"}:
        try:
            with open(stamp_file(name)) as stamp:
                if stamp.read() == (wanted if name == kind else fingerprint(name)) and os.path.exists(PYTHON):
                    return True
        except (IOError, OSError):
            continue
    return False


def only_one():
    """Two `make` at once: the second waits and finds the work done."""
    import fcntl

    try:
        lock = open(os.path.join(ROOT, ".venv.lock"), "w")
    except (IOError, OSError):
        raise Refused("No write permission in %s, where .venv is to be made." % ROOT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def check_room(kind):
    free = shutil.disk_usage(ROOT).free // 2**20
    if free < NEEDED_MIB[kind] and not os.path.exists(VENV):
        raise Refused(
            "The disk is full: installing takes about %d MiB, and %s has %d MiB left." % (NEEDED_MIB[kind], ROOT, free)
        )


def make_venv():
    if same_python():
        return
    if os.path.exists(VENV) and not os.path.exists(os.path.join(VENV, "pyvenv.cfg")) and os.listdir(VENV):
        raise Refused("%s is not a virtual environment of ours: move it away first." % VENV)
    say("making .venv with Python %d.%d" % sys.version_info[:2])
    shutil.rmtree(VENV, ignore_errors=True)
    run([sys.executable, "-m", "venv", VENV], "no virtual environment could be made (on Debian: python3-venv)")


def same_python():
    check = "import sys, pip; sys.exit(sys.version_info[:2] != (%d, %d))" % sys.version_info[:2]
    try:
        return subprocess.call([PYTHON, "-c", check], stderr=subprocess.DEVNULL, env=environment()) == 0
    except OSError:
        return False


def install(kind):
    with open(lock_file(kind)) as lock:
        count = sum("==" in line for line in lock)
    say("installing about %d packages into .venv (the first time only)" % count)
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    options = ["--require-hashes", "--only-binary", ":all:", "-r", lock_file(kind)]
    run(command + options, "the packages could not be installed")


def run(command, failure):
    done = subprocess.run(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        print(done.stdout[-3000:], file=sys.stderr)
        full = "No space left" in done.stdout
        raise Refused("The disk is full." if full else "%s: see above." % failure.capitalize())


def environment():
    return {name: value for name, value in os.environ.items() if name not in VARIABLES_OF_OTHERS}


def write_stamp(kind, wanted):
    with open(stamp_file(kind), "w") as stamp:
        stamp.write(wanted)


def say(text):
    print(text, flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except Refused as refusal:
        print("install: %s" % refusal, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
