import pytest

from tests.partners.world import Mall, make_mall


@pytest.fixture
def mall(db: None) -> Mall:
    """A partner with a member who stands under the company."""
    mall = make_mall()
    mall.join("company")
    mall.join("buyer", "company")
    return mall
