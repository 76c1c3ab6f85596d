"""Which sentences the product says: found in Python by its grammar, in templates by Django's own lexer."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.template.base import Lexer, Token, TokenType
from django.utils.text import smart_split
from django.utils.translation import trim_whitespace

# By a function's name: which of its arguments are context, sentence, plural.
FUNCTIONS: Final[dict[str, tuple[int | None, int, int | None]]] = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
IN_A_TAG: Final = re.compile(r"""\b_\(("[^"]*"|'[^']*')\)""")
WITHOUT_SENTENCES: Final = {"migrations", "static", "locale", "__pycache__"}


@dataclass(frozen=True, order=True)
class Sentence:
    text: str
    plural: str = ""
    context: str = ""


Places = Mapping[Sentence, set[str]]


class NotOneSentence(ValueError):
    """What is translated must stand in the source as it is: a text put together at run time is in no catalogue."""


def collect(root: Path, folders: Iterable[str]) -> Places:
    places: dict[Sentence, set[str]] = defaultdict(set)
    for path in sorted(path for folder in folders for path in (root / folder).rglob("*") if is_source(path, root)):
        find = in_python if path.suffix == ".py" else in_template
        for sentence in find(path.read_text(encoding="utf-8"), str(path.relative_to(root))):
            places[sentence].add(str(path.relative_to(root)))
    return places


def is_source(path: Path, root: Path) -> bool:
    return path.suffix in (".py", ".html", ".txt") and not WITHOUT_SENTENCES & set(path.relative_to(root).parts)


def in_python(source: str, where: str) -> Iterator[Sentence]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and (name := called(node)) in FUNCTIONS and node.args:
            context, text, plural = FUNCTIONS[name]
            yield Sentence(
                literal(node.args[text], where),
                "" if plural is None else literal(node.args[plural], where),
                "" if context is None else literal(node.args[context], where),
            )


def called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=name) if name != "_":
            return name
    return ""


def literal(node: ast.expr, where: str) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise NotOneSentence(f"{where}:{node.lineno}")


def in_template(source: str, where: str) -> Iterator[Sentence]:
    tokens = iter(Lexer(source).tokenize())
    for token in tokens:
        if token.token_type not in (TokenType.BLOCK, TokenType.VAR):
            continue
        yield from (Sentence(found[1][1:-1]) for found in IN_A_TAG.finditer(token.contents))
        words = list(smart_split(token.contents))
        if token.token_type == TokenType.BLOCK and words and words[0] in ("translate", "trans"):
            # The tag itself looks its sentence up with per cents doubled.
            yield Sentence(quoted(words[1], where).replace("%", "%%"), context=context_of(words, where))
        if token.token_type == TokenType.BLOCK and words and words[0] in ("blocktranslate", "blocktrans"):
            yield block(words, tokens, where)


def quoted(word: str, where: str) -> str:
    if word[:1] not in "\"'":
        raise NotOneSentence(f"{where}: {word}")
    return word[1:-1]


def context_of(words: list[str], where: str) -> str:
    return quoted(words[words.index("context") + 1], where) if "context" in words else ""


def block(words: list[str], tokens: Iterator[Token], where: str) -> Sentence:
    """Up to its end, as the tag itself will look it up: variables by name, per cents doubled."""
    parts = {"": ""}
    part = ""
    for token in tokens:
        if token.token_type == TokenType.BLOCK and token.contents.startswith("end"):
            break
        if token.token_type == TokenType.BLOCK and token.contents == "plural":
            part = "plural"
            parts[part] = ""
        elif token.token_type == TokenType.TEXT:
            parts[part] += token.contents.replace("%", "%%")
        elif token.token_type == TokenType.VAR:
            parts[part] += f"%({token.contents})s"
    if "trimmed" in words:
        parts = {name: trim_whitespace(text) for name, text in parts.items()}
    return Sentence(parts[""], parts.get("plural", ""), context_of(words, where))
