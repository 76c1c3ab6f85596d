import contextlib
import json
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aeghash.core.strict_json import MAX_DEPTH, BadJson, JsonValue, dump, parse

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
WHOLE = st.integers(-(10**30), 10**30)
FRACTION = st.decimals(min_value=-(10**12), max_value=10**12, places=12, allow_nan=False, allow_infinity=False)
DOCUMENTS: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | WHOLE | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=30,
)


def refusal(raw: bytes, **options: Any) -> BadJson:
    with pytest.raises(BadJson) as caught:
        parse(raw, **options)
    return caught.value


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS, st.booleans(), st.sampled_from([None, 2]))
def test_well_formed_documents_come_out_as_the_standard_library_reads_them(
    document: Any, ascii_only: bool, indent: int | None
) -> None:
    raw = json.dumps(document, ensure_ascii=ascii_only, indent=indent).encode()
    assert parse(raw) == json.loads(raw) == document


@settings(max_examples=150, deadline=None)
@given(FRACTION)
def test_numbers_keep_every_digit(number: Decimal) -> None:
    value = parse(f"[{number:f}]".encode())
    assert isinstance(value, list)
    assert isinstance(value[0], Decimal)
    assert f"{value[0]:f}" == f"{number:f}"


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60) | st.text('{}[]",:\\u0d8e1.-+NaIfity \n', max_size=60).map(str.encode))
def test_any_bytes_give_a_value_or_a_refusal(raw: bytes) -> None:
    try:
        value = parse(raw)
    except BadJson:
        return
    assert value == json.loads(raw, parse_float=Decimal)


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS | st.lists(FRACTION, max_size=5))
def test_what_is_dumped_can_be_parsed_again(document: JsonValue) -> None:
    assert parse(dump(document)) == document


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b" \t\r\n[1]\n", [1]),
        (b"-0", 0),
        (b"1.50", Decimal("1.50")),
        (b"1e3", Decimal(1000)),
        (b"1E-18", Decimal("0.000000000000000001")),
        (b"1" * 64, int("1" * 64)),
        (b'"\\ud83d\\ude00 \\u0000 \\/"', "😀 \x00 /"),
        (b'"\\\\ud800"', "\\ud800"),
        (b'{"": {"a": 1}, "b": {"a": 1}}', {"": {"a": 1}, "b": {"a": 1}}),
        (b'["]]]]", "\\"[[[["]', ["]]]]", '"[[[[']),
    ],
)
def test_what_is_accepted(raw: bytes, value: object) -> None:
    assert parse(raw) == value


@pytest.mark.parametrize(
    ("raw", "code", "offset"),
    [
        (b"", "syntax", 0),
        (b"[1,]", "syntax", 3),
        (b"[1] x", "syntax", 4),
        (b"{'a': 1}", "syntax", 1),
        (b"[01]", "syntax", 2),
        (b"[+1]", "syntax", 1),
        (b"[.5]", "syntax", 1),
        (b"[1.]", "syntax", 2),
        (b"[1_000]", "syntax", 2),
        ("[１]".encode(), "syntax", 1),
        (b"[True]", "syntax", 1),
        (b'"a\nb"', "syntax", 2),
        (b'"\\x41"', "syntax", 1),
        (b'"', "syntax", 0),
        (b"\xef\xbb\xbf{}", "syntax", 0),
        (b"// a\n1", "syntax", 0),
        (b'"\xff"', "encoding", 1),
        (b'"\xed\xa0\x80"', "encoding", 1),
        (b'"\xc0\x80"', "encoding", 1),
        ('"a"'.encode("utf-16"), "encoding", 0),
        (b'{"a": 1, "a": 2}', "duplicate_key", None),
        (b'{"a": 1, "\\u0061": 2}', "duplicate_key", None),
        (b'[[{"x": {"a": 1, "b": 2, "a": 1}}]]', "duplicate_key", None),
        (b"NaN", "constant", None),
        (b"[Infinity]", "constant", None),
        (b'{"a": -Infinity}', "constant", None),
        (b"1e400", "number", None),
        (b"1e-400", "number", None),
        (b"0e41", "number", None),
        (b"1e99999999999999999999", "number", None),
        (b"1" * 65, "number", None),
        (b"-" + b"1" * 1_000_000, "number", None),
        (b"0." + b"1" * 100, "number", None),
        (b'"\\ud800"', "surrogate", None),
        (b'["a", {"b": "\\uDFFF"}]', "surrogate", None),
        (b'{"\\ud83d": 1}', "surrogate", None),
        (b'"\\ude00\\ud83d"', "surrogate", None),
    ],
)
def test_what_is_refused(raw: bytes, code: str, offset: int | None) -> None:
    bad = refusal(raw)
    assert (bad.code, bad.offset) == (code, offset)
    assert str(bad).endswith("." if offset is None else f"(at {offset})")


@pytest.mark.parametrize("raw", [b"1.5", b"1.0", b"1e3", b"[0.1]"])
def test_fractions_can_be_refused(raw: bytes) -> None:
    assert refusal(raw, allow_fraction=False).code == "fraction"
    assert parse(b'{"a": 15, "b": "1.5"}', allow_fraction=False) == {"a": 15, "b": "1.5"}


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_depth_is_limited(opening: bytes, closing: bytes) -> None:
    parse(opening * MAX_DEPTH + b"1" + closing * MAX_DEPTH)
    deeper = MAX_DEPTH + 1
    bad = refusal(opening * deeper + b"1" + closing * deeper)
    assert (bad.code, bad.offset) == ("depth", len(opening) * MAX_DEPTH)
    assert refusal(b"[[1]]", max_depth=1).code == "depth"
    assert parse(b"[1]", max_depth=1) == [1]
    assert refusal(b"[]", max_depth=0).code == "depth"


@pytest.mark.parametrize("raw", [b"[" * 100_000 + b"]" * 100_000, b"[" * 100_000, b'{"a":' * 100_000])
def test_a_hundred_thousand_levels_are_refused_before_the_parser_sees_them(raw: bytes) -> None:
    with pytest.raises(RecursionError):
        json.loads(raw)
    assert refusal(raw).code == "depth"


@pytest.mark.parametrize(
    "raw",
    [b'"' + b'\\"' * 500_000, b'"' + b"\\n" * 500_000 + b'"', b'""' * 500_000, b"\\" * 1_000_000, b"[]" * 500_000],
)
def test_no_megabyte_takes_long(raw: bytes) -> None:
    started = time.perf_counter()
    with contextlib.suppress(BadJson):
        parse(raw)
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("raw", [b'"canary', b'"canary\xff"', b'{"canary": NaN}', b'{"canary": 1, "canary": 2}'])
def test_a_refusal_keeps_nothing_of_the_text(raw: bytes) -> None:
    bad = refusal(raw)
    assert "canary" not in repr(bad) + str(bad) + repr(bad.args)
    assert bad.__cause__ is None
    assert bad.__context__ is None


@pytest.mark.parametrize(
    ("value", "raw"),
    [
        ({"amount": "1.50", "n": [None, True, False, -7]}, b'{"amount":"1.50","n":[null,true,false,-7]}'),
        (Decimal("0.00050"), b"0.00050"),
        (Decimal("5E-18"), b"0.000000000000000005"),
        (Decimal("1E+3"), b"1000"),
        ('해시\x00"', '"해시\\u0000\\""'.encode()),
        ({}, b"{}"),
        ([[]], b"[[]]"),
    ],
)
def test_dump(value: JsonValue, raw: bytes) -> None:
    assert dump(value) == raw


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (0.1, "type"),
        ({"a": (1, 2)}, "type"),
        ({1: "a"}, "type"),
        ([b"a"], "type"),
        (Decimal("NaN"), "constant"),
        ([Decimal("-Infinity")], "constant"),
        (Decimal("1E+999999"), "number"),
        (Decimal("1E-999999"), "number"),
        (Decimal("0." + "1" * 100), "number"),
        (10**64, "number"),
        pytest.param(10**5000, "number", id="5001 digits"),
        ("\ud800", "surrogate"),
        ({"\udfff": 1}, "surrogate"),
    ],
)
def test_what_has_no_form_in_json(value: Any, code: str) -> None:
    with pytest.raises(BadJson) as caught:
        dump(value)
    assert caught.value.code == code
    assert caught.value.__context__ is None


def test_a_value_that_holds_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(BadJson, match="too deeply"):
        dump(endless)
