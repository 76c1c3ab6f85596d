from collections.abc import Iterator
from typing import Any

import pytest

from tests.wallets.mblock.world import payout_wallets
from tests.withdrawals.world import World, both_remotes


@pytest.fixture
def world(settings: Any, transactional_db: None, check_invariants_after: None) -> Iterator[World]:
    with both_remotes(settings) as world:
        payout_wallets()
        yield world
