"""As which files a closing's report can be taken: the settings say so."""

from collections.abc import Mapping

from aeghash.core.admin.kit.exports import FORMATS
from bonus.queries.settings import settings_now


def report_formats() -> Mapping[str, str]:
    allowed = settings_now().export_formats
    return {kind: label for kind, label in FORMATS.items() if kind in allowed}
