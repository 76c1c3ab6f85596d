"""Korean: complete, compiled, and on every page."""

import gettext
import io
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import Client

from aeghash.core.management.commands.collect_translations import FOLDERS, all_translations, collected, po_path
from aeghash.core.translations.catalogue_files import mo_bytes, po_text, read_po
from aeghash.core.translations.sentences import NotOneSentence, Sentence, in_python, in_template
from tests.face import world
from tests.face.pages import pages
from tests.people import PASSWORD, make_staff

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")
HANGUL = re.compile("[가-힣]")
WORD = re.compile("[A-Za-z]{2,}")
# What stands in no catalogue: names of things, values of the rows, and the words of other programs.
DATA = re.compile(
    r"AEG Hash( .*)?|.* · AEG Hash|CSV(, Excel)?|Excel|English|ID|.*@.*|[a-z_]+(\.[a-z_]+)+( #\d+)?|#\d+|[0-9a-f]{64}|UTC|"
    r"Asia/Seoul|aeghash\.core\..*|[A-Z2-7]{4}( [A-Z2-7]{4})+|Python.*|127\.0\.0\.1|"
    r"PV|USDT( \d+ -)?|0x[0-9a-f]{40}|\d+\.\d+\.\d+\.\d+(/\d+)?|v\d+"
)
SAID = ("title", "placeholder", "aria-label", "alt", "data-label", "data-chosen", "data-done")
SILENT = {"code", "pre", "script", "style", "kbd", "time"}
KOREAN_DATA = (
    "한국어",
    "박지훈",
    "이서연",
    "최민준",
    "한지우",
    "신입",
    "고객지원팀에",
    "출금 요청",
    "연결 거부",
    "회원 m***@",
)


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_catalogue_says_all_that_the_product_says_and_is_compiled(folder: str) -> None:
    places, path = collected(folder), po_path(folder)
    if not places:
        assert not path.exists()
        return
    translations = read_po(path)
    assert path.read_text(encoding="utf-8") == po_text(places, translations), "run `make translations`"
    assert path.with_suffix(".mo").read_bytes() == mo_bytes(translations), "run `make translations`"


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_sentence_has_its_korean(folder: str) -> None:
    missing = [sentence.text for sentence, text in read_po(po_path(folder)).items() if not text]
    assert missing == []


def test_one_sentence_has_one_translation() -> None:
    """Two apps may say the same: Django would show whichever catalogue comes first, on both apps' pages."""
    texts: dict[Sentence, str] = {}
    for folder in FOLDERS:
        for sentence, text in read_po(po_path(folder)).items():
            assert texts.setdefault(sentence, text) == text, sentence


def test_a_translation_names_what_its_sentence_names() -> None:
    """A missing place would hide a value; an invented one would break the page."""
    for sentence, text in all_translations().items():
        named = set(PLACEHOLDER.findall(sentence.text)) | set(PLACEHOLDER.findall(sentence.plural))
        assert set(PLACEHOLDER.findall(text)) == named, sentence.text


def test_a_compiled_catalogue_is_read_by_python() -> None:
    translations = {
        Sentence("one row", "%(count)s rows"): "%(count)s건",
        Sentence('a "quoted"\nline'): "따옴표",
        Sentence("May", context="month"): "오월",
        Sentence("untranslated"): "",
    }
    read = gettext.GNUTranslations(io.BytesIO(mo_bytes(translations)))
    assert read.gettext('a "quoted"\nline') == "따옴표"
    assert read.ngettext("one row", "%(count)s rows", 1) == "%(count)s건"
    assert read.pgettext("month", "May") == "오월"
    assert read.gettext("untranslated") == "untranslated"


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    translations = {
        Sentence('say "so"\nand \\ more'): "말하기\n“예”",
        Sentence("one", "many", "here"): "여럿",
    }
    path = tmp_path / "django.po"
    path.write_text(po_text({sentence: {"a.py"} for sentence in translations}, translations), encoding="utf-8")
    assert read_po(path) == translations


def test_sentences_are_found_in_python() -> None:
    source = '_("one"); gettext_lazy("two " "halves"); ngettext("a", "b", 3); pgettext("where", "c"); other("d")'
    assert set(in_python(source, "x.py")) == {
        Sentence("one"), Sentence("two halves"), Sentence("a", "b"), Sentence("c", context="where"),
    }  # fmt: skip


def test_a_sentence_put_together_at_run_time_is_refused() -> None:
    with pytest.raises(NotOneSentence, match=r"x.py:1"):
        list(in_python('_(f"hello {name}")', "x.py"))


def test_sentences_are_found_in_templates() -> None:
    source = (
        '{% translate "one at 5%" %}{% firstof a _("two") %}'
        "{% blocktranslate with n=x count c=y %}{{ n }} of {{ c }} at 5%{% plural %}{{ n }}s{% endblocktranslate %}"
    )
    assert list(in_template(source, "x.html")) == [
        Sentence("one at 5%%"), Sentence("two"), Sentence("%(n)s of %(c)s at 5%%", "%(n)ss"),
    ]  # fmt: skip


class Texts(HTMLParser):
    """What a person sees or hears of a page, without what is code."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.silent = 0
        self.open: list[bool] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.found |= {given.get(name) or "" for name in SAID}
        if tag not in ("input", "img", "br", "hr", "link", "meta"):
            is_silent = tag in SILENT or bool({"code", "key-text", "secrets"} & set((given.get("class") or "").split()))
            self.open.append(is_silent)
            self.silent += is_silent

    def handle_endtag(self, tag: str) -> None:
        if self.open:
            self.silent -= self.open.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent and data.strip():
            self.found.add(" ".join(data.split()))


def texts(client: Client, url: str) -> set[str]:
    response = client.get(url)
    assert response.status_code in (200, 404), url
    return Texts(response.content.decode()).found - {""}


def check_pages(name: str, in_korean: set[str], in_english: set[str]) -> None:
    sentences = {sentence.text for sentence, text in all_translations().items() if text != sentence.text} - {"English"}
    untranslated = {text for text in in_korean if WORD.search(text) and not HANGUL.search(text)}
    assert {text for text in untranslated if not DATA.fullmatch(text)} == set(), name
    assert in_korean & sentences == set(), name
    foreign = {text for text in in_english if HANGUL.search(text)}
    assert {text for text in foreign if not any(data in text for data in KOREAN_DATA)} == set(), name


@pytest.mark.django_db
def test_no_page_shows_a_sentence_of_the_other_language(as_user: Callable[..., Client]) -> None:
    people = world.fill()
    korean, english = as_user(people["park"], "ko"), as_user(people["park"], "en")
    for name, url in {**pages(), "no page": "/admin/nowhere/"}.items():
        check_pages(name, texts(korean, url), texts(english, url))


@pytest.mark.django_db
def test_no_page_is_without_translation_when_there_is_nothing_to_show(as_user: Callable[..., Client]) -> None:
    user = make_staff("park", "sysadmin", full_name="박지훈")
    korean, english = as_user(user, "ko"), as_user(user, "en")
    for list_of in ("proposal", "alert", "job", "auditrow"):
        url = f"/admin/core/{list_of}/"
        check_pages(url, texts(korean, url), texts(english, url))


@pytest.mark.django_db
def test_the_way_in_speaks_both_languages() -> None:
    """Each step, and what it says when it refuses."""
    known, new = make_staff("known", "support"), make_staff("new", "support", with_device=False)
    steps = [
        ("/admin/login/", {"username": known.email, "password": "wrong"}),
        ("/admin/login/", {"username": "", "password": ""}),
        ("/admin/login/code/", {"code": "000000"}),
        ("/admin/login/authenticator/", {"code": "000000"}),
    ]
    said = {language: [] for language in ("ko", "en")}  # type: dict[str, list[set[str]]]
    for language, pages_said in said.items():
        for url, given in steps:
            client = Client()
            client.cookies["django_language"] = language
            if "code" in given:
                person = known if url.endswith("/code/") else new
                client.post("/admin/login/", {"username": person.email, "password": PASSWORD})
            pages_said += [
                Texts(client.get(url).content.decode()).found,
                Texts(client.post(url, given).content.decode()).found,
            ]
    for in_korean, in_english in zip(said["ko"], said["en"], strict=True):
        assert len(in_korean) > 3
        check_pages("the way in", in_korean - {""}, in_english - {""})


@pytest.mark.django_db
def test_korean_is_the_default_whatever_the_browser_asks_for(client: Client) -> None:
    response = client.get("/admin/login/", headers={"Accept-Language": "en-US,en;q=0.9"})
    assert response["Content-Language"] == "ko"


@pytest.mark.django_db
def test_the_switch_keeps_the_language_and_leads_back(client: Client) -> None:
    response = client.post("/admin/preferences/", {"language": "en", "next": "/admin/login/?next=/admin/"})
    assert response["Location"] == "/admin/login/?next=/admin/"
    assert client.get("/admin/login/")["Content-Language"] == "en"


@pytest.mark.django_db
@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_switch_leads_nowhere_else(client: Client, elsewhere: str) -> None:
    response = client.post("/admin/preferences/", {"language": "en", "next": elsewhere})
    assert response["Location"] == "/admin/"
