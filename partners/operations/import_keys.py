"""Keys that a secrets manager keeps: AEGMALL_<PARTNER>_KEY and _SECRET, each also as …_FILE."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core.errors import Duplicate, Invalid
from partners.models import Partner, PartnerKey
from partners.operations.create_partner import create_partner
from partners.operations.issue_key import issue_key
from partners.scopes import SCOPES

NAME: Final = re.compile(r"AEGMALL_([A-Z0-9_]+)_(KEY|SECRET)(_FILE)?")
KEY_ID: Final = re.compile(r"[\x21-\x7e]{1,64}", re.ASCII)
SHORTEST_SECRET: Final = 16


class KeyDiffers(Duplicate):
    code = "key_exists"
    sentence = _("Key %(key_id)s exists already, with another secret or partner.")


@dataclass(frozen=True)
class Given:
    slug: str
    key_id: str
    secret: str


def import_keys(*, environment: Mapping[str, str]) -> dict[str, list[str]]:
    """Makes the partners and keys that are missing; again, it changes nothing. Refuses half a pair, and a key that is
    there with another secret.
    """
    given = keys_given(environment)
    with transaction.atomic():
        made = [key.key_id for key in given if _import(key)]
    return {"imported": made, "known": [key.key_id for key in given if key.key_id not in made]}


def keys_given(environment: Mapping[str, str]) -> list[Given]:
    found: dict[str, dict[str, str]] = {}
    for name, value in sorted(environment.items()):
        if match := NAME.fullmatch(name):
            partner, part, is_file = match.groups()
            found.setdefault(partner, {})[part] = Path(value).read_text().strip() if is_file else value
    return [_checked(name, parts) for name, parts in found.items()]


def _checked(name: str, parts: dict[str, str]) -> Given:
    if parts.keys() != {"KEY", "SECRET"}:
        raise Invalid(field=f"AEGMALL_{name}", reason=_("A key and its secret are wanted, both."))
    if not KEY_ID.fullmatch(parts["KEY"]):
        raise Invalid(field=f"AEGMALL_{name}_KEY", reason=_("1 to 64 printable ASCII characters."))
    if len(parts["SECRET"]) < SHORTEST_SECRET:
        raise Invalid(field=f"AEGMALL_{name}_SECRET", reason=_("It is too short to be safe."))
    return Given(name.lower().replace("_", "-"), parts["KEY"], parts["SECRET"])


def _import(given: Given) -> bool:
    known = PartnerKey.objects.select_related("partner").filter(key_id=given.key_id).first()
    if known is not None:
        is_same = hmac.compare_digest(known.secret.reveal().encode(), given.secret.encode())
        if not is_same or known.partner.slug != given.slug:
            raise KeyDiffers(key_id=given.key_id)
        return False
    if not Partner.objects.filter(slug=given.slug).exists():
        create_partner(slug=given.slug)
    issue_key(slug=given.slug, key_id=given.key_id, scopes=SCOPES, overlap_days=None, secret=given.secret)
    return True
