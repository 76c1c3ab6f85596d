"""How MBlock is to carry out transits: stored there, and kept here, since it decides how long we wait for them."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aeghash.core import clock
from aeghash.core.errors import Invalid
from aeghash.core.operations.record import record
from aeghash.core.transactions import must_have_none
from wallets.clients.mblock import client
from wallets.models import TransitConfig


@must_have_none()
def set_transit_config(*, fee: Decimal | None, delay: int, count: int) -> TransitConfig:
    """Fee wallet and callback come from the environment. Storing is a replacement: after a lost answer, do it again.

    Refuses figures out of bounds, and when MBlock does; then here nothing has changed either.
    """
    _check(fee, delay, count)
    sent: dict[str, Any] = {
        "fee": fee if fee is not None else settings.MBLOCK_TRANSIT_FEE,
        "feeWalletKey": settings.MBLOCK_TRANSIT_FEE_WALLET_KEY,
        "delay": delay,
        "count": count,
        "callback": settings.MBLOCK_TRANSIT_CALLBACK_URL,
    }
    client.store_transit_config({name: value for name, value in sent.items() if value not in (None, "")})
    return _kept("transit_config.set", fee=fee, delay=delay, count=count, is_stored=True)


@must_have_none()
def reset_transit_config() -> TransitConfig:
    """MBlock forgets what it has stored; every transit brings its own anyway."""
    client.store_transit_config({})
    usual = TransitConfig()
    return _kept("transit_config.reset", fee=None, delay=usual.delay, count=usual.count, is_stored=False)


def _check(fee: Decimal | None, delay: int, count: int) -> None:
    if fee is not None and not 0 < fee <= 1:
        raise Invalid(field="fee", reason=_("must be more than 0 and at most 1 BNB."), reason_code="out_of_bounds")
    if not 1 <= delay <= 3600:
        raise Invalid(field="delay", reason=_("must be from 1 to 3600 seconds."), reason_code="out_of_bounds")
    if not 1 <= count <= 1000:
        raise Invalid(field="count", reason=_("must be from 1 to 1000."), reason_code="out_of_bounds")


@transaction.atomic
def _kept(verb: str, **fields: Any) -> TransitConfig:
    config = TransitConfig.objects.select_for_update().get()
    before = {name: getattr(config, name) for name in fields}
    for name, value in {**fields, "changed_at": clock.now()}.items():
        setattr(config, name, value)
    config.save(update_fields=[*fields, "changed_at"])
    record(verb, of=config, before=before, after=fields)
    return config
