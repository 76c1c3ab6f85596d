"""What a command finds in its environment before the settings are read."""

import os
from pathlib import Path

import pytest

from aeghash.core.embedded.folder import DataFolder
from aeghash.core.embedded.preparation import folder_named_in, prepare


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["up", "--data-dir", "/x"], "/x"),
        (["up", "--port", "8001", "--data-dir=/x", "--no-demo"], "/x"),
        (["up"], None),
        (["up", "--data-dir"], None),
        (["import_members", "--data-dir", "/x"], None),
        ([], None),
    ],
)
def test_up_alone_names_its_folder(words: list[str], named: str | None) -> None:
    assert folder_named_in(["manage.py", *words]) == named


def test_the_product_has_the_keys_of_the_folder_it_is_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A secret that a command beside it stores there could not be read otherwise."""
    for name in ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "SECRET_KEY_FILE", "FIELD_ENCRYPTION_KEYS_FILE"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("APP_ENV", "development")
    monkeypatch.setenv("AEGHASH_DATA_DIR", str(tmp_path / "another"))
    prepare(["manage.py", "up", "--data-dir", str(tmp_path / "data")])
    keys = DataFolder(tmp_path / "data").keys
    assert {name: os.environ[name] for name in ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS")} == {
        name: keys[name] for name in ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS")
    }
    assert not (tmp_path / "another").exists()
