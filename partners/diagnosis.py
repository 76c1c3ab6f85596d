"""Why a signature may differ: the usual mistakes, tried out. What we hashed is told, the secret never."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from partners.signing import Signed, hmac_of

UNKNOWN: Final = "None of the usual mistakes: compare the text below with yours, byte by byte, and check the secret."


@dataclass(frozen=True)
class Diagnosis:
    string_to_sign: str
    body_sha256: str
    hint: str


def diagnose(secret: str, call: Signed, given: str) -> Diagnosis:
    """`given` is the header's value, `v2=` and all."""
    digest = hashlib.sha256(call.body).hexdigest()
    return Diagnosis(call.text().decode("utf-8", "replace"), digest, _hint(secret, call, given))


def first_difference(ours: str, theirs: str) -> int | None:
    """The place, from 0, of the first character that differs; None for equal texts."""
    for place, (one, other) in enumerate(zip(ours, theirs, strict=False)):
        if one != other:
            return place
    return None if len(ours) == len(theirs) else min(len(ours), len(theirs))


def _hint(secret: str, call: Signed, given: str) -> str:
    scheme, _, signature = given.partition("=")
    if scheme not in ("v2", "sha256") or not signature:
        return "The header reads v2=HEX."
    if signature == hmac_of(secret, call.text()):
        return "This is the right signature."
    if signature.lower() == hmac_of(secret, call.text()):
        return "Right but for its letters: the hexadecimal digits are lower-case."
    for mistake, text in _mistakes(call):
        if signature.lower() == hmac_of(secret, text):
            return mistake
    if signature == base64.b64encode(bytes.fromhex(hmac_of(secret, call.text()))).decode():
        return "Right but for its writing: it is wanted in hexadecimal, not in base64."
    return UNKNOWN


def _mistakes(call: Signed) -> Iterator[tuple[str, bytes]]:
    bare, mark, query = call.path.partition("?")
    text = call.text()
    yield "This is the older scheme's text: its header would read sha256=HEX.", call.older_text()
    yield "A line end follows your text: there is none after the last line.", text + b"\n"
    yield "Your lines end in carriage return and line feed: only line feeds are meant.", text.replace(b"\n", b"\r\n")
    yield "Your parts are joined by spaces: they are joined by line feeds.", text.replace(b"\n", b" ")
    yield "Your method is in lower case.", replace(call, method=call.method.lower()).text()
    yield "Your digest is of an empty body.", replace(call, body=b"").text()
    yield (
        "You signed the body itself: its SHA-256 in hexadecimal is meant.",
        text.rpartition(b"\n")[0] + b"\n" + call.body,
    )
    yield (
        "A slash too many or too few at the path's end.",
        replace(call, path=bare.removesuffix("/") + mark + query).text(),
    )
    yield "A slash too many or too few at the path's end.", replace(call, path=f"{bare}/{mark}{query}").text()
    if query:
        yield "Your text leaves the query out.", replace(call, path=bare).text()
    yield "Your path leaves /api/aegmall/v1 out.", replace(call, path=call.path.removeprefix("/api/aegmall/v1")).text()
