import csv
import json
import random
import string

import pytest
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from finder.search.lexicon import Lexicon, folded
from finder.search.text import NEAR
from tests.shared import shared

LETTERS = string.ascii_lowercase + string.digits + "éñ中"


def every(words, least, most):
    return [one for one in sorted(words, key=lambda one: (len(one), one)) if least <= len(one) <= most]


def mistyped(word, chance):
    for _ in range(chance.choice((1, 1, 2, 3))):
        at = chance.randrange(len(word) + 1)
        kind = chance.random()
        if kind < 0.3:
            word = word[:at] + chance.choice(LETTERS) + word[at:]
        elif kind < 0.6 and len(word) > 1:
            word = word[:at] + word[at + 1 :]
        elif kind < 0.8:
            word = word[:at] + chance.choice(LETTERS) + word[at + 1 :]
        else:
            word = word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
    return word or "x"


def like_rapidfuzz(words, asked):
    """Whether both ways that listings are searched find what comparing with every word finds, in the same order."""
    lexicon = Lexicon(words)
    for word in asked:
        least, most = len(word) * 2 // 3, len(word) * 3 // 2
        found = process.extract(word, lexicon.alike(word, least, most, 0, 1 - NEAR / 100), scorer=fuzz.ratio,
                                score_cutoff=NEAR, limit=12)
        expected = process.extract(word, every(words, least, most), scorer=fuzz.ratio, score_cutoff=NEAR, limit=12)
        assert [one[:2] for one in found] == [one[:2] for one in expected], word
        for slips in (1, 2):
            least, most = len(word) - slips, len(word) + slips
            found = process.extract(word, lexicon.alike(word, least, most, 2 * slips), scorer=OSA.distance,
                                    score_cutoff=slips, limit=48)
            expected = process.extract(word, every(words, least, most), scorer=OSA.distance, score_cutoff=slips,
                                       limit=48)
            assert [one[:2] for one in found] == [one[:2] for one in expected], word


@pytest.mark.parametrize("seed", range(6))
def test_no_like_word_is_left_out_of_made_up_ones(seed):
    chance = random.Random(seed)
    words = {"".join(chance.choices(LETTERS[: chance.choice((4, 12, len(LETTERS)))], k=chance.randint(1, 14)))
             for _ in range(2_000)}
    like_rapidfuzz(words, [mistyped(one, chance) for one in chance.sample(sorted(words), 60)])


def real_names():
    for path in sorted(shared("data").glob("tsml-*/*.json")):
        rows = json.loads(path.read_text(encoding="utf-8"))
        yield from (str(row.get(key) or "") for row in rows if isinstance(row, dict) for key in ("name", "location"))
    for path in sorted(shared("data").glob("ca-dhcs-*/*.csv")):
        with path.open(encoding="utf-8", errors="replace") as file:
            yield from (" ".join(row[:6]) for row in csv.reader(file))


def test_no_like_word_is_left_out_of_the_names_of_real_listings():
    words = {word for name in real_names() for word in folded(name)}
    assert len(words) > 3_000
    chance = random.Random(1)
    like_rapidfuzz(words, [mistyped(one, chance) for one in chance.sample(sorted(words), 80)])


def test_nothing_is_like_a_word_where_there_are_none():
    assert Lexicon(()).alike("anything", 1, 20, 4) == []
    assert Lexicon(("short",)).alike("x" * 90, 60, 135, 0, 0.2) == []
