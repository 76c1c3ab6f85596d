"""What breaks a tree is found: each flaw is planted by SQL, as nobody but an owner with the triggers off can."""

from collections.abc import Iterator

import pytest

from aeghash.core import catalogue, clock
from organization.models import Member
from tests.database import Owner
from tests.organization.trees import join

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tampering(owner: Owner) -> Iterator[Owner]:
    """Everything it does is taken back, the constraints it drops too."""
    root = join("0")
    for number in range(1, 8):
        join(str(number), root)
    join("8", Member.objects.get(user__uid="7"))
    owner.execute("BEGIN")
    owner.execute("SET LOCAL session_replication_role = replica")
    yield owner
    owner.execute("ROLLBACK")


def flaws(owner: Owner, name: str) -> set[str]:
    """As the owner sees it: what is planted is never committed."""
    (entry,) = [entry for entry in catalogue.entries() if entry.id == name]
    rows = owner.execute(entry.query, {"now": clock.now(), "since": "0"})
    assert rows.description is not None
    column = [name for name, *_ in rows.description].index("flaw")
    return {row[column] for row in rows}


NODE = "(SELECT n.id FROM organization_nodes n JOIN users u ON u.id = n.member_id WHERE u.uid = '{}' AND n.tree = '{}')"


def node(uid: str, tree: str = "binary") -> str:
    return NODE.format(uid, tree)


def member(uid: str) -> str:
    return f"(SELECT id FROM users WHERE uid = '{uid}')"


def test_an_untouched_tree_has_no_flaw(tampering: Owner) -> None:
    assert flaws(tampering, "O1") == set()
    assert flaws(tampering, "O2") == set()


FIVE = f"id = {node('5')}"
ROOTS = "a tree has several roots or none"
DEPTH = "the depth is wrong"
OPEN = "the shallowest free slot is not where it is said to be"
NO_INDEX = "DROP INDEX organization_nodes_one_root"
NO_SIDES = "ALTER TABLE organization_nodes DROP CONSTRAINT organization_nodes_one_per_side"
NO_CHECK = (
    "ALTER TABLE organization_nodes DROP CONSTRAINT organization_nodes_depth, DROP CONSTRAINT organization_nodes_sides"
)


@pytest.mark.parametrize(
    ("statements", "flaw"),
    [
        (
            [
                NO_INDEX,
                f"UPDATE organization_nodes SET parent_id = NULL, depth = 0, side = NULL WHERE id = {node('5')}",
            ],
            ROOTS,
        ),
        (
            [f"UPDATE organization_nodes SET parent_id = {node('8')}, depth = 1, side = 'L' WHERE id = {node('0')}"],
            ROOTS,
        ),
        ([f"UPDATE organization_nodes SET parent_id = 999999 WHERE id = {node('5')}"], "the parent is not there"),
        (
            [f"UPDATE organization_nodes SET parent_id = {node('0', 'unilevel')} WHERE id = {node('1')}"],
            "the parent stands in the other tree",
        ),
        ([f"UPDATE organization_nodes SET parent_id = {node('8')} WHERE id = {node('1')}"], DEPTH),  # a cycle
        ([f"UPDATE organization_nodes SET depth = 9, min_open = 10 WHERE id = {node('8')}"], DEPTH),
        ([NO_CHECK, f"UPDATE organization_nodes SET depth = 1 WHERE id = {node('0')}"], "the root is not at depth 0"),
        (
            [NO_SIDES, f"UPDATE organization_nodes SET side = 'L' WHERE id = {node('2')}"],
            "two children stand on one side",
        ),
        ([f"UPDATE organization_nodes SET min_open = min_open + 1 WHERE id = {node('0')}"], OPEN),
        ([f"UPDATE organization_nodes SET min_open = min_open + 1 WHERE id = {node('8')}"], OPEN),
        ([f"DELETE FROM organization_nodes WHERE id = {node('8')}"], "a member has no place or several"),
        ([f"DELETE FROM organization_nodes WHERE id = {node('8', 'unilevel')}"], "a member has no place or several"),
        (
            [f"UPDATE organization_members SET sponsor_id = {member('1')} WHERE user_id = {member('8')}"],
            "the referral tree does not follow the sponsor",
        ),
    ],
)
def test_a_flaw_of_the_places_is_found(tampering: Owner, statements: list[str], flaw: str) -> None:
    for statement in statements:
        assert tampering.execute(statement).rowcount != 0
    assert flaw in flaws(tampering, "O1")


@pytest.mark.parametrize(
    ("statement", "flaw"),
    [
        (
            f"DELETE FROM organization_spillovers WHERE member_id = {member('5')}",
            "a spillover was not logged",
        ),
        (
            "INSERT INTO organization_spillovers (sponsor_id, member_id, parent_id, side, level, created_at)"
            f" VALUES ({member('0')}, {member('1')}, {member('0')}, 'L', 2, now())",
            "what was logged was no spillover",
        ),
        (
            f"UPDATE organization_spillovers SET level = level + 1 WHERE member_id = {member('5')}",
            "the log says something else than the places",
        ),
        (
            f"UPDATE organization_spillovers SET parent_id = {member('8')} WHERE member_id = {member('5')}",
            "the log says something else than the places",
        ),
    ],
)
def test_a_flaw_of_the_log_is_found(tampering: Owner, statement: str, flaw: str) -> None:
    assert tampering.execute(statement).rowcount == 1
    assert flaws(tampering, "O2") == {flaw}
