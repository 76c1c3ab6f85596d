"""The reader of environment variables: strict, and silent about values."""

import os
from decimal import Decimal
from pathlib import Path

import pytest

from aeghash.core.embedded import prepare
from aeghash.core.embedded.folder import DataFolder
from aeghash.core.environment import BadEnvironment, Environment

SECRET = "hunter2-canary"


def problems(variables: dict[str, str], *reads: str) -> list[str]:
    env = Environment(variables)
    for read in reads:
        method, name = read.split(" ")
        getattr(env, method)(name, *([True] if method == "boolean" else [1] if method == "integer" else []))
    return env.problems


@pytest.mark.parametrize("value", ["1", "true", "TRUE", "yes", "on"])
def test_true(value: str) -> None:
    assert Environment({"X": value}).boolean("X", False) is True


@pytest.mark.parametrize("value", ["0", "false", "No", "off"])
def test_false(value: str) -> None:
    assert Environment({"X": value}).boolean("X", True) is False


@pytest.mark.parametrize(
    ("read", "value"),
    [
        ("boolean X", "perhaps"),
        ("boolean X", "2"),
        ("integer X", "ten"),
        ("integer X", "-1"),
        ("integer X", "1.5"),
        ("integer X", "１０"),
        ("integer X", "9" * 400),
        ("decimal X", "1e5"),
        ("decimal X", "NaN"),
        ("decimal X", "-1"),
        ("decimal X", "1_000"),
        ("web_url X", "ftp://example.com"),
        ("web_url X", "http://"),
        ("web_url X", "http://example.com:port"),
        ("web_url X", "example.com"),
        ("networks X", "10.0.0.1/8"),
        ("networks X", "everywhere"),
        ("keys X", "short"),
        ("keys X", "A" * 44),
    ],
)
def test_what_can_t_be_parsed_is_a_problem_that_names_the_variable_and_not_the_value(read: str, value: str) -> None:
    (problem,) = problems({"X": value}, read)
    assert problem.startswith("X ")
    assert value not in problem


def test_what_is_left_out_takes_the_default() -> None:
    env = Environment({})
    assert env.boolean("X", True) is True
    assert env.integer("X", 7) == 7
    assert env.decimal("X") is None
    assert env.words("X", ("a", "b")) == ["a", "b"]
    assert env.networks("X") == []
    assert env.text("X", required=True) == ""
    assert env.problems == []


def test_values_are_parsed() -> None:
    env = Environment({"D": "0.0005", "W": "a, b,,c", "N": "10.0.0.0/8,::1", "K": "-_" * 21 + "8="})
    assert env.decimal("D") == Decimal("0.0005")
    assert env.words("W") == ["a", "b", "c"]
    assert [str(network) for network in env.networks("N")] == ["10.0.0.0/8", "::1/128"]
    assert [len(key) for key in env.keys("K")] == [32]
    assert env.problems == []


def test_a_variable_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{SECRET}\n")
    assert Environment({"X_FILE": str(tmp_path / "key")}).text("X") == SECRET


def test_the_variable_itself_wins_over_its_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("file")
    assert Environment({"X": "direct", "X_FILE": str(tmp_path / "key")}).text("X") == "direct"


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_an_unreadable_file_is_a_problem(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    assert problems({"X_FILE": str(tmp_path / "key")}, "text X") == ["X_FILE names a file that can't be read."]


def test_production_asks_for_what_is_required_and_for_safe_urls() -> None:
    env = Environment({"APP_ENV": "production", "H": "http://example.com", "L": "http://127.0.0.1:1/x"})
    env.text("T", required=True)
    env.web_url("H")
    env.web_url("L")
    assert env.problems == [
        "T is missing, and production needs it.",
        "H is not an https URL, and would carry secrets in the clear.",
    ]


def test_a_misspelt_environment_is_read_as_the_strict_one() -> None:
    env = Environment({"APP_ENV": "prod"})
    assert env.production
    assert env.problems == ["APP_ENV is not one of: development, production."]


def test_all_problems_are_told_at_once_with_exit_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    env = Environment({"A": SECRET, "B": SECRET})
    env.boolean("A", True)
    env.integer("B", 1)
    with pytest.raises(BadEnvironment) as stopped:
        env.stop_if_bad()
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert said.splitlines()[1:] == [
        "  A is neither true nor false.",
        "  B is not a whole number from 0 to 1000000000.",
    ]
    assert SECRET not in said


def test_nothing_bad_stops_nothing() -> None:
    Environment({}).stop_if_bad()


@pytest.mark.parametrize("words", [["--data-dir", "{}"], ["--port", "8001", "--data-dir={}", "--no-demo"]])
def test_up_takes_the_keys_of_the_folder_it_is_given(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commands beside it read them there; with any other's they couldn't read a secret it wrote."""
    names = ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS")
    for name in names:
        monkeypatch.delenv(name)
    prepare(["manage.py", "up", *(word.format(tmp_path) for word in words)])
    assert [os.environ[name] for name in names] == [DataFolder(tmp_path).keys[name] for name in names]
