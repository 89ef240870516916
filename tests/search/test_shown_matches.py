from datetime import UTC, datetime

import orjson
import pytest

from finder.places.gazetteer import load as load_gazetteer
from finder.search import find
from finder.search.snapshot import MOST_TOLD, from_documents, told
from finder.search.synthetic import documents
from finder.vocabulary import vocabulary

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
INTAKE = {"format": "finder-intake/1", "needs": ["depression"], "near": {"text": "10001"}, "radius_miles": 25,
          "identities": ["veterans"], "access": ["captions"], "times": ["evening"]}


@pytest.fixture(scope="module")
def held():
    return from_documents(documents(800), NOW.date())


def match(held, **how):
    return find.match(INTAKE, snapshot=held, gazetteer=load_gazetteer(), vocabulary=vocabulary(), now=NOW,
                      documents=True, **how)


def test_a_second_answer_is_the_first(held):
    first, second = match(held), match(held)
    assert first["matches"]
    assert orjson.dumps(first) == orjson.dumps(second)


def test_writing_in_an_answer_changes_no_later_one(held):
    first = match(held)
    before = orjson.dumps(first)
    for one in first["matches"]:
        one["listing"]["name"] = one["document"]["name"] = "changed"
        for line in one["reasons"] + one["check_first"]:
            line["text"] = "said"
    assert orjson.dumps(match(held)) == before


def test_listings_shown_lately_are_read_once_and_only_so_many_kept(held):
    columns = held.parts[0].columns
    assert told(columns, 3) is told(columns, 3)
    columns.told.update({-number: None for number in range(1, MOST_TOLD + 1)})
    told(columns, 799)
    assert len(columns.told) == 1


def test_pages_hold_what_the_whole_answer_holds(held):
    whole = match(held, per_page=None)["matches"]
    pages = [one for page in range(1, -(-len(whole) // 7) + 1) for one in match(held, page=page, per_page=7)["matches"]]
    assert [one["rank"] for one in whole] == list(range(1, len(whole) + 1))
    assert orjson.dumps(pages) == orjson.dumps(whole)
