"""What a place in the trees costs: by the size of the tree, against the obvious way, with many at once; and the way up."""

import time
from collections import deque
from functools import cache
from statistics import median
from typing import Any, Final

import psycopg
from django.db import connections

from bench.crew import crew
from bench.measure import Row, compare
from bench.tree_schemas import build

CLIENTS: Final = 8
LARGE, SMALL, MIDDLE = 1_000_000, 100_000, 20_000
EACH: Final = 100  # placements a round
LOOKED_AT: Final = 500  # of the search's nodes: each costs one query, so the time of all follows from these

ACT: Final = (
    '{"at": "2026-11-21", "actor_kind": "job", "actor_id": "bench", "actor_label": "", "verb": "member.joined",'
    ' "object_type": "organization.member", "before": {}, "after": {}, "reason": "", "request_id": ""}'
)
JOIN: Final = "SELECT user_id FROM join_member(NULL, NULL, '', %s, NULL, now(), %s)"

Database = psycopg.Connection[tuple[Any, ...]]


def run() -> list[Row]:
    """The large tree is the product's own; the others stand in schemas beside it, with the same tables and keys."""
    large, small, middle = build("public", LARGE), build("small", SMALL), build("middle", MIDDLE)
    rows = [by_size(large, small), against_search(middle), up_the_tree(large)]
    for database in (large, small, middle):
        database.close()
    return [*rows, many_at_once()]


def by_size(large: Database, small: Database) -> Row:
    return compare(
        (f"placement under the root, {LARGE:,} members", lambda: microseconds(large)),
        (f"the same at {SMALL:,}", lambda: microseconds(small)),
        at_most=1.5,
        unit=" µs",
    )


def against_search(database: Database) -> Row:
    (full,) = database.execute(
        "SELECT count(*) FROM (SELECT parent_id FROM organization_nodes WHERE tree = 'binary' GROUP BY parent_id"
        " HAVING count(*) = 2) AS full_ones"
    ).fetchone() or (0,)
    obvious = f"a breadth-first search with the ORM, a query per node (reckoned from {LOOKED_AT} of its {full + 1:,})"
    return compare(
        (f"placement at {MIDDLE:,} under one sponsor", lambda: 1e6 / microseconds(database)),
        (obvious, lambda: 1 / (searching() * (full + 1))),
        at_least=5000,
        rounds=5,
    )


def microseconds(database: Database) -> float:
    """In the median, COMMIT included."""
    (root,) = database.execute(
        "SELECT member_id FROM organization_nodes WHERE parent_id IS NULL LIMIT 1"
    ).fetchone() or (0,)
    took = []
    for _ in range(EACH):
        began = time.perf_counter()
        database.execute(JOIN, [root, ACT])
        took.append(time.perf_counter() - began)
    return median(took) * 1e6


def searching() -> float:
    """The search alone, in seconds a node, as one writes it with the ORM: it has still placed nobody."""
    from organization.models import Node, Tree

    with connections["owner"].cursor() as cursor:
        cursor.execute("SET search_path = middle, public")
    nodes = Node.objects.using("owner")
    began = time.perf_counter()
    waiting = deque(nodes.filter(parent=None, tree=Tree.BINARY))
    for _ in range(LOOKED_AT):
        children = list(nodes.filter(parent=waiting.popleft()).order_by("side"))
        assert len(children) == 2, "the search ended early: what is reckoned from it would be wrong"
        waiting.extend(children)
    return (time.perf_counter() - began) / LOOKED_AT


def up_the_tree(database: Database) -> Row:
    """Both through the ORM, as the product reads."""
    from organization.models import Member, Tree
    from organization.queries.places import ancestors

    (deepest,) = database.execute(
        "SELECT member_id FROM organization_nodes ORDER BY depth DESC LIMIT 1"
    ).fetchone() or (0,)
    for _ in range(2):  # so that there are 20 above
        (deepest,) = database.execute(JOIN, [deepest, ACT]).fetchone() or (0,)
    member = Member.objects.get(pk=deepest)

    def above() -> float:
        assert len(ancestors(member=member, tree=Tree.BINARY, levels=20)) == 20
        return 0.0

    return compare(
        (f"20 ancestors, {LARGE:,} members", lambda: each(above)),
        ("one indexed single-row read", lambda: each(lambda: Member.objects.get(pk=deepest))),
        at_most=3,
        unit=" µs",
    )


def each(act: Any) -> float:
    took = []
    for _ in range(EACH):
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    return median(took) * 1e6


def many_at_once() -> Row:
    """Processes of the product, through its operation, all under the root of the large tree."""
    connections["default"].close()
    with crew(CLIENTS) as many, crew(1) as alone:
        return compare(
            (f"placements, {CLIENTS} clients at the root", lambda: many.rate(join)),
            ("one client", lambda: alone.rate(join)),
            at_least=1.5,
        )


def join(_number: int) -> None:
    from aeghash.core.actors import acting_as, job
    from organization.operations.join_member import join_member

    with acting_as(job("bench")):
        join_member(uid=None, sponsor=root())


@cache
def root() -> Any:
    from organization.queries.members import root_member

    return root_member()
