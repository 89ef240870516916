"""Taxonomies and their terms: our code lists, and 211 where the operator supplied it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response

from finder.api.hsds import answers, described, examples
from finder.api.hsds.asked import Asked, asked, nothing_asked
from finder.api.hsds.held import Held, held
from finder.api.hsds.narrowing import all_taxonomies, all_terms
from finder.api.hsds.routes import gives, lists
from finder.exchange.hsds.terms import Row
from finder.search.lexicon import folded, plain

_SAID = ("name", "description", "code")


@lists("/taxonomies", "HsdsTaxonomy", "taxonomies", examples.TAXONOMY, described.TAXONOMIES)
def taxonomies() -> Response:
    """All taxonomies."""
    ask, here = asked(described.TAXONOMIES), held()
    return _listed(all_taxonomies(here), ask, here)


@gives("/taxonomies", "HsdsTaxonomy", "one taxonomy", examples.TAXONOMY)
def taxonomy(key: str) -> Response:
    """One taxonomy."""
    here = held()
    return _alone(all_taxonomies(here), key, here)


@lists("/taxonomy_terms", "HsdsTaxonomyTerm", "terms of taxonomies", examples.TERM, described.TERMS)
def taxonomy_terms() -> Response:
    """All terms. None is under another, so each is at the top and none has a parent."""
    ask, here = asked(described.TERMS), held()
    found = [] if ask.parent_id else all_terms(here)
    if ask.taxonomy_id:
        key = ask.taxonomy_id.strip().lower()
        found = [one for one in found if one["taxonomy_detail"]["id"] == key]
    return _listed(found, ask, here)


@gives("/taxonomy_terms", "HsdsTaxonomyTerm", "one term", examples.TERM)
def taxonomy_term(key: str) -> Response:
    """One term."""
    here = held()
    return _alone(all_terms(here), key, here)


def _listed(rows: Sequence[Row], ask: Asked, here: Held) -> Response:
    name = here.name()
    there = answers.known(name)
    if there is not None:
        return there
    coded = [one for one in rows if one.get("code", "").lower() == ask.search.lower()] if ask.search else []
    words = folded(ask.search)
    if words:
        rows = coded or [one for one in rows if _holds(one, words)]
    start, count = ask.page.start, ask.page.per_page
    answer = answers.lines(rows) if ask.lines else answers.page(list(rows[start:start + count]), len(rows), ask)
    return answers.named(answer, name, here)


def _holds(row: Row, words: Sequence[str]) -> bool:
    said = plain(" ".join(row.get(name, "") for name in _SAID))
    return all(one in said for one in words)


def _alone(rows: Sequence[Row], key: str, here: Held) -> Response:
    name = here.name()
    there = answers.known(name)
    if there is not None:
        return there
    found = next((one for one in rows if one["id"] == key.lower()), None)
    if found is None:
        return answers.none()
    nothing_asked()
    return answers.named(answers.one(found), name, here)
