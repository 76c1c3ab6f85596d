"""The command that looks at the trees, and does every placement again."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command

from tests.database import Owner
from tests.organization.test_placement import join_all, random_newcomers

pytestmark = pytest.mark.django_db(transaction=True)


def run() -> tuple[int, dict[str, Any]]:
    out, status = io.StringIO(), 0
    try:
        call_command("verify_tree", "--json", stdout=out)
    except SystemExit as end:
        status = int(str(end.code))
    return status, json.loads(out.getvalue())


@pytest.fixture
def tampering(owner: Owner) -> Iterator[Owner]:
    join_all(random_newcomers(300, seed=4))
    owner.execute("SET session_replication_role = replica")
    yield owner
    owner.execute("RESET session_replication_role")


def test_what_was_placed_by_the_product_stands_right(tampering: Owner) -> None:
    assert run() == (0, {"members": 300, "violations": []})
    out = io.StringIO()
    call_command("verify_tree", stdout=out)
    assert out.getvalue() == "300 members: everybody stands in the right place.\n"


def test_an_empty_house_is_in_order() -> None:
    assert run()[1]["violations"] == []


@pytest.mark.parametrize(
    "statement",
    [
        # The last one goes below the leaf that came first.
        """
        UPDATE organization_nodes SET parent_id = leaf.id, side = 'L', depth = leaf.depth + 1, min_open = leaf.depth + 2
        FROM (
            SELECT * FROM organization_nodes AS leaf WHERE tree = 'binary'
                AND NOT EXISTS (SELECT FROM organization_nodes AS below WHERE below.parent_id = leaf.id) ORDER BY id LIMIT 1
        ) AS leaf WHERE organization_nodes.id = (SELECT max(id) FROM organization_nodes)
        """,
        "UPDATE organization_nodes SET looked_at = looked_at + 1 WHERE id = (SELECT max(id) FROM organization_nodes)",
        "UPDATE organization_nodes SET asked_side = 'L' WHERE tree = 'binary' AND side = 'R' AND depth = 1",
    ],
)
def test_who_does_not_stand_where_the_search_would_have_led_is_named(tampering: Owner, statement: str) -> None:
    assert tampering.execute(statement).rowcount > 0
    status, told = run()
    assert status == 1
    assert "order" in {violation["check"] for violation in told["violations"]}


def test_what_the_catalogue_finds_is_told_too(tampering: Owner) -> None:
    tampering.execute(
        "UPDATE organization_nodes SET min_open = min_open + 1 WHERE parent_id IS NULL AND tree = 'binary'"
    )
    status, told = run()
    assert (status, [violation["check"] for violation in told["violations"]]) == (1, ["O1"])
