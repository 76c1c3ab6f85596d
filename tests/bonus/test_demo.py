import time

import pytest

from bonus import demo
from bonus.models import Closing, Entry
from organization.demo import seed as seed_organization


@pytest.mark.prove
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("check_invariants_after")
def test_the_demo_has_twelve_weeks_closed_and_one_to_confirm() -> None:
    seed_organization()
    began = time.monotonic()
    assert demo.seed()
    print(f"the bonuses took {time.monotonic() - began:.1f} s")
    assert Closing.objects.filter(status="closed").count() == demo.WEEKS
    assert Closing.objects.filter(status="draft").count() == 1
    assert Entry.objects.filter(status="confirmed").exists()
    assert demo.seed() == []
