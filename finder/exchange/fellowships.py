"""What a fellowship's own texts say of every meeting it holds: whom it is for, what it costs, who leads it.

A feed belongs to a fellowship when a mapping, the feed's own publisher name or the name given for the import says so;
last comes its web address, and that is flagged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

TWELVE_STEPS = ("mutual_aid_12step",)


@dataclass(frozen=True, slots=True)
class Fellowship:
    """One fellowship. `attendees` holds for all its meetings; None: each meeting says whether it is open.

    `gift`: its own sentence on money, from the text named in `source`. `focus`: most important first.
    """

    code: str
    name: str
    focus: tuple[str, ...]
    gift: str
    source: str
    group_type: str = "mutual_aid"
    attendees: str | None = None
    modalities: tuple[str, ...] = TWELVE_STEPS
    words: str = ""
    hosts: str = ""


_SEVENTH = "Seventh Tradition: fully self-supporting, declining outside contributions"
# `led_by` is peer for all: each has the Eighth Tradition ("should remain forever nonprofessional") or says the same.
FELLOWSHIPS = (
    Fellowship("al-anon", "Al-Anon Family Groups", ("family_of_sud",),
               "There are no dues for membership; voluntary contributions.",
               "Suggested Al-Anon Preamble to the Twelve Steps: for relatives and friends of alcoholics",
               "family_peer", "relatives", words=r"al-?anon|\balateen\b", hosts=r"al-?anon|alateen"),
    Fellowship("nar-anon", "Nar-Anon Family Groups", ("family_of_sud",), "No dues; voluntary contributions.", _SEVENTH,
               "family_peer", "relatives", words=r"\bnar-?anon\b", hosts=r"nar-?anon"),
    Fellowship("eda", "Eating Disorders Anonymous", ("eating_disorder",),
               "No dues or fees; voluntary contributions.", "EDA Preamble and Seventh Tradition",
               words=r"eating disorders anonymous|\bEDA\b", hosts=r"eatingdisordersanonymous"),
    Fellowship("aa", "Alcoholics Anonymous", ("alcohol",),
               "There are no dues or fees for A.A. membership; voluntary contributions.",
               "A.A. Preamble (AA Grapevine)",
               words=r"alcoholics anonymous|\bA\.?A\.?\b", hosts=r"(?:^|[.\-])aa|aa(?:[.\-]|$)|alcoholicsanonymous"),
    Fellowship("na", "Narcotics Anonymous", ("general_recovery",),
               "There are no dues or fees; voluntary contributions.",
               "NA White Booklet, 'What is the Narcotics Anonymous Program?': any drug, alcohol included",
               words=r"narcotics anonymous|\bN\.?A\.?\b", hosts=r"(?:^|[.\-])na(?:[.\-]|$)|narcoticsanonymous"),
    Fellowship("oa", "Overeaters Anonymous", ("overeating",), "There are no dues or fees; voluntary contributions.",
               "OA Preamble", words=r"overeaters anonymous", hosts=r"overeatersanonymous|(?:^|\.)oa\.org$"),
    Fellowship("ga", "Gamblers Anonymous", ("gambling",), "There are no dues or fees; voluntary contributions.",
               "GA Combo Book", words=r"gamblers anonymous", hosts=r"gamblersanonymous"),
    Fellowship("ca", "Cocaine Anonymous", ("stimulants", "general_recovery"),
               "There are no dues or fees; voluntary contributions.", "C.A. Preamble", words=r"cocaine anonymous",
               hosts=r"(?:^|[.\-])ca\.org$"),
    Fellowship("ma", "Marijuana Anonymous", ("cannabis",), "There are no dues or fees; voluntary contributions.",
               "M.A. Preamble", words=r"marijuana anonymous", hosts=r"marijuana-?anonymous"),
)
BY_CODE = {one.code: one for one in FELLOWSHIPS}


def named(text: str) -> Fellowship | None:
    """The fellowship whose name stands in a publisher's name; None for none. Short forms count in capitals only."""
    for one in FELLOWSHIPS:
        long, _, abbreviation = one.words.partition(r"|\b")
        if re.search(long, text, re.I) or (abbreviation and re.search(rf"\b{abbreviation}", text)):
            return one
    return None


def hosted(url: str) -> Fellowship | None:
    """The fellowship that a web address belongs to by its host name; None for none."""
    try:
        host = (urlsplit(url).hostname or "").removeprefix("www.").lower()
    except ValueError:
        return None
    return next((one for one in FELLOWSHIPS if host and re.search(one.hosts, host)), None)
