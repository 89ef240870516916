import pytest

from finder.search import text
from finder.search.text import read
from tests.make import make_listing


def listing(name, description=None, **more):
    return make_listing(name=name, **({"description": description} if description else {}), **more)


LISTINGS = (
    listing("Quiet Harbor", "We sit together and drink tea."),
    listing("Harbor Light", "A quiet walk along the water."),
    listing("The Quiet Harbor Walkers", "Boots and a flask."),
    listing("Tea and Knitting", "Bring wool."),
    listing("Knitting", "Tea follows.", organization={"name": "Harbor"}),
)
INDEX = text.index(LISTINGS)


def found(words):
    scores = INDEX.scores(words)
    assert scores is not None
    return [LISTINGS[row]["name"] for row in (-scores).argsort(kind="stable") if scores[row] > 0]


@pytest.mark.parametrize(("words", "expected"), [
    ("quiet harbor", {"Quiet Harbor", "Harbor Light", "The Quiet Harbor Walkers"}),
    ('"quiet harbor"', {"Quiet Harbor", "The Quiet Harbor Walkers"}),
    ("“quiet harbor”", {"Quiet Harbor", "The Quiet Harbor Walkers"}),
    ('"Quiet, HARBOR"', {"Quiet Harbor", "The Quiet Harbor Walkers"}),
    ('"the quiet"', {"The Quiet Harbor Walkers"}),
    ('"quiet harbour"', set()),
    ("quiet harbour", {"Quiet Harbor", "Harbor Light", "The Quiet Harbor Walkers"}),
    ('"harbor light', {"Harbor Light"}),
    ('"knitting tea"', set()),
    ('"and knitting"', {"Tea and Knitting"}),
    ('"quiet harbor" tea', {"Quiet Harbor"}),
    ("wool OR boots", {"Tea and Knitting", "The Quiet Harbor Walkers"}),
    ("wool | boots", {"Tea and Knitting", "The Quiet Harbor Walkers"}),
    ("wool|boots", {"Tea and Knitting", "The Quiet Harbor Walkers"}),
    ("quiet tea OR wool", {"Quiet Harbor", "Tea and Knitting"}),
    ('"harbor light" OR wool tea', {"Harbor Light", "Tea and Knitting"}),
    ("wool or boots", set()),
    ("OR wool OR", {"Tea and Knitting"}),
    ("harbor -tea", {"Harbor Light", "The Quiet Harbor Walkers"}),
    ('harbor -"quiet harbor"', {"Harbor Light", "Knitting"}),
    ("-harbor", {"Tea and Knitting"}),
    ("tea-wool", {"Tea and Knitting"}),
    ("harbor -tea-", {"Quiet Harbor", "Knitting"}),
    ("harbor -zebra", {"Quiet Harbor", "Harbor Light", "The Quiet Harbor Walkers", "Knitting"}),
    ("harbor -harbour", {"Quiet Harbor", "Harbor Light", "The Quiet Harbor Walkers", "Knitting"}),
    ("kniting", {"Tea and Knitting", "Knitting"}),
    ("knitt", {"Tea and Knitting", "Knitting"}),
])
def test_words_phrases_or_and_minus_say_which_listings_are_meant(words, expected):
    assert set(found(words)) == expected


@pytest.mark.parametrize("words", ["", "  ", "group", "the of", '""', '"', "-", "OR", "| |", "- OR -", '-""', "!!!"])
def test_a_text_that_tells_nothing_gives_no_scores(words):
    assert INDEX.scores(words) is None


def test_a_whole_match_stands_before_a_part_of_a_word():
    assert found("harbors")[0] == "Quiet Harbor"
    assert found("quiet wool OR boots") == ["The Quiet Harbor Walkers"]


def test_a_very_long_text_keeps_its_first_terms():
    asked = read(" ".join(f"w{number}" for number in range(500)) + ' OR "a b"')
    assert [len(group) for group in asked.groups] == [12]


def test_an_empty_index_answers():
    assert list(text.index(()).scores('quiet "quiet harbor" -tea')) == []
