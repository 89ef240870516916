from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from finder.app import LONGEST_BODY, MOST_FORM_PARTS
from finder.search.query_schema import DEEPEST, MOST_PER_PAGE

OWN = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
DEEPEST_JSON = 32


@pytest.mark.parametrize(("query", "status"), [
    (f"per_page={MOST_PER_PAGE}", 200), (f"per_page={MOST_PER_PAGE + 1}", 422), ("per_page=1", 200),
    ("per_page=0", 422),
    (f"per_page=100&page={DEEPEST // 100}", 200), (f"per_page=100&page={DEEPEST // 100 + 1}", 422),
    ("per_page=1e9", 422), ("per_page=-1", 422), ("page=99999999999999999999", 422),
])
def test_L2_a_list_has_pages_of_a_hundred_and_ends_at_ten_thousand(client: FlaskClient, query: str,
                                                                   status: int) -> None:
    assert (MOST_PER_PAGE, DEEPEST) == (100, 10_000)
    assert client.get(f"/api/v1/programs?{query}").status_code == status


@pytest.mark.parametrize(("more", "too_much"), [(0, False), (1, True)])
def test_L2_a_body_has_a_quarter_of_a_million_bytes_at_most(client: FlaskClient, more: int, too_much: bool) -> None:
    body = b"need=x&z=".ljust(LONGEST_BODY + more, b"a")
    sent = client.post("/", data=body, content_type="application/x-www-form-urlencoded", headers=OWN)
    assert (sent.status_code == 413) is too_much
    assert sent.status_code < 500
    assert LONGEST_BODY == 256 * 1024


@pytest.mark.parametrize(("parts", "too_many"), [(MOST_FORM_PARTS, False), (MOST_FORM_PARTS + 1, True)])
def test_L2_a_form_has_a_thousand_parts_at_most(client: FlaskClient, parts: int, too_many: bool) -> None:
    sent = client.post("/find/need", data={f"f{number}": "x" for number in range(parts)}, headers=OWN,
                       content_type="multipart/form-data")
    assert (sent.status_code == 413) is too_many
    assert sent.status_code < 500


@pytest.mark.parametrize(("levels", "too_deep"), [(DEEPEST_JSON, False), (DEEPEST_JSON + 1, True)])
def test_L2_M3_json_lies_thirty_two_levels_deep_at_most(client: FlaskClient, levels: int, too_deep: bool) -> None:
    body = '{"format": "finder-intake/1", "x": ' + "[" * (levels - 1) + "]" * (levels - 1) + "}"
    answer = client.post("/api/v1/match", data=body, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert ("too many layers" in answer.text) is too_deep
