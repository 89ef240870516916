from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finder.places import gazetteer
from finder.web import embed_presets
from finder.web.embed_presets import Presets

PLACES = gazetteer.load()


def read(**said: str) -> Presets:
    return embed_presets.read({name: [value] for name, value in said.items()}, PLACES)


def test_all_that_a_host_can_choose_is_read_and_written_again() -> None:
    chosen = read(place="salem or", miles="50", kind="peer_support,warmline", topic="grief", color="#00695C",
                  background="fff")
    assert chosen == Presets("Salem, OR", "50", ("peer_support", "warmline"), ("grief",), "#00695c", "#ffffff")
    assert chosen.in_address() == {"place": "Salem, OR", "miles": "50", "kind": "peer_support,warmline",
                                   "topic": "grief", "color": "00695c", "background": "ffffff"}
    assert read(**chosen.in_address()) == chosen


def test_what_is_as_usual_makes_no_address() -> None:
    assert read() == Presets()
    assert Presets().in_address() == {}
    assert read(miles="25").in_address() == {}


@pytest.mark.parametrize("said", [
    {"place": "zzqxv"}, {"place": "Franklin"}, {"place": "x" * 5000}, {"place": "I want to die"}, {"place": "\x00"},
    {"miles": "7"}, {"miles": "25.0"}, {"miles": "-5"}, {"kind": "no_such_kind"}, {"kind": "Peer_Support"},
    {"topic": ",,,"}, {"color": "red"}, {"color": "#12345"}, {"color": "#1234567"}, {"color": "}body{"},
    {"color": "٠٠٦٩٥ج"}, {"background": "javascript:x"}, {"onload": "x"}, {"lang": "xx"},
], ids=str)
def test_what_is_not_known_is_left_out(said: dict[str, str]) -> None:
    assert read(**said) == Presets()


def test_one_wrong_value_costs_the_others_nothing() -> None:
    assert read(place="Salem, OR", kind="warmline,nonsense,peer_support", color="nonsense") == Presets(
        "Salem, OR", kinds=("warmline", "peer_support"))


def test_only_so_many_codes_of_one_kind_count() -> None:
    assert len(read(topic=",".join(["grief"] * 500)).topics) == 1
    assert len(embed_presets.read({"kind": ["peer_support", "warmline"]}, PLACES).kinds) == 1


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*embed_presets.NAMES, "more"]), st.lists(st.text(), max_size=3)))
def test_nothing_anybody_writes_breaks_it(said: dict[str, list[str]]) -> None:
    chosen = embed_presets.read(said, PLACES)
    assert embed_presets.read({name: [value] for name, value in chosen.in_address().items()}, PLACES) == chosen
