from __future__ import annotations

import pytest

from tests.api.feeds.publishing import Publisher, seed
from tests.api.hsds.door import Door, generated


@pytest.fixture(scope="session")
def door(tmp_path_factory: pytest.TempPathFactory) -> Door:
    """The door over the listings that ship."""
    return Door(Publisher(tmp_path_factory.mktemp("seed"), seed()))


@pytest.fixture(scope="session")
def odd_door(tmp_path_factory: pytest.TempPathFactory) -> Door:
    """The door over listings of every odd kind."""
    return Door(Publisher(tmp_path_factory.mktemp("odd"), generated(80)))
