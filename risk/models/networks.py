"""A column of PostgreSQL's `cidr`, and the question whether it holds an address."""

import ipaddress
from typing import TYPE_CHECKING, Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Lookup

from aeghash.core.typed_fields import Get_co, Set_contra, TypedField
from risk.addresses import Network

if TYPE_CHECKING:
    YesOrNo = Lookup[bool]
else:
    YesOrNo = Lookup


class NetworkField(TypedField[Set_contra, Get_co]):
    _pyi_private_set_type: Network
    _pyi_private_get_type: Network

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "cidr"

    def from_db_value(self, value: str | None, *_: object) -> Network | None:
        return None if value is None else ipaddress.ip_network(value)

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else str(value)


@NetworkField.register_lookup
class Holds(YesOrNo):
    lookup_name = "holds"

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, first = self.process_lhs(compiler, connection)
        address, second = self.process_rhs(compiler, connection)
        return f"{column} >>= {address}::inet", [*first, *second]
