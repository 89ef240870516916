from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.provider.clinic import Clinic


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic(tmp_path)


def test_a_referral_is_made_and_its_page_tells_the_persons_code_once_made(clinic: Clinic) -> None:
    page = clinic.refer(0)
    assert page.status == 200, page.main.text
    print(page.main.text)
