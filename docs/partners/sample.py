"""A signed call with nothing but Python's own library: python3 sample.py POST members '{"uid": "m-1"}'

AEG_URL, AEG_KEY and AEG_SECRET come from the environment.
"""

import hashlib
import hmac
import os
import sys
import time
import urllib.error
import urllib.request
import uuid


def call(method: str, path: str, body: str = "") -> tuple[int, str]:
    base = os.environ.get("AEG_URL", "http://127.0.0.1:8000")
    path = f"/api/aegmall/v1/{path}"
    raw = body.encode()
    timestamp, nonce = str(int(time.time())), uuid.uuid4().hex
    text = "\n".join([timestamp, nonce, method, path, hashlib.sha256(raw).hexdigest()])
    signature = hmac.new(os.environ["AEG_SECRET"].encode(), text.encode(), hashlib.sha256).hexdigest()
    headers = {
        "X-AEG-Key": os.environ["AEG_KEY"],
        "X-AEG-Timestamp": timestamp,
        "X-AEG-Nonce": nonce,
        "X-AEG-Signature": f"v2={signature}",
        "Content-Type": "application/json",
    }
    if method == "POST":
        # A call that is repeated bears the same one, with a new nonce.
        headers["Idempotency-Key"] = os.environ.get("AEG_IDEMPOTENCY_KEY") or uuid.uuid4().hex
    request = urllib.request.Request(base + path, raw or None, headers, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


if __name__ == "__main__":
    status, answer = call(*sys.argv[1:])
    print(status, answer)
    sys.exit(status >= 400)
