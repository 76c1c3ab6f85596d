from pathlib import Path
from typing import Any, Final

from aeghash.core.commands import OperatorCommand
from aeghash.core.translations.catalogue_files import mo_bytes, po_text, read_po
from aeghash.core.translations.sentences import Places, Sentence, collect

# A catalogue in each. What the roof and the ground say already is not said again above.
GROUND: Final = "aeghash"
ROOT: Final = Path(__file__).parents[4]
FOLDERS: Final = (GROUND, "organization", "wallets", "mining", "risk", "withdrawals", "bonus", "partners")


class Command(OperatorCommand):
    help = (
        "Collect what the product says into each app's locale/ko, keep what is translated, and compile it. "
        "Says what is missing."
    )
    example = "collect_translations"

    def work(self, **_options: Any) -> dict[str, Any]:
        known = all_translations()
        catalogues = {folder: collected(folder) for folder in FOLDERS}
        for folder, places in catalogues.items():
            if places or po_path(folder).exists():
                write(po_path(folder), places, {place: known[place] for place in places if place in known})
        sentences = {sentence for places in catalogues.values() for sentence in places}
        missing = [sentence.text for sentence in sorted(sentences) if not known.get(sentence)]
        return {"sentences": len(sentences), "missing": missing}

    def sentences(self, result: dict[str, Any]) -> list[str]:
        lines = [f"{result['sentences']} sentences, {len(result['missing'])} without Korean"]
        return [*lines, *(f"  {text}" for text in result["missing"])]

    def is_good(self, result: dict[str, Any]) -> bool:
        return not result["missing"]


def write(path: Path, places: Places, translations: dict[Sentence, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(po_text(places, translations), encoding="utf-8")
    path.with_suffix(".mo").write_bytes(mo_bytes(translations))


def collected(folder: str) -> Places:
    """What this folder says, and the ground doesn't."""
    places = collect(ROOT, [folder])
    ground = {} if folder == GROUND else collect(ROOT, [GROUND])
    return {sentence: files for sentence, files in places.items() if sentence not in ground}


def po_path(folder: str) -> Path:
    return ROOT / folder / "locale" / "ko" / "LC_MESSAGES" / "django.po"


def all_translations() -> dict[Sentence, str]:
    """Of every catalogue: a sentence may move from one folder to another and keep its Korean."""
    return {sentence: text for folder in FOLDERS for sentence, text in read_po(po_path(folder)).items() if text}
