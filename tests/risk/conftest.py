"""The callers of the API's tests and of the screens' serve here too."""

# ruff: noqa: PLC0414 - "as" is how mypy is told that a name is passed on

from tests.api.conftest import _own_cache as _own_cache
from tests.api.conftest import api as api
from tests.api.conftest import caller as caller
from tests.face.conftest import as_user as as_user
