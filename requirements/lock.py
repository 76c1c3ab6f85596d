"""Pin requirements/*.in into *.txt, and tell whether a pin is stale.

    python requirements/lock.py           writes the locks (needs uv and the network)
    python requirements/lock.py --check   exit status 1 if a lock is older than its .in file (needs neither)

Each lock carries a digest of the .in files that it was made from, so that freshness can be checked offline.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCES = {"base": ("base.in",), "dev": ("base.in", "dev.in")}
MARK = "# made from: sha256="


def digest(name: str) -> str:
    return hashlib.sha256(b"\0".join((HERE / source).read_bytes() for source in SOURCES[name])).hexdigest()


def lock(name: str) -> None:
    target = HERE / f"{name}.txt"
    compile_command = ["uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
    options = ["--python-version", "3.11", "--custom-compile-command", "make lock"]
    subprocess.run([*compile_command, *options, f"{name}.in", "-o", target.name], cwd=HERE, check=True)
    target.write_text(f"{MARK}{digest(name)}\n{target.read_text()}")


def is_fresh(name: str) -> bool:
    target = HERE / f"{name}.txt"
    return target.exists() and target.read_text().startswith(f"{MARK}{digest(name)}\n")


def main() -> int:
    if "--check" not in sys.argv:
        for name in SOURCES:
            lock(name)
    stale = [name for name in SOURCES if not is_fresh(name)]
    for name in stale:
        print(f"requirements/{name}.txt is older than its .in file: run `make lock`", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
