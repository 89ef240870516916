from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from finder.search.query_schema import FACETS
from finder.web import embed_search
from finder.web.embed_presets import Presets
from finder.web.embed_search import Asked, Found

FIELDS = ("q", "near", "far", "topic", "how", "day", "page")


def search(app: Flask, presets: Presets | None = None, lang: str = "en", **said: str) -> Found:
    with app.test_request_context("/embed"):
        held = app.extensions["finder"]
        return embed_search.search(Asked.sent(said), presets or Presets(), lang, held, held.snapshot())


def names(found: Found) -> list[str]:
    return [one.card.name for one in (*found.named, *found.rows)]


@pytest.mark.parametrize(("said", "asked"), [
    ({"day": "7", "how": "by boat", "far": "26", "topic": "0", "page": "0"}, Asked()),
    ({"day": "0", "how": "person", "far": "5", "topic": "1", "page": "499"},
     Asked(day="0", how="person", far="5", topic="1", page="499")),
    ({"topic": str(len(FACETS["focus"]) + 1), "page": "500"}, Asked()),
    ({"near": " Zoom "}, Asked(how="online")), ({"near": "en línea", "how": "person"}, Asked(how="online")),
    ({"q": "  grief  ", "more": "x"}, Asked(q="grief")), ({"q": "x" * 9000}, Asked(q="x" * 2000)),
])
def test_what_is_sent_is_read_as_far_as_the_form_can_say_it(said: dict[str, str], asked: Asked) -> None:
    assert Asked.sent(said) == asked


def test_what_a_button_carries_on_leaves_out_the_page_and_what_is_empty() -> None:
    assert Asked(q="grief", day="1", page="3").held() == [("q", "grief"), ("day", "1")]
    assert Asked(q="grief", day="1", page="3").without("day") == Asked(q="grief")


def test_the_form_starts_from_the_place_of_the_host() -> None:
    assert embed_search.opening(Presets(place="Durham, NC", miles="50")) == Asked(near="Durham, NC", far="50")


def test_words_that_name_a_place_win_over_the_place_of_the_host_and_not_over_the_box(shared_app: Flask) -> None:
    presets = Presets(place="Durham, NC")
    assert search(shared_app, presets, q="groups near Seattle WA", near="Durham, NC").place == "Seattle, WA"
    assert search(shared_app, presets, q="groups near Seattle WA", near="Raleigh, NC").place == "Raleigh, NC"
    assert search(shared_app, presets, near="Durham, NC").states == {"US:NC"}


def test_without_a_place_a_radius_says_nothing(shared_app: Flask) -> None:
    found = search(shared_app, far="5")
    assert (found.place, found.miles) == ("", None)
    assert found.total == search(shared_app).total


def test_a_chosen_topic_comes_beside_that_of_the_words(shared_app: Flask) -> None:
    alcohol = str(FACETS["focus"].index("alcohol") + 1)
    both = search(shared_app, q="grief", topic=alcohol)
    assert both.total == search(shared_app, q="grief").total + search(shared_app, topic=alcohol).total


def test_pages_together_hold_every_group_once(shared_app: Flask) -> None:
    first = search(shared_app)
    assert first.pages
    seen = [name for page in range(1, first.pages.last + 1) for name in names(search(shared_app, page=str(page)))]
    assert len(seen) == first.total == first.fitting
    assert len(set(seen)) == first.total
    beyond = search(shared_app, page=str(first.pages.last + 5))
    assert names(beyond) == names(search(shared_app, page=str(first.pages.last)))


def test_words_too_long_or_unreadable_are_told_at_their_field(shared_app: Flask) -> None:
    assert search(shared_app, q="x" * 201).errors["q"][0].code == "too_long"
    assert search(shared_app, near="zzqxv").errors["near"][0].code == "unknown_place"


def test_when_nothing_is_left_each_offer_brings_what_it_says(shared_app: Flask) -> None:
    alcohol = str(FACETS["focus"].index("alcohol") + 1)
    found = search(shared_app, topic=alcohol, day="6", near="Durham, NC", far="25")
    assert found.total == 0
    assert [one.words for one in found.wider] == ["Any day", "Any topic"]
    assert [one.total for one in found.wider] == sorted((one.total for one in found.wider), reverse=True)
    for one in found.wider:
        said = {name: getattr(one.asked, name) for name in FIELDS}
        assert search(shared_app, **said).total == one.total


@settings(deadline=None)
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, st.text(max_size=60))))
def test_nothing_anybody_sends_breaks_it(shared_app: Flask, said: dict[str, str]) -> None:
    found = search(shared_app, **said)
    assert found.errors or found.total >= len(found.rows)
    asked = Asked.sent(said)
    assert replace(asked) == Asked.sent({name: getattr(asked, name) for name in FIELDS})
