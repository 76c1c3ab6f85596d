"""One sandbox as a process of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from aeghash.sandbox.commandline import main
from tests.sandbox.contract_client import HashDamClient, MBlockClient

ROOT = Path(__file__).parents[2]
Process = subprocess.Popen[str]
Start = Callable[..., Process]
Refusal = Callable[..., str]


@pytest.fixture
def start() -> Iterator[Start]:
    running: list[Process] = []

    def begin(*arguments: str, **environment: str) -> Process:
        command = [sys.executable, "-m", "aeghash.sandbox", *arguments]
        pipe = subprocess.PIPE
        inherited = {name: value for name, value in os.environ.items() if name != "APP_ENV"}
        running.append(
            subprocess.Popen(command, cwd=ROOT, env=inherited | environment, stdout=pipe, stderr=pipe, text=True)
        )
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def ready(process: Process) -> str:
    """Return the URL of the one line it says when it answers."""
    assert process.stdout is not None
    line = process.stdout.readline()
    match = re.fullmatch(r"(hashdam|mblock) sandbox ready (http://127\.0\.0\.1:\d+/(v1|bsc))\n", line)
    assert match, line
    return match[2]


@pytest.fixture
def refusal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return the one sentence it says when it refuses to start."""
    monkeypatch.delenv("APP_ENV", raising=False)

    def begin(*arguments: str, app_env: str = "") -> str:
        if app_env:
            monkeypatch.setenv("APP_ENV", app_env)
        assert main(list(arguments)) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert len(err.splitlines()) == 1, err
        return err

    return begin


def test_hashdam_answers_once_it_says_it_is_ready(start: Start) -> None:
    with HashDamClient(ready(start("hashdam", "--port", "0"))) as client:
        client.call("projectInfo")


def test_mblock_answers_once_it_says_it_is_ready(start: Start) -> None:
    with MBlockClient(ready(start("mblock", "--port", "0"))) as client:
        client.call("requestWallet")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_at_once_even_while_somebody_waits(start: Start, number: signal.Signals) -> None:
    process = start("hashdam", "--port", "0")
    url = ready(process)
    requests.post(url.replace("/v1", "/_control"), json={"action": "fault", "kind": "timeout"}, timeout=5)
    with HashDamClient(url, timeout=0.1) as client, pytest.raises(requests.ReadTimeout):
        client.call("projectInfo")
    with socket.create_connection(("127.0.0.1", int(url.split(":")[2].split("/")[0]))):
        started = time.monotonic()
        process.send_signal(number)
        _, err = process.communicate(timeout=5)
    assert time.monotonic() - started < 4
    assert (process.returncode, err) == (0, "")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com", ""])
def test_it_refuses_to_listen_anywhere_but_loopback(refusal: Refusal, host: str) -> None:
    assert "loopback" in refusal("hashdam", "--port", "0", "--host", host)


@pytest.mark.parametrize("value", ["production", " Production "])
def test_it_refuses_to_run_in_production(refusal: Refusal, value: str) -> None:
    assert "APP_ENV=production" in refusal("mblock", "--port", "0", app_env=value)


def test_it_refuses_a_busy_port(refusal: Refusal) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert port in refusal("hashdam", "--port", port)


@pytest.mark.parametrize(
    ("remote", "option"), [("mblock", "--listing-delay"), ("mblock", "--swap-time"), ("hashdam", "--receipt-delay")]
)
def test_it_refuses_a_time_the_remote_does_not_have(refusal: Refusal, remote: str, option: str) -> None:
    assert option in refusal(remote, "--port", "0", option, "5")


@pytest.mark.parametrize("seconds", ["-1", "NaN", "1e12"])
def test_it_refuses_a_time_that_is_none(refusal: Refusal, seconds: str) -> None:
    assert "listing_delay" in refusal("hashdam", "--port", "0", f"--listing-delay={seconds}")


@pytest.mark.parametrize("content", ["{", "{}", '[{"kind": "nothing"}]', '[{"kind": "callback-never"}]'])
def test_it_refuses_a_file_of_faults_that_makes_no_sense(refusal: Refusal, tmp_path: Path, content: str) -> None:
    file = tmp_path / "faults.json"
    file.write_text(content)
    refusal("hashdam", "--port", "0", "--faults", str(file))


def test_it_refuses_a_file_that_is_not_there(refusal: Refusal, tmp_path: Path) -> None:
    assert "faults.json" in refusal("hashdam", "--port", "0", "--faults", str(tmp_path / "faults.json"))


@pytest.mark.parametrize(
    "arguments", [[], ["nothing"], ["hashdam", "--port", "99999"], ["hashdam", "--port", "x"], ["hashdam", "--unknown"],
                  ["hashdam", "--seed", "x"], ["hashdam", "--frozen-at", "2026-01-01T00:00:00"],
                  ["hashdam", "--frozen-at", "soon"], ["hashdam", "--listing-delay", "x"]]
)  # fmt: skip
def test_misuse_is_exit_status_two(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_help_has_an_example(start: Start) -> None:
    process = start("--help")
    out, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "python -m aeghash.sandbox hashdam --port 8101" in out


def test_it_begins_with_what_the_options_say(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    file.write_text('[{"kind": "status", "status": 503, "method": "assetBalance"}]')
    options = ["--seed", "5", "--faults", str(file), "--frozen-at", "2026-03-01T12:00:00Z"]
    url = ready(start("hashdam", "--port", "0", *options, "--listing-delay", "60", "--withdrawal-time", "never"))
    root = url.removesuffix("/v1")
    with HashDamClient(url) as client:
        assert client.call("hashBalance")["date"] == "2026-03-01"
        assert client.post("assetBalance").status_code == 503
        client.call("assetWithdrawRequest", coin="LTC", amount="1")
        requests.post(f"{root}/_control", json={"action": "advance", "seconds": 59}, timeout=5)
        assert client.call("assetWithdrawHistory")["data"] == []
        requests.post(f"{root}/_control", json={"action": "days", "days": 1}, timeout=5)
        assert client.call("assetWithdrawHistory")["data"][0]["status"] == "pending"
    assert requests.get(f"{root}/_books", timeout=5).json()["seed"] == 5


def test_a_process_that_refuses_ends_with_status_two(start: Start) -> None:
    process = start("hashdam", "--host", "0.0.0.0")
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out, len(err.splitlines())) == (2, "", 1)


def test_a_machine_is_told_in_json(start: Start) -> None:
    process = start("mblock", "--port", "0", "--json")
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    assert told["remote"] == "mblock"
    assert told["ready"].endswith("/bsc")


def test_the_django_command_takes_the_same_options_and_refuses_alike(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("django")
    from aeghash.sandbox.management.commands.sandbox import Command

    parser = Command().create_parser("manage.py", "sandbox")
    assert "manage.py sandbox hashdam --port 8101" in parser.format_help()
    options = vars(parser.parse_args(["hashdam", "--host", "0.0.0.0"]))
    with pytest.raises(SystemExit) as ended:
        Command().handle(**options)
    assert ended.value.code == 2
    assert "loopback" in capsys.readouterr().err
