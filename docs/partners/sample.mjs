// A signed call with nothing but Node's own library (18 or newer): node sample.mjs POST members '{"uid": "m-1"}'
// AEG_URL, AEG_KEY and AEG_SECRET come from the environment.

import { createHash, createHmac, randomUUID } from "node:crypto";

async function call(method, path, body = "") {
  const base = process.env.AEG_URL ?? "http://127.0.0.1:8000";
  const full = `/api/aegmall/v1/${path}`;
  const timestamp = String(Math.floor(Date.now() / 1000));
  const nonce = randomUUID();
  const digest = createHash("sha256").update(body, "utf8").digest("hex");
  const text = [timestamp, nonce, method, full, digest].join("\n");
  const signature = createHmac("sha256", process.env.AEG_SECRET).update(text, "utf8").digest("hex");
  const headers = {
    "X-AEG-Key": process.env.AEG_KEY,
    "X-AEG-Timestamp": timestamp,
    "X-AEG-Nonce": nonce,
    "X-AEG-Signature": `v2=${signature}`,
    "Content-Type": "application/json",
  };
  // A call that is repeated bears the same one, with a new nonce.
  if (method === "POST") headers["Idempotency-Key"] = process.env.AEG_IDEMPOTENCY_KEY || randomUUID();
  const answer = await fetch(base + full, { method, headers, body: method === "GET" ? undefined : body });
  return [answer.status, await answer.text()];
}

const [status, answer] = await call(...process.argv.slice(2));
console.log(status, answer);
process.exitCode = status >= 400 ? 1 : 0;
