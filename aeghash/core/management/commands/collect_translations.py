from pathlib import Path
from typing import Any, Final

from django.conf import settings

from aeghash.core.commands import OperatorCommand
from aeghash.core.translations.catalogue_files import mo_bytes, po_text, read_po
from aeghash.core.translations.sentences import Places, collect

FOLDERS: Final = ("aeghash", "organization", "wallets", "mining", "risk", "withdrawals", "bonus", "partners")


class Command(OperatorCommand):
    help = (
        "Collect what the product says into locale/ko, keep what is translated, and compile it. Says what is missing."
    )
    example = "collect_translations"

    def work(self, **_options: Any) -> dict[str, Any]:
        places, path = collected(), po_path()
        translations = {sentence: text for sentence, text in read_po(path).items() if sentence in places}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(po_text(places, translations), encoding="utf-8")
        path.with_suffix(".mo").write_bytes(mo_bytes(translations))
        missing = [sentence.text for sentence in sorted(places) if not translations.get(sentence)]
        return {"sentences": len(places), "missing": missing}

    def sentences(self, result: dict[str, Any]) -> list[str]:
        lines = [f"{result['sentences']} sentences, {len(result['missing'])} without Korean"]
        return [*lines, *(f"  {text}" for text in result["missing"])]

    def is_good(self, result: dict[str, Any]) -> bool:
        return not result["missing"]


def collected() -> Places:
    return collect(Path(settings.LOCALE_PATHS[0]).parents[1], FOLDERS)


def po_path() -> Path:
    return Path(settings.LOCALE_PATHS[0]) / "ko" / "LC_MESSAGES" / "django.po"
