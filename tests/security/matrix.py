"""Who gets what from every address of the product.

A table an app in `tables/`: a line an address and method, a column a caller: nobody logged in; staff without any group;
staff in one group. The figures are the statuses they get, calling from outside of the trusted networks. An address that
isn't there fails the build: add its lines where it belongs, with what each caller *should* get.

What an address takes in its path comes from `SAMPLES`, by that piece of the address; what a body must hold, from `BODIES`.
"""

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final

from tests.security import tables

CALLERS: Final = ("anonymous", "no_group", "operations", "finance", "support", "sysadmin")
MODULES: Final = tuple(import_module(f"{tables.__name__}.{found.name}") for found in iter_modules(tables.__path__))

SAMPLES: Final[dict[str, Callable[[], Any]]] = {key: make for module in MODULES for key, make in module.SAMPLES.items()}
BODIES: Final[dict[str, dict[str, Any]]] = {key: body for module in MODULES for key, body in module.BODIES.items()}


def lines() -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for line in (line for module in MODULES for line in module.TABLE.strip().splitlines()[1:] if line.strip()):
        method, route, *statuses = line.split()
        assert len(statuses) == len(CALLERS), line
        assert f"{method} {route}" not in found, line
        found[f"{method} {route}"] = tuple(map(int, statuses))
    return found


MATRIX: Final = lines()
