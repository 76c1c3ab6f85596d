from collections.abc import Iterator
from typing import Any

import pytest

from tests.wallets.mblock.world import World, world_of_mblock
from wallets.clients.mblock import client


@pytest.fixture
def world(
    settings: Any, transactional_db: None, check_invariants_after: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    monkeypatch.setattr(client, "DEADLINE", 0.4)  # what is silent stays silent, however long one waits
    with world_of_mblock(settings) as world:
        yield world
