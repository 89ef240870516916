"""Which services of a human services directory are groups, by the names of their taxonomy terms and their own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from finder.exchange.cells.text import clean
from finder.exchange.hsds.terms import rows

MOST_READ = 500  # characters of a name in which words are looked for


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of group, the words that state it, and what they state besides."""

    words: re.Pattern[str]
    group_type: str
    attendees: str | None = None


# Read in this order. "Group counseling" and "group therapy" name no method and no leader, so they are neither
# `structured_therapy` nor `clinician_support`; `process` is what SAMHSA's dictionary means by them (facility_codes).
KINDS = (
    Kind(re.compile(r"\b(?:families|relatives)\b.{0,80}\bsupport groups?\b", re.I), "family_peer", "relatives"),
    Kind(re.compile(r"\b(?:bereave\w*|grief|(?:suicide|homicide) survivors?)\b.{0,60}\bsupport groups?\b", re.I),
         "grief_group"),
    Kind(re.compile(r"\b(?:12|twelve)[ -]step\b|\banonymous\b.{0,30}\b(?:groups?|meetings?)\b|\bself[- ]help groups?\b"
                    r"|\bmutual[- ]aid groups?\b", re.I), "mutual_aid"),
    Kind(re.compile(r"\bsupport groups?\b", re.I), "peer_support"),
    Kind(re.compile(r"\bgroup (?:counsell?ing|therapy|psychotherapy)\b", re.I), "process"),
    Kind(re.compile(r"\bintensive outpatient\b", re.I), "iop"),
    Kind(re.compile(r"\bpartial hospitali[sz]ation\b", re.I), "php"),
    Kind(re.compile(r"\bwarm[- ]?lines?\b", re.I), "warmline"),
    Kind(re.compile(r"\bclubhouses?\b.{0,40}\bmental\b|\brecovery community (?:centers?|organi[sz]ations?)\b", re.I),
         "recovery_center"),
)


def terms(service: Mapping[str, Any]) -> Iterator[str]:
    """Names of the terms a service is filed under, each once."""
    seen: set[str] = set()
    for one in rows(service, "attributes"):
        term = one.get("taxonomy_term")
        name = clean(term.get("name")) if isinstance(term, dict) else ""
        if name and name not in seen:
            seen.add(name)
            yield name


def stated(texts: Iterable[str]) -> tuple[Kind | None, list[str]]:
    """The first kind of KINDS that any text states, and the texts that state it."""
    held = list(texts)
    for kind in KINDS:
        stating = [one for one in held if kind.words.search(one[:MOST_READ])]
        if stating:
            return kind, stating
    return None, []
