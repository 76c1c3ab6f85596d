"""Who is calling: a partner, by one of its keys."""

from dataclasses import dataclass
from typing import ClassVar

from aeghash.core import actors
from partners.models import Partner, PartnerKey


@dataclass(frozen=True)
class Caller:
    """Stands where the framework keeps a user; never a member of staff."""

    key: PartnerKey
    call: int  # the row of the log

    is_authenticated: ClassVar[bool] = True
    is_active: ClassVar[bool] = True
    is_staff: ClassVar[bool] = False

    @property
    def pk(self) -> str:
        return self.key.key_id

    @property
    def partner(self) -> Partner:
        return self.key.partner

    def actor(self) -> actors.Actor:
        return actors.partner(self.key.key_id, self.partner.slug)

    def has_perm(self, _name: str) -> bool:
        return False
