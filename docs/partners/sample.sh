#!/bin/sh
# A signed call with curl and openssl: sh sample.sh POST members '{"uid": "m-1"}'
# AEG_URL, AEG_KEY and AEG_SECRET come from the environment.
set -eu

method=$1
path="/api/aegmall/v1/$2"
body=${3-}
timestamp=$(date +%s)
nonce=$(openssl rand -hex 16)
digest=$(printf %s "$body" | openssl dgst -sha256 -r | cut -d" " -f1)
signature=$(printf '%s\n%s\n%s\n%s\n%s' "$timestamp" "$nonce" "$method" "$path" "$digest" |
    openssl dgst -sha256 -hmac "$AEG_SECRET" -r | cut -d" " -f1)

# A call that is repeated bears the same Idempotency-Key, with a new nonce.
set -- -H "Idempotency-Key: ${AEG_IDEMPOTENCY_KEY:-$nonce}" --data-binary "$body"
[ "$method" = GET ] && set --
curl -sS -w '%{stderr}%{http_code}\n' -X "$method" "${AEG_URL:-http://127.0.0.1:8000}$path" \
    -H "X-AEG-Key: $AEG_KEY" -H "X-AEG-Timestamp: $timestamp" -H "X-AEG-Nonce: $nonce" \
    -H "X-AEG-Signature: v2=$signature" -H "Content-Type: application/json" "$@"
