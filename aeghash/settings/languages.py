"""Korean first, English by switch. Times are UTC everywhere but on the staff's screens."""

from django.utils.translation import gettext_lazy as _

from aeghash.settings.source import BASE_DIR

LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", _("Korean")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "aeghash" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
STAFF_TIME_ZONE = "Asia/Seoul"
