from __future__ import annotations

import base64
import uuid

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from finder.errors import Invalid, NotFound
from finder.secret import Ring
from finder.web import calendar_token
from finder.web.listing_ids import MOST
from tests.conftest import MakeApp

ADDRESS = {"near": "Durham, NC", "far": "25", "day": [1, 3], "topic": [8], "topic-all": "all"}
IDS = [str(uuid.UUID(int=number + 1)) for number in range(MOST + 3)]


def test_a_search_comes_back_as_it_went_in(shared_app: Flask) -> None:
    with shared_app.app_context():
        assert calendar_token.search_of(calendar_token.of_search(ADDRESS)) == {
            "near": ["Durham, NC"], "far": ["25"], "day": ["1", "3"], "topic": ["8"], "topic-all": ["all"]}
        assert calendar_token.search_of(calendar_token.of_search({})) == {}


def test_saved_groups_come_back_in_their_order_the_newest_where_there_are_too_many(shared_app: Flask) -> None:
    with shared_app.app_context():
        assert calendar_token.ids_of(calendar_token.of_ids(IDS[:3])) == IDS[:3]
        assert calendar_token.ids_of(calendar_token.of_ids(IDS)) == IDS[-MOST:]


def test_a_token_says_nothing_and_is_never_the_same_twice(shared_app: Flask) -> None:
    with shared_app.app_context():
        tokens = [calendar_token.of_search(ADDRESS) for _ in range(5)]
        assert len(set(tokens)) == 5
        for token in tokens:
            raw = base64.urlsafe_b64decode(token + "==")
            assert not [word for word in (b"Durham", b"near", b"topic", b"NC") if word in raw]
            assert raw[1:9] == bytes(8), "it says when it was made"
            assert token.replace("-", "").replace("_", "").isalnum()


def test_the_length_of_a_token_goes_by_steps(shared_app: Flask) -> None:
    with shared_app.app_context():
        lengths = {len(calendar_token.of_search({"near": "x" * length})) for length in range(40)}
        assert len(lengths) == 1


def test_a_token_of_one_kind_is_none_of_the_other(shared_app: Flask) -> None:
    with shared_app.app_context():
        with pytest.raises(NotFound):
            calendar_token.ids_of(calendar_token.of_search(ADDRESS))
        with pytest.raises(NotFound):
            calendar_token.search_of(calendar_token.of_ids(IDS[:2]))


def test_another_instance_opens_nothing(shared_app: Flask, app_with: MakeApp) -> None:
    other = app_with()
    calendar_token.install(other, Ring(b"another secret that is long enough for it"))
    with shared_app.app_context():
        token = calendar_token.of_search(ADDRESS)
    with other.app_context(), pytest.raises(NotFound):
        calendar_token.search_of(token)


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda one: base64.urlsafe_b64encode(one).decode()))
def test_what_is_no_token_is_not_found(shared_app: Flask, text: str) -> None:
    with shared_app.app_context():
        for reading in (calendar_token.search_of, calendar_token.ids_of):
            with pytest.raises(NotFound):
                reading(text)


def test_a_token_that_was_cut_or_bent_is_not_found(shared_app: Flask) -> None:
    with shared_app.app_context():
        token = calendar_token.of_search(ADDRESS)
        for bent in (token[:-1], token[:-5], f"{token}A", f"A{token[1:]}", token.swapcase(), f"{token}=", token * 20):
            with pytest.raises(NotFound):
                calendar_token.search_of(bent)


def test_a_search_too_long_for_an_address_is_refused(shared_app: Flask) -> None:
    with shared_app.app_context(), pytest.raises(Invalid):
        calendar_token.of_search({"topic": list(range(1, 700))})
