"""Every refusal, wherever it comes from, is a problem document."""

import json
import re
from typing import Any

import pytest
from django.db import close_old_connections
from django.test import Client

from aeghash.core.errors import Refusal
from tests.api.conftest import fields, problem
from tests.api.probes import SECRET, KeptAnyway

pytestmark = [pytest.mark.urls("tests.api.probes"), pytest.mark.django_db]

EXPECTED = {
    "refusal": (409, "conflict"),
    "kept": (409, "kept_anyway"),
    "value": (400, "validation_error"),
    "away": (503, "temporarily_unavailable"),
    "no_row": (404, "not_found"),
    "sql": (500, "internal_error"),
    "bug": (500, "internal_error"),
    "http404": (404, "not_found"),
    "forbidden": (403, "permission_denied"),
    "suspicious": (400, "bad_request"),
}


@pytest.mark.parametrize("kind", ["faults", "plain"])
@pytest.mark.parametrize(("fault", "status", "code"), [(fault, *told) for fault, told in EXPECTED.items()])
def test_what_a_view_raises_is_told_as_a_problem(api: Client, kind: str, fault: str, status: int, code: str) -> None:
    answer = api.get(f"/api/probe/{kind}/{fault}/")
    document = problem(answer, status, code)
    assert document["instance"] == f"/api/probe/{kind}/{fault}/"
    assert SECRET not in answer.content.decode()


@pytest.mark.parametrize("fault", ["bug", "sql", "http404", "suspicious"])
def test_debug_mode_shows_no_more(api: Client, settings: Any, fault: str) -> None:
    settings.DEBUG = True
    for kind in ("faults", "plain"):
        answer = api.get(f"/api/probe/{kind}/{fault}/")
        assert answer["Content-Type"] == "application/problem+json"
        assert SECRET not in answer.content.decode()
        assert "Traceback" not in answer.content.decode()


def test_a_bug_is_told_to_the_log_with_its_trace(api: Client, caplog: pytest.LogCaptureFixture) -> None:
    api.get("/api/probe/faults/bug/")
    assert "internal_error" in caplog.text
    assert "RuntimeError" in caplog.text


def test_a_value_that_an_operation_refuses_names_its_field(api: Client) -> None:
    document = problem(api.get("/api/probe/faults/value/"), 400, "validation_error")
    assert document["errors"] == [{"field": "asset", "code": "unknown_asset", "detail": "is not known."}]


def test_a_refusal_carries_the_parameters_that_it_names_and_no_others(api: Client) -> None:
    document = problem(api.get("/api/probe/faults/kept/"), 409, "kept_anyway")
    assert document["detail"] == "It is kept as 7, and refused."
    assert (document["id"], document["manual"]) == (7, False)
    assert "secret" not in document


def test_what_a_refusal_promises_to_carry_it_must_be_told() -> None:
    with pytest.raises(TypeError, match="manual"):
        KeptAnyway(id=7)


def test_no_member_hides_what_every_document_says_itself() -> None:
    with pytest.raises(TypeError, match="status"):
        type("Hiding", (Refusal,), {"members": ("status",)})


def test_a_time_out_of_the_database_asks_to_come_again(api: Client) -> None:
    answer = api.get("/api/probe/faults/time_out/")
    problem(answer, 503, "temporarily_unavailable")
    assert answer["Retry-After"] == "1"


def test_a_unique_row_that_exists_is_a_conflict(api: Client) -> None:
    problem(api.get("/api/probe/faults/duplicate/"), 409, "duplicate")


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_asks_to_come_again_and_the_next_call_works(api: Client) -> None:
    problem(api.get("/api/probe/faults/lost_connection/"), 503, "temporarily_unavailable")
    close_old_connections()  # as the server does between two requests, and Django's test client doesn't
    assert api.get("/api/probe/echo/").status_code == 200


@pytest.mark.parametrize(
    "path", ["/api/", "/api/v1/", "/api/v1/nothing/", "/api/v9/jobs/", "/api/v1/jobs/1/x/", "/api/%00"]
)
@pytest.mark.parametrize("debug", [False, True])
def test_an_address_that_does_not_exist(client: Client, settings: Any, path: str, debug: bool) -> None:
    settings.DEBUG = debug
    for method in ("get", "post", "put", "delete", "patch"):
        problem(getattr(client, method)(path), 404, "not_found")


def test_a_page_of_django_s_own_becomes_a_problem(client: Client) -> None:
    answer = client.get("/api/probe/page/")
    assert answer["Content-Type"] == "application/problem+json"
    assert SECRET not in answer.content.decode()


def test_a_missing_csrf_token_of_a_plain_view(settings: Any) -> None:
    problem(Client(enforce_csrf_checks=True).post("/api/probe/guarded/"), 403, "permission_denied")


def test_a_host_that_is_not_ours(client: Client) -> None:
    problem(client.get("/api/v1/users/me/", headers={"Host": "evil.example"}), 400, "bad_request")


def test_outside_of_the_api_pages_stay_pages(client: Client) -> None:
    assert client.get("/nothing/")["Content-Type"].startswith("text/html")


def test_a_method_that_is_not_there_names_those_that_are(api: Client) -> None:
    answer = api.delete("/api/probe/echo/")
    problem(answer, 405, "method_not_allowed")
    assert answer["Allow"] == "GET, HEAD, POST"
    problem(api.options("/api/probe/echo/"), 405, "method_not_allowed")
    problem(api.generic("TRACE", "/api/probe/echo/"), 405, "method_not_allowed")


def test_an_answer_in_a_form_that_we_do_not_have(api: Client) -> None:
    problem(api.get("/api/probe/echo/", headers={"Accept": "text/html"}), 406, "not_acceptable")


def test_texts_are_english_whatever_the_browser_asks_for(api: Client) -> None:
    headers = {"Accept-Language": "ko"}
    assert api.get("/api/probe/echo/", headers=headers).json() == {"said": "Operations"}
    refused = problem(api.post("/api/probe/echo/", {}, "application/json", headers=headers), 400, "validation_error")
    assert refused["errors"] == [{"field": "amount", "code": "required", "detail": "This field is required."}]


def test_the_address_in_it_is_quoted(client: Client) -> None:
    document = problem(client.get("/api/v1/<b>/%0d%0a/한글"), 404, "not_found")
    assert document["instance"] == "/api/v1/%3Cb%3E/%0D%0A/%ED%95%9C%EA%B8%80"


def test_nested_fields_are_named_by_their_place(api: Client) -> None:
    body = {"amount": "1", "items": [{"amount": "1"}, {"amount": "x", "more": 1}]}
    document = problem(api.post("/api/probe/echo/", body, "application/json"), 400, "validation_error")
    assert fields(document) == {"items.1.amount": "not_a_decimal", "items.1.more": "unknown_field"}


def test_every_refusal_of_the_product_has_a_code_and_a_sentence_that_can_be_shown() -> None:
    """A code is a promise: snake_case, and the same word for the same status."""
    seen: dict[str, int] = {}
    for refusal in all_refusals(Refusal):
        assert re.fullmatch("[a-z]+(_[a-z]+)*", refusal.code), refusal
        assert 400 <= refusal.status < 600
        assert seen.setdefault(refusal.code, refusal.status) == refusal.status, refusal


def all_refusals(base: type[Refusal]) -> list[type[Refusal]]:
    return [base, *(deeper for refusal in base.__subclasses__() for deeper in all_refusals(refusal))]


def test_a_problem_is_json_that_anybody_reads(api: Client) -> None:
    answer = api.get("/api/probe/faults/refusal/")
    assert list(json.loads(answer.content)) == ["type", "title", "status", "detail", "instance", "code", "request_id"]
