import pytest

from finder.matching.compiled import Loops


@pytest.fixture(scope="session")
def loops():
    """The compiled loops; numba is among the tools of the tests."""
    found = Loops()
    assert found.load()
    return found


@pytest.fixture(scope="session")
def halving():
    """The same, always by two threads."""
    found = Loops(halve_from=1)
    assert found.load()
    return found
