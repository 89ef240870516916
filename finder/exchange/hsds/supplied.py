"""Codes of the 211 taxonomy, which an operator with a license supplied, as one more HSDS taxonomy, and read back.

The operator's table says what each code means in ours. A code that means codes of several lists (a kind of group, and
what it is about) is said of a listing that has one of each; read back it means all of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from finder.crosswalks import Crosswalk, supplied
from finder.exchange.hsds.terms import Row, nested, rows

LINK = "taxonomy"  # `link_type` of these attributes: they fill no field of ours
_NAME = "211"
_ABOUT = "Codes of the 211 taxonomy, as the publisher of this directory supplied them under a license of its own."
# Fields of a listing whose codes a table may name, by the list of ours they are of.
_FIELDS = {"group_types": ("group_type",), "focus_areas": ("focus",), "modalities": ("modalities",),
           "facilitator_types": ("led_by",), "populations": ("populations", "restricted_to"),
           "languages": ("languages",), "organization_kinds": ("organization.kind",),
           "cost_payment": ("cost.insurance",), "accessibility": ("accessibility",),
           "session_formats": ("sessions.format",)}


class Codes:
    """A table of 211 codes. An empty one says and reads nothing."""

    __slots__ = ("_meaning", "_terms", "_theirs", "key", "taxonomies", "terms")

    def __init__(self, table: Crosswalk) -> None:
        key = nested("taxonomy", table.name)
        self.taxonomies: list[Row] = [{"id": key, "name": _NAME, "description": _ABOUT}] if table.rows else []
        self._meaning: dict[str, dict[str, frozenset[str]]] = {}
        self._theirs: dict[tuple[str, str], tuple[str, ...]] = {}
        for row in table.rows:
            held = self._meaning.setdefault(row.theirs, {})
            held[row.list_name] = held.get(row.list_name, frozenset()) | {row.ours}
            self._theirs[row.list_name, row.ours] = table.theirs(row.list_name, row.ours)
        self._terms: dict[str, Row] = {
            code: {"id": nested(key, code), "code": code, "name": table.labels[code],
                   "description": table.labels[code], "taxonomy": _NAME, "taxonomy_detail": self.taxonomies[0],
                   "language": "en"} for code in self._meaning}
        self.terms: list[Row] = list(self._terms.values())
        # Names this table among others, for what is kept of it.
        said = "\n".join(f"{row.theirs}\t{row.label}\t{row.list_name}\t{row.ours}" for row in table.rows)
        self.key = hashlib.blake2b(said.encode(), digest_size=4).hexdigest() if said else ""

    def of(self, document: Mapping[str, Any]) -> Iterator[str]:
        """The codes that are true of a listing, each once."""
        held = {(name, code) for name, fields in _FIELDS.items() for field in fields
                for code in _stated(document, field)} if self._theirs else set()
        likely = dict.fromkeys(code for pair in sorted(held) for code in self._theirs.get(pair, ()))
        for code in likely:
            if all(any((name, one) in held for one in ours) for name, ours in self._meaning[code].items()):
                yield code

    def term(self, code: str) -> Row:
        """The row of a code."""
        return dict(self._terms[code])

    def attributes(self, key: str, document: Mapping[str, Any]) -> list[Row]:
        """The codes of a listing as attributes of its service, whose id is `key`."""
        return [{"id": nested(key, f"{LINK}/{code}"), "link_id": key, "link_type": LINK, "link_entity": "service",
                 "taxonomy_term": self.term(code)} for code in self.of(document)]

    def read(self, service: Mapping[str, Any]) -> dict[str, list[str]]:
        """Our codes, by list, for the 211 codes that a service of others is filed under."""
        found: dict[str, dict[str, None]] = {}
        for code in self._filed(rows(service, "attributes")) if self._meaning else ():
            for name, ours in self._meaning[code].items():
                found.setdefault(name, {}).update(dict.fromkeys(sorted(ours)))
        return {name: list(codes) for name, codes in found.items()}

    def _filed(self, attributes: Iterable[Mapping[str, Any]]) -> Iterator[str]:
        for one in attributes:
            term = one.get("taxonomy_term")
            said = (term.get("code"), term.get("id")) if isinstance(term, dict) else ()
            for code in (*said, one.get("taxonomy_term_id")):  # packages of 2.0 have the code as the id of the term
                if isinstance(code, str) and code in self._meaning:
                    yield code
                    break


def read(folder: Path) -> Codes:
    """The codes that the operator put into the instance's folder; none where there is no such table. Raises Invalid as
    crosswalks.read."""
    return Codes(supplied(folder, _NAME))


NONE = Codes(Crosswalk(_NAME, ()))


def _stated(document: Mapping[str, Any], field: str) -> Iterable[str]:
    found: Any = document
    for name in field.split("."):
        found = [one.get(name) for one in found] if isinstance(found, list) else (found or {}).get(name)
    if isinstance(found, Mapping):  # what helps people to take part, where it is there
        return [code for code, answer in found.items() if answer != "no"]
    return [found] if isinstance(found, str) else found or ()
