"""The two forms of a catalogue: .po, which people edit, and .mo, which Python reads."""

import ast
import re
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from aeghash.core.translations.sentences import Places, Sentence

Translations = Mapping[Sentence, str]

HEADER: Final = (
    "Project-Id-Version: aeghash\nLanguage: ko\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
    "Content-Transfer-Encoding: 8bit\nPlural-Forms: nplurals=1; plural=0;\n"
)
MAGIC: Final = 0x950412DE
LINE: Final = re.compile(r'^(msgctxt|msgid|msgid_plural|msgstr|msgstr\[0\])?\s*(".*")$')


def po_text(places: Places, translations: Translations) -> str:
    """In the order of the sentences, with the files but not the lines: those would change with every edit."""
    entries = [po_entry(sentence, translations.get(sentence, ""), places[sentence]) for sentence in sorted(places)]
    return "\n".join([f'msgid ""\nmsgstr {po_string(HEADER)}\n', *entries])


def po_entry(sentence: Sentence, translation: str, files: set[str]) -> str:
    lines = [f"#: {file}" for file in sorted(files)]
    lines += ["#, python-format"] if "%(" in sentence.text else []
    lines += [f"msgctxt {po_string(sentence.context)}"] if sentence.context else []
    lines += [f"msgid {po_string(sentence.text)}"]
    lines += [f"msgid_plural {po_string(sentence.plural)}"] if sentence.plural else []
    lines += [f"msgstr{'[0]' if sentence.plural else ''} {po_string(translation)}"]
    return "\n".join(lines) + "\n"


def po_string(text: str) -> str:
    parts = [part for part in re.split(r"(?<=\n)", text) if part] or [""]
    quoted = ['"' + part.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"' for part in parts]
    return quoted[0] if len(quoted) == 1 else "\n".join(['""', *quoted])


def read_po(path: Path) -> dict[Sentence, str]:
    if not path.exists():
        return {}
    blocks = path.read_text(encoding="utf-8").split("\n\n")
    entries = (fields_of(block) for block in blocks)
    return {
        Sentence(entry["msgid"], entry.get("msgid_plural", ""), entry.get("msgctxt", "")): entry["msgstr"]
        for entry in entries
        if entry.get("msgid")
    }


def fields_of(block: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in block.splitlines():
        if found := LINE.match(line):
            name = (found[1] or name).removesuffix("[0]")
            fields[name] = fields.get(name, "") + ast.literal_eval(found[2])
    return fields


def mo_bytes(translations: Translations) -> bytes:
    """GNU's format: a table of the sentences in order, a table of what they become, then all texts."""
    texts = {"": HEADER} | {key_of(sentence): text for sentence, text in translations.items() if text}
    pairs = sorted((key.encode(), text.encode()) for key, text in texts.items())
    offset = 28 + 16 * len(pairs)
    tables: list[bytes] = []
    body = b""
    for column in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<II", len(pair[column]), offset + len(body)))
            body += pair[column] + b"\0"
    head = struct.pack("<7I", MAGIC, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, offset)
    return head + b"".join(tables) + body


def key_of(sentence: Sentence) -> str:
    text = f"{sentence.text}\0{sentence.plural}" if sentence.plural else sentence.text
    return f"{sentence.context}\x04{text}" if sentence.context else text
