"""Signed calls through the web server against a bare view of the same server: an order, record and bonuses and all, and a
member's balances.
"""

import hashlib
import hmac
import http.client
import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from itertools import count
from typing import Final

from aeghash.core.actors import acting_as, job
from bench.measure import Row, compare
from partners.inbound import Context
from partners.models import Partner
from partners.operations.bring_member import bring_member
from partners.operations.issue_key import issue_key, show_secret
from partners.scopes import SCOPES

ORDERS: Final = "/api/aegmall/v1/orders"
A_ROUND: Final = 60
BARE: Final = "/healthz"
BALANCES: Final = "/api/aegmall/v1/members/m-1/balances"
LINE: Final = 22  # members above each other: an order then has all its levels

numbers = count(1)


def run() -> list[Row]:
    key, secret = make_partner()
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "aeghash.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "2"],
        env=os.environ.copy(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        client = http.client.HTTPConnection("127.0.0.1", port)
        wait_for(client)
        yardstick = ("bare view", lambda: rate(lambda: bare(client)))
        return [
            compare(
                ("signed partner call (order)", lambda: rate(lambda: order(client, key, secret))), yardstick, at_least=0.20
            ),
            compare(
                ("read endpoint (balances)", lambda: rate(lambda: balances(client, key, secret))), yardstick, at_least=0.40
            ),
        ]  # fmt: skip
    finally:
        server.terminate()
        server.wait()


def make_partner() -> tuple[str, str]:
    with acting_as(job("bench")):
        partner = Partner.objects.create(slug="bench", reads_a_minute=10**6, writes_a_minute=10**6, burst=10**6)
        key = issue_key(slug="bench", key_id="ak_bench", scopes=SCOPES, overlap_days=None)
        for number in range(LINE):
            sponsor = f"m-{number - 1}" if number else None
            bring_member(Context(partner), uid=f"m-{number}", sponsor_uid=sponsor)
        return key.key_id, show_secret(key_id=key.key_id).reveal()


def free_port() -> int:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_for(client: http.client.HTTPConnection) -> None:
    for _ in range(200):
        try:
            return bare(client)
        except OSError:
            client.close()
            time.sleep(0.1)
    raise TimeoutError("the server doesn't answer")


def rate(call: Callable[[], None]) -> float:
    started = time.perf_counter()
    for _ in range(A_ROUND):
        call()
    return A_ROUND / (time.perf_counter() - started)


def bare(client: http.client.HTTPConnection) -> None:
    client.request("GET", BARE)
    answer = client.getresponse()
    answer.read()
    assert answer.status == 200


def order(client: http.client.HTTPConnection, key: str, secret: str) -> None:
    values = {"order_id": f"b-{next(numbers)}", "uid": f"m-{LINE - 1}", "total_amount": "120.00", "pv_amount": "96"}
    body = json.dumps(values | {"channel": "ONLINE"}).encode()
    assert signed(client, key, secret, "POST", ORDERS, body) == 201


def balances(client: http.client.HTTPConnection, key: str, secret: str) -> None:
    assert signed(client, key, secret, "GET", BALANCES, b"") == 200


def signed(client: http.client.HTTPConnection, key: str, secret: str, method: str, path: str, body: bytes) -> int:
    stamp, nonce = str(int(time.time())), uuid.uuid4().hex
    text = f"{stamp}\n{nonce}\n{method}\n{path}\n{hashlib.sha256(body).hexdigest()}"
    headers = {
        "X-AEG-Key": key, "X-AEG-Timestamp": stamp, "X-AEG-Nonce": nonce, "Idempotency-Key": nonce,
        "X-AEG-Signature": f"v2={hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()}",
        "Content-Type": "application/json",
    }  # fmt: skip
    client.request(method, path, body, headers)
    answer = client.getresponse()
    answer.read()
    return answer.status
