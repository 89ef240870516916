from __future__ import annotations

from pathlib import Path

import pytest

from finder.catalog import queries
from finder.db import Database
from finder.errors import Conflict, Invalid, NotFound
from finder.listings import tags
from finder.listings.tags import MOST_OF_LISTING, MOST_SYNONYMS, Known
from tests.listings.database import make_database

BUS = Known("by_bus", {"en": "On the bus line", "es": "Con autobús"}, ("bus stop", "transit"), False)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = make_database(tmp_path)
    with made.transaction() as session:
        tags.add(session, BUS.code, BUS.labels, [*BUS.synonyms, "", " transit "])
    return made


def test_a_tag_has_labels_and_other_words(database: Database) -> None:
    with database.reading() as session:
        assert tags.known(session) == {"by_bus": BUS}
        assert tags.words(session) == {"by_bus": ("On the bus line", "Con autobús", "bus stop", "transit")}
    assert [BUS.label(one) for one in ("es", "en", "fr")] == ["Con autobús", "On the bus line", "On the bus line"]


@pytest.mark.parametrize(("code", "labels", "synonyms", "field"), [
    ("By Bus", {"en": "x"}, [], "code"), ("1st", {"en": "x"}, [], "code"), ("a" * 41, {"en": "x"}, [], "code"),
    ("by_bus", {"en": "x"}, [], "code"), ("new_one", {"en": " "}, [], "label"),
    ("new_one", {"es": "a" * 61}, [], "label-es"), ("new_one", {"en": "x"}, ["a\tb"], "synonyms"),
    ("new_one", {"en": "x"}, [str(one) for one in range(MOST_SYNONYMS + 1)], "synonyms")])
def test_what_is_no_tag_is_refused_at_its_field(database: Database, code: str, labels: dict[str, str],
                                                synonyms: list[str], field: str) -> None:
    with pytest.raises(Invalid) as refused, database.transaction() as session:
        tags.add(session, code, labels, synonyms)
    assert list(refused.value.errors) == [field]


def test_a_retired_tag_stays_with_the_listings_that_have_it_and_goes_to_no_other(database: Database) -> None:
    with database.transaction() as session:
        tags.retire(session, "by_bus")
    with database.reading() as session:
        assert tags.known(session)["by_bus"].retired
        assert tags.check(session, ["by_bus"], kept=["by_bus"]) == ["by_bus"]
        with pytest.raises(Invalid):
            tags.check(session, ["by_bus"])
    with database.transaction() as session:
        tags.retire(session, "by_bus", retired=False)
        assert tags.check(session, ["by_bus", "by_bus"]) == ["by_bus"]


def test_unknown_tags_and_too_many_are_refused(database: Database) -> None:
    with database.reading() as session:
        with pytest.raises(Invalid):
            tags.check(session, ["nothing"])
        many = [f"tag_{number}" for number in range(MOST_OF_LISTING + 1)]
        with pytest.raises(Invalid):
            tags.check(session, many, kept=many)


def test_words_change_and_nobody_saves_over_another(database: Database) -> None:
    with database.transaction() as session:
        after = tags.change(session, "by_bus", {"en": "Bus"}, [], before=BUS)
    assert after.labels == {"en": "Bus"}
    with pytest.raises(Conflict, match="stale"), database.transaction() as session:
        tags.change(session, "by_bus", {"en": "Train"}, [], before=BUS)
    with pytest.raises(NotFound), database.transaction() as session:
        tags.retire(session, "nothing")
    with database.reading() as session:
        assert queries.version(session) == 2


@pytest.mark.parametrize(("document", "codes"), [
    ({}, []), ({"x": {}}, []), ({"x": {"tags": "by_bus"}}, []), ({"x": {"tags": ["by_bus", 3]}}, ["by_bus"])])
def test_extras_of_publishers_are_no_tags(document: dict[str, object], codes: list[str]) -> None:
    assert tags.of(document) == codes
