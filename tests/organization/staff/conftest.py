"""What the tests of screens and of the API share with those of the core."""

from tests.api.conftest import _own_cache, api, caller
from tests.face.conftest import as_user

__all__ = ["_own_cache", "api", "as_user", "caller"]
