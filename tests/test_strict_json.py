import json

import pytest

from finder import strict_json
from finder.errors import Invalid


def refused(body: bytes) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as caught:
        strict_json.read(body)
    assert caught.value.code == "bad_json"
    return {field: [one.code for one in problems] for field, problems in caught.value.errors.items()}


def test_a_document_is_read_as_it_stands():
    assert strict_json.read('{"a": [1, 2.5, null, true, "ñ"], "b": {}}'.encode()) == {
        "a": [1, 2.5, None, True, "ñ"], "b": {}}


@pytest.mark.parametrize("body", [
    b"", b"{", b"{}x", b"\xff{}", b"\xef\xbb\xbf{}", b'{"a": 1,}', b"{'a': 1}", b'{"a": "line\nbreak"}', b"[01]",
], ids=repr)
def test_M3_what_is_no_json_is_refused_as_a_whole(body):
    assert refused(body) == {"": ["bad_json"]}


@pytest.mark.parametrize("body", [b'{"age": 1, "age": 2}', b'{"x": [{"age": 1, "age": 1}]}'], ids=["top", "inside"])
def test_M3_a_key_that_stands_twice_is_named(body):
    assert refused(body) == {"age": ["repeated"]}


@pytest.mark.parametrize("levels", [33, 1000, 100_000])
def test_M3_L2_deep_nesting_is_refused(levels):
    assert refused(b"[" * levels + b"]" * levels) == {"": ["too_deep"]}
    assert refused(b'{"a":' * levels + b"1" + b"}" * levels) == {"": ["too_deep"]}


def test_brackets_in_text_and_many_short_lists_are_not_depth():
    assert strict_json.read(json.dumps(["[" * 500]).encode()) == ["[" * 500]
    assert strict_json.read(json.dumps([[]] * 500).encode()) == [[]] * 500
    assert strict_json.read(b"[" * 32 + b"]" * 32)


def test_M3_endless_numbers_are_left_to_the_field_that_knows_its_name():
    found = strict_json.read(b'{"a": NaN, "b": 1' + b"0" * 5000 + b', "c": 1e999, "d": -Infinity}')
    assert found["a"] != found["a"]
    assert found["b"] == found["c"] == -found["d"] == float("inf")


def test_a_lone_surrogate_is_left_to_the_field_that_knows_its_name():
    assert strict_json.read(rb'{"a": "\ud800"}') == {"a": "\ud800"}
