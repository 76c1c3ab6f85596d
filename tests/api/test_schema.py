import ipaddress
import json
import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from tests.api.conftest import client_of, problem
from tests.people import make_staff

SCHEMA, DOCS = "/api/schema/", "/api/docs/"
OUTSIDE = "203.0.113.9"


@pytest.fixture
def schema(client: Client) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(client.get(f"{SCHEMA}?format=json").content)
    return document


def test_the_schema_is_valid_and_made_without_a_warning() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())


def test_it_is_openapi_3_1_in_json_and_yaml(client: Client, schema: dict[str, Any]) -> None:
    assert schema["openapi"].startswith("3.1.")
    assert client.get(SCHEMA).content.startswith(b"openapi: 3.1.")
    assert client.get(SCHEMA, headers={"Accept": "application/json"}).json() == schema
    problem(client.get(f"{SCHEMA}?format=xml"), 404, "not_found")


def test_every_operation_says_what_it_does_and_how_it_refuses(schema: dict[str, Any]) -> None:
    operations = [
        (method, path, operation) for path, methods in schema["paths"].items() for method, operation in methods.items()
    ]
    assert operations
    descriptions = [operation.get("description") for _, _, operation in operations]
    assert all(descriptions)
    assert len(set(descriptions)) == len(descriptions), "a description that is its base class's"
    for method, path, operation in operations:
        wanted = {"400", "401", "403", "429", "503", "default"} | ({"404"} if "{" in path else set())
        wanted |= {"409", "413", "415"} if method == "post" else set()
        assert wanted <= operation["responses"].keys(), (method, path)
        is_signed = path.startswith("/api/aegmall/")
        assert operation["security"] == ([{"signature": []}] if is_signed else [{"token": []}, {"log-in": []}])


def test_a_refusal_is_as_the_schema_says(client: Client, schema: dict[str, Any], db: None) -> None:
    described = schema["components"]["schemas"]["Problem"]
    document = problem(client.get("/api/v1/jobs/"), 401, "not_authenticated")
    assert set(described["required"]) <= document.keys() <= described["properties"].keys()


def test_times_ids_and_amounts_have_their_form(schema: dict[str, Any]) -> None:
    job = schema["components"]["schemas"]["Job"]["properties"]
    assert (job["due_at"]["format"], job["finished_at"]["type"]) == ("date-time", ["string", "null"])
    (parameter,) = schema["paths"]["/api/v1/jobs/{job_id}/"]["get"]["parameters"]
    assert parameter["schema"] == {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}


@pytest.mark.django_db
@pytest.mark.parametrize("path", [SCHEMA, DOCS])
def test_it_answers_trusted_networks_without_log_in_and_others_with(client: Client, settings: Any, path: str) -> None:
    assert client.get(path, REMOTE_ADDR="127.0.0.1").status_code == 200
    problem(client.get(path, REMOTE_ADDR=OUTSIDE), 401, "not_authenticated")
    problem(client.get(path, headers={"X-Forwarded-For": OUTSIDE}), 401, "not_authenticated")
    assert client_of(make_staff("anybody")).get(path, REMOTE_ADDR=OUTSIDE).status_code == 200
    settings.TRUSTED_PROXIES = [ipaddress.ip_network("203.0.113.0/24")]
    assert client.get(path, REMOTE_ADDR=OUTSIDE).status_code == 200


@pytest.mark.django_db  # whose connection is looked at when a file's answer is closed
def test_the_page_takes_everything_from_our_own_server(client: Client) -> None:
    page = client.get(DOCS)
    text = page.content.decode()
    assert "unsafe" not in page["Content-Security-Policy"]
    assert not re.search(r"<style|style=|<script(?! src=)|\son\w+=", text)
    addresses = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert len(addresses) == 6
    for address in addresses:
        assert address.startswith("/")
        answer = client.get(address)
        assert answer.status_code == 200
        answer.close()


def test_its_script_names_no_other_server(client: Client) -> None:
    script = client.get(f"{DOCS}?script=")
    assert script["Content-Type"] == "application/javascript"
    assert '"validatorUrl": null' in script.content.decode()
    assert "//" not in re.sub(r"// .*", "", script.content.decode())
