"""What strangers wrote: it can't hide, turn the text around, or pass for something else."""

import pytest
from django.utils.html import strip_tags

from aeghash.core.admin.kit.viewer import viewed_by
from tests.withdrawals.world import ADDRESS
from withdrawals.admin.attempts import readable
from withdrawals.admin.texts import address_in_groups, mixes_alphabets, plainly, short_address
from withdrawals.models import Withdrawal


class Sees:
    def has_perm(self, _right: str) -> bool:
        return True


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\u202eabc", "U+202E"),
        ("a\u200bb", "U+200B"),
        ("김\u3164수", "U+3164"),
        ("a\x00b", "U+0000"),
        ("a\u2066b", "U+2066"),
        ("a\ufeffb", "U+FEFF"),
        ("\U000e0041", "U+E0041"),
        ("a" + "\u0336" * 9, "U+0336"),
    ],
)
def test_what_cannot_be_seen_is_named(text: str, told: str) -> None:
    shown = str(plainly(text))
    assert told in shown
    assert text not in shown


@pytest.mark.parametrize("text", ["김민수", "Müller", "가\u0301나", "日本 太郎", "O'Brien & Söhne"])
def test_honest_names_stay_as_they_are(text: str) -> None:
    shown = str(plainly(text))
    assert "U+" not in shown
    assert "badge" not in shown


def test_it_is_escaped_isolated_and_cut() -> None:
    assert "<script>" not in str(plainly("<script>alert(1)</script>"))
    assert str(plainly("x")).startswith("<bdi")
    assert len(strip_tags(str(plainly("긴" * 5000)))) < 100


@pytest.mark.parametrize(
    ("text", "mixed"), [("pаypal", True), ("ａdmin", True), ("Иван", False), ("kim 김", False), ("", False)]
)
def test_alphabets_that_look_alike_are_noticed(text: str, mixed: bool) -> None:
    assert mixes_alphabets(text) is mixed


def test_an_address_stands_in_fours_and_a_false_letter_shows() -> None:
    with viewed_by(Sees):
        shown = str(address_in_groups(ADDRESS))
        assert "<span>0xab</span><span>abab</span>" in shown
        assert f'data-copy="{ADDRESS}"' in shown
        for false in (str(address_in_groups("0x\u0430b" * 10)), str(short_address("0x\u0430b" * 10))):
            assert "U+0430" in false
            assert "data-copy" not in false


def test_nobody_known_sees_no_address() -> None:
    assert "abababab" not in str(address_in_groups(ADDRESS)) + str(short_address(ADDRESS))


@pytest.mark.django_db(transaction=True)
def test_evidence_shows_no_secret_to_anybody_and_no_address_to_those_who_see_none() -> None:
    row = Withdrawal(address=ADDRESS)
    found = {"to": ADDRESS, "api_key": "s3cr3t", "rows": [{"receiver": f"paid {ADDRESS}"}], "note": "\u202egnp"}
    with viewed_by(Sees):
        full = str(readable(row, found))
    hidden = str(readable(row, found))
    assert ADDRESS in full
    assert ADDRESS not in hidden
    for shown in (full, hidden):
        assert "s3cr3t" not in shown
        assert "\u202e" not in shown
