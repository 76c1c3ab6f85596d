"""The desk's people come in by the door that the other screens' tests use."""

from tests.face.conftest import as_user

__all__ = ["as_user"]
