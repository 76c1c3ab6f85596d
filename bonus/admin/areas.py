from typing import Final

from django.utils.translation import gettext_lazy as _

from aeghash.core.admin.kit.verbs import name_verbs
from aeghash.core.admin.navigation import Area

BONUS: Final = Area(25, _("Bonus"))

name_verbs(
    {
        "closing.drafted": _("Closing drafted"),
        "closing.confirmed": _("Closing confirmed"),
        "closing.started": _("Closing started"),
        "closing.closed": _("Period closed"),
        "bonus.credited": _("Bonus credited at a retry"),
        "bonus.credit_retried": _("Credit put back into the queue"),
        "bonus.rules_changed": _("Bonus rules changed"),
        "bonus.settings_changed": _("Bonus settings changed"),
    }
)
