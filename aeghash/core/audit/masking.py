"""What the audit trail may keep of secrets (nothing) and of personal data (enough to recognise it), by a field's name."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from aeghash.core.logs import MASK, SECRET_NAMES, redacted_text

KEYS: Final = re.compile(r"(?i)(^|_)(keys?|pin|mnemonic|seed|recovery_codes?)$")
# "Which key, until when" is what a trail is read for, and no secret.
HARMLESS: Final = re.compile(r"(?i)_(id|at|on)$")


def partly_masked_email(email: str) -> str:
    return f"{email[:1]}{MASK}@{email.rpartition('@')[2]}" if "@" in email else partly_masked(email)


def partly_masked(text: str) -> str:
    """The ends of what is long, the first character of what is short."""
    return f"{text[:6]}{MASK}{text[-4:]}" if len(text) > 16 else f"{text[:1]}{MASK}"


EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

# By the last word of a field's name; a bare "name" only as a whole, since rules and groups have names too.
PERSONAL: Final[dict[re.Pattern[str], Callable[[str], str]]] = {
    re.compile(r"(^|_)e?mail$"): partly_masked_email,
    re.compile(r"(^|_)(address|phone)$"): partly_masked,
    re.compile(r"^((first|last|full|holder)_)?name$"): partly_masked,
}


def masked(value: Any, name: str = "") -> Any:
    if value is None or value == "" or isinstance(value, bool):
        return value
    if is_secret(name):
        return MASK
    if isinstance(value, Mapping):
        return {key: masked(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item, name) for item in value]
    for pattern, mask in PERSONAL.items():
        if pattern.search(name):
            return mask(str(value))
    return masked_text(value) if isinstance(value, str) else value


def masked_text(text: str) -> str:
    """Whatever its field is called: an e-mail address shows what it is."""
    return EMAIL.sub(lambda found: partly_masked_email(found[0]), redacted_text(text))


def is_secret(name: str) -> bool:
    return bool(SECRET_NAMES.search(name) or KEYS.search(name)) and not HARMLESS.search(name)
