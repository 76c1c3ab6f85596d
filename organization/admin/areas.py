from typing import Final

from django.utils.translation import gettext_lazy as _

from aeghash.core.admin.navigation import Area

ORGANIZATION: Final = Area(10, _("Organisation"))
