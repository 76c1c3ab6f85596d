from typing import Final

from django.utils.translation import gettext_lazy as _

from aeghash.core.admin.navigation import Area

CRYPTO: Final = Area(35, _("Crypto wallets"))
