"""What the documents tell partners to do works, as they tell it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from organization.models import Order
from partners.models import Partner, PartnerKey
from partners.signing import Signed, hmac_of, is_signed_by, legacy_text
from tests.partners.world import SECRET, Mall

DOCS = Path(__file__).resolve().parents[2] / "docs" / "partners"
VECTORS = json.loads((DOCS / "vectors.json").read_text())
SAMPLES = {"python": [sys.executable, "sample.py"], "node": ["node", "sample.mjs"], "curl": ["sh", "sample.sh"]}
NEEDED = {"python": (), "node": ("node",), "curl": ("curl", "openssl")}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["name"]))
def test_the_vectors_are_right(vector: dict[str, str]) -> None:
    if vector["scheme"] == "legacy":
        text = legacy_text(
            ts=vector["timestamp"], nonce=vector["nonce"], source=vector["from"], uid=vector["uid"], app=vector["app"],
            amount=vector["hash"],
        )  # fmt: skip
    else:
        call = Signed(
            vector["timestamp"], vector["nonce"], vector["method"], vector["path"], vector["body"].encode()
        )  # fmt: skip
        text = call.text() if vector["scheme"] == "v2" else call.older_text()
    assert text.decode() == vector["string_to_sign"]
    assert hmac_of(vector["secret"], text) == vector["signature"]
    assert is_signed_by(vector["secret"], text, vector["signature"])
    assert not is_signed_by(vector["secret"], text, vector["signature"].upper())


@pytest.mark.parametrize("language", SAMPLES)
@pytest.mark.django_db(transaction=True)
def test_the_samples_take_an_order_in(mall: Mall, live_server: Any, language: str) -> None:
    if missing := [name for name in NEEDED[language] if not shutil.which(name)]:
        pytest.skip(f"not on this machine: {', '.join(missing)}")
    environment = {**os.environ, "AEG_URL": live_server.url, "AEG_KEY": mall.key_id, "AEG_SECRET": SECRET}

    def run(*words: str) -> str:
        done = subprocess.run(
            [*SAMPLES[language], *words],
            cwd=DOCS,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout

    assert '"mall"' in run("POST", "ping")
    body = {"order_id": "A-1", "uid": "buyer", "total_amount": "120.00", "pv_amount": "96", "channel": "ONLINE"}
    assert '"PAID"' in run("POST", "orders", json.dumps(body))
    assert '"bonuses"' in run("GET", "orders/A-1")
    assert Order.objects.get().source == Partner.objects.get().slug
    assert PartnerKey.objects.get().last_used_at is not None
