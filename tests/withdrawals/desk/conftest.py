"""The desk's people come in by the door that the other screens' tests use."""

from tests.face.conftest import _somebody_acts, as_user

__all__ = ["_somebody_acts", "as_user"]
