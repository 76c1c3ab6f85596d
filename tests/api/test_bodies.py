"""Bad input, by hand: no 5xx, a problem that names the field, and what is good comes back as it was."""

import io
import json
from typing import Any

import pytest
from django.test import Client

from tests.api.conftest import fields, problem

pytestmark = [pytest.mark.urls("tests.api.probes"), pytest.mark.django_db]

ECHO = "/api/probe/echo/"


def send(api: Client, body: bytes | str, content_type: str = "application/json", **extra: Any) -> Any:
    return api.generic("POST", ECHO, body, content_type, **extra)


def send_fields(api: Client, **given: Any) -> Any:
    return send(api, json.dumps({"amount": "1", **given}))


@pytest.mark.parametrize(
    "amount",
    ["-1", "0", "NaN", "Infinity", "-Infinity", "1e400", "1e5", "1_000", "١٢٣", "１", "-0", "", " 1", "1 ", "+1", "1.", ".5",
     "00.5", "0.1234567", "9" * 40, "0x1", "1,5", True, False, [], {}, ["1"], {"a": 1}, -1, 0, 10**20, 10**60],
)  # fmt: skip
def test_an_amount_that_is_none(api: Client, amount: Any) -> None:
    assert list(fields(problem(send_fields(api, amount=amount), 400, "validation_error"))) == ["amount"]


@pytest.mark.parametrize("literal", ["1.5", "1.0", "1e2", "-0.0", "0.1"])
def test_a_json_number_with_a_fraction_is_no_amount(api: Client, literal: str) -> None:
    """On the way to us somebody may have had it as a float."""
    refused = problem(send(api, f'{{"amount": {literal}}}'), 400, "validation_error")
    assert fields(refused) == {"amount": "not_a_decimal"}


@pytest.mark.parametrize(
    ("given", "back"), [("12.5", "12.5"), ("0.000001", "0.000001"), (7, "7"), ("10.500000", "10.5")]
)
def test_amounts_come_back_as_strings(api: Client, given: Any, back: str) -> None:
    assert send_fields(api, amount=given).json()["amount"] == back


@pytest.mark.parametrize(
    "label",
    [
        "a\x00b",
        "\x07",
        "\x1b[31m",
        "\u202eevil",
        "\u200f",
        "\u2066x",
        "\x85",
        12,
        1.5,
        True,
        None,
        [],
        {},
        "x" * 21,
        "",
        "  ",
    ],
)
def test_a_text_that_is_none(api: Client, label: Any) -> None:
    assert list(fields(problem(send_fields(api, label=label), 400, "validation_error"))) == ["label"]


@pytest.mark.parametrize("label", ["=cmd()", "한글", "a\nb\tc", "<b>", "'; DROP TABLE", "😀", "e\u0301", "\ufeffx"])
def test_a_text_comes_back_as_it_was(api: Client, label: str) -> None:
    assert send_fields(api, label=label).json()["label"] == label


OF_ANOTHER_TYPE: dict[str, list[Any]] = {
    "count": ["1", 1.0, True, None, [], {}, 2**63, -(2**63), 10**60],
    "urgent": ["true", "false", "yes", 0, 1, None, [], {}],
    "at": [
        "2026-11-21", "2026-11-21T09:00:00", "2026-11-21 09:00:00Z", "20261121T090000Z", "2026-02-30T00:00:00Z",
        "2026-11-21T25:00:00Z", "２026-11-21T09:00:00Z", "0001-01-01T00:00:00+14:00", 1, None, [], "now",
        "2026-11-21T09:00:00.1234567Z", "2026-11-21T09:00:00+09", "0000-01-01T00:00:00Z",
    ],
    "day": ["2026-1-1", "20260101", "2026-W01-1", "2026-02-30", "2026-01-01T00:00:00Z", 1, []],
    "items": [{}, "x", 1, [1], ["x"], [[]], [None], [{}]],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in OF_ANOTHER_TYPE.items() for value in values]
)
def test_a_value_of_another_type(api: Client, name: str, value: Any) -> None:
    refused = problem(send_fields(api, **{name: value}), 400, "validation_error")
    assert {field.split(".")[0] for field in fields(refused)} == {name}


@pytest.mark.parametrize(
    ("given", "back"),
    [
        ("2026-11-21T18:00:00+09:00", "2026-11-21T09:00:00Z"),
        ("2026-11-21t09:00:00.5z", "2026-11-21T09:00:00.500000Z"),
        ("1999-12-31T23:59:59-00:01", "2000-01-01T00:00:59Z"),
    ],
)
def test_times_go_out_in_utc(api: Client, given: str, back: str) -> None:
    assert send_fields(api, at=given).json()["at"] == back


def test_unknown_fields_are_refused_by_name(api: Client) -> None:
    refused = problem(send_fields(api, ammount="2", **{"\x00": 1}), 400, "validation_error")
    assert fields(refused) == {"ammount": "unknown_field", "\x00": "unknown_field"}


def test_thousands_of_unknown_fields_make_no_long_answer(api: Client) -> None:
    answer = send_fields(api, **{f"x{number}": 1 for number in range(5000)})
    assert len(problem(answer, 400, "validation_error")["errors"]) == 20


def test_where_no_fields_are_taken_none_are(api: Client) -> None:
    assert api.generic("POST", "/api/probe/nothing/").status_code == 200
    assert api.post("/api/probe/nothing/", {}, "application/json").status_code == 200
    refused = api.post("/api/probe/nothing/", {"reason": "x"}, "application/json")
    assert fields(problem(refused, 400, "validation_error")) == {"reason": "unknown_field"}


@pytest.mark.parametrize(
    "body",
    [
        b'{"amount": "1", "amount": "2"}',
        b'{"amount": NaN}',
        b'{"amount": Infinity}',
        b'{"amount": 1e400}',
        b'{"amount": ' + b"9" * 5000 + b"}",
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b"[" * 60_000,
        b'[{"amount": "1"}]',
        b'"amount"',
        b"1",
        b"null",
        b"true",
        b'{"amount": "\xff"}',
        b'\xef\xbb\xbf{"amount": "1"}',
        '{"amount": "1"}'.encode("utf-16"),
        b'{"label": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"label": "\x00"}',
        b"{'amount': '1'}",
        b'{"amount": "1",}',
        b'{"amount": "1"} {"amount": "2"}',
        b'{"amount": "1"',
        b"   ",
        b"\x00",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_not_one_json_object(api: Client, body: bytes) -> None:
    problem(send(api, body), 400, "malformed_json")


def test_an_empty_body_lacks_its_fields(api: Client) -> None:
    assert fields(problem(send(api, b""), 400, "validation_error")) == {"amount": "required"}


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "json",
     "application/json-seq", "", "application/" + "j" * 300],
)  # fmt: skip
def test_another_content_type(api: Client, content_type: str) -> None:
    problem(send(api, '{"amount": "1"}', content_type), 415, "unsupported_media_type")


def test_a_json_content_type_may_have_parameters(api: Client) -> None:
    assert send(api, '{"amount": "1"}', "application/json; charset=utf-8").status_code == 200


@pytest.mark.parametrize("who", ["staff", "anonymous"])
def test_a_body_of_more_than_64_kib(api: Client, client: Client, who: str) -> None:
    sender = api if who == "staff" else client
    problem(send(sender, b" " * (64 * 1024 + 1)), 413, "payload_too_large")
    problem(sender.generic("POST", "/api/v1/no/such/", b" " * 1_000_000), 413, "payload_too_large")


def test_a_body_of_64_kib_is_read(api: Client) -> None:
    body = b'{"amount": "1"}'
    assert send(api, body + b" " * (64 * 1024 - len(body))).status_code == 200


@pytest.mark.parametrize("stated", ["9" * 9, "9" * 30, "9" * 5000])
def test_a_body_that_only_claims_to_be_long_is_not_waited_for(api: Client, stated: str) -> None:
    problem(send(api, b"{}", CONTENT_LENGTH=stated), 413, "payload_too_large")


def chunked(api: Client, body: bytes) -> Any:
    """As gunicorn hands it over: no length, and a stream that ends where the body does."""
    return handed_over(api, io.BytesIO(body), "", HTTP_TRANSFER_ENCODING="chunked", **{"wsgi.input_terminated": True})


def handed_over(api: Client, stream: Any, length: str, **environ: Any) -> Any:
    environ |= {"wsgi.input": stream, "CONTENT_LENGTH": length, "CONTENT_TYPE": "application/json"}
    return api.generic("POST", ECHO, **environ)


def test_a_chunked_body_is_read_and_counted(api: Client) -> None:
    assert chunked(api, b'{"amount": "1"}').json()["amount"] == "1"
    problem(chunked(api, b" " * (64 * 1024 + 1)), 413, "payload_too_large")
    problem(chunked(api, b'{"amount"'), 400, "malformed_json")


def test_a_body_cut_short(api: Client) -> None:
    whole = b'{"amount": "1"}'
    problem(handed_over(api, io.BytesIO(whole[:-1]), str(len(whole))), 400, "malformed_json")


class HungUp(io.BytesIO):
    def read(self, *_: Any) -> bytes:
        raise OSError("the caller hung up")


def test_a_connection_lost_while_reading(api: Client) -> None:
    problem(handed_over(api, HungUp(), "10"), 400, "bad_request")


@pytest.mark.parametrize("row", ["0", "01", "-1", "1.0", "x", "９", str(2**63), "9" * 40, "%00", "1e3", "1/"])
def test_an_id_that_can_be_none(api: Client, row: str) -> None:
    problem(api.get(f"/api/probe/heartbeats/{row}/"), 404, "not_found")


def test_the_largest_id_is_looked_for(api: Client) -> None:
    problem(api.get(f"/api/probe/heartbeats/{2**63 - 1}/"), 404, "not_found")
