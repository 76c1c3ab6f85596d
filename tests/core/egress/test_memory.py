"""However much a remote sends, the process hardly grows. Measured from outside: a fresh process for each case."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import Serve
from .servers import answer, replying_once

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the peak from /proc")

ROOT = Path(__file__).parents[3]
MIB = 1024 * 1024
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BIG = b'"' + b"x" * 10_000_000 + b'"'
BOMB = gzip.compress(b"0" * 100_000_000, compresslevel=9)
REMOTES = {
    "length": answer(BIG),
    "no length": HEAD + b"\r\n" + BIG,
    "one chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(BIG), BIG),
    "endless chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n" + BIG,
    "gzip bomb": answer(BOMB, headers="Content-Encoding: gzip\r\n"),
    "gzip bomb behind a redirect": answer(
        BOMB, status="302 Found", headers="Content-Encoding: gzip\r\nLocation: /\r\n"
    ),
    "gzip bomb as an error": answer(BOMB, status="500 Oops", headers="Content-Encoding: gzip\r\n"),
    "headers": HEAD + (b"X: " + b"y" * 60_000 + b"\r\n") * 99 + b"\r\n",
    "nested": answer(b"[" * 10_000_000),
}

# Not `getrusage`: its peak is inherited from the process that started this one. The ordinary call comes first: what it
# needs, any call needs.
PEAK = """
import json, re, sys
from pathlib import Path

def peak():
    return 1024 * int(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""
MEASURING = """
from aeghash.core import egress

def outcome(url):
    try:
        return str(egress.post_once(egress.Call(purpose="test", url=url, json={})).status)
    except egress.EgressFailure as failure:
        return str(failure.reason)

outcome(sys.argv[1])
before = peak()
outcomes = [outcome(url) for url in sys.argv[2:]]
print(json.dumps({"grown": peak() - before, "outcomes": outcomes}))
"""
CONTROL = """
import requests

requests.post(sys.argv[1], proxies={"http": ""}).content
before = peak()
requests.post(sys.argv[2], proxies={"http": ""}, allow_redirects=False)
print(json.dumps({"grown": peak() - before}))
"""


def measured(program: str, *urls: str) -> dict[str, Any]:
    ended = subprocess.run(
        [sys.executable, "-c", PEAK + program, *urls], cwd=ROOT, check=True, capture_output=True, text=True, timeout=30
    )
    result: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return result


def test_no_answer_makes_the_process_grow_by_20_mb(serve: Serve) -> None:
    ordinary = serve(replying_once(answer()))
    servers = {name: serve(replying_once(data)) for name, data in REMOTES.items()}
    result = measured(MEASURING, ordinary.url, *(server.url for server in servers.values()))
    assert dict(zip(servers, result["outcomes"], strict=True)) == {
        "length": "too_large",
        "no length": "too_large",
        "one chunk": "too_large",
        "endless chunk": "too_large",
        "gzip bomb": "content_encoding",
        "gzip bomb behind a redirect": "redirect",
        "gzip bomb as an error": "http_status",
        "headers": "too_large",
        "nested": "too_large",
    }
    assert result["grown"] < 20 * MIB


@pytest.mark.parametrize("remote", ["gzip bomb", "gzip bomb behind a redirect"])
def test_the_plain_library_does_grow(serve: Serve, remote: str) -> None:
    """The negative control: the same remotes, and a redirect that isn't even followed."""
    ordinary, bomb = serve(replying_once(answer())), serve(replying_once(REMOTES[remote]))
    assert measured(CONTROL, ordinary.url, bomb.url)["grown"] > 20 * MIB
