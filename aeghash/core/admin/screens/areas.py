"""The core's areas of the navigation. The apps' own stand before them: their places are below 60."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from aeghash.core.admin.navigation import Area

OVERSIGHT: Final = Area(60, _("Oversight"))
SYSTEM: Final = Area(80, _("System"))
