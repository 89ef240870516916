"""Tags: words that stewards add for what the fixed lists do not know. A tag has a code, a label in each language and
other words that people look for it by; listings hold its code in `x.tags`. It can be retired, and is never deleted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.catalog import queries
from finder.errors import Conflict, Invalid, NotFound, Problem
from finder.fields import Text
from finder.listings.models import Tag

MOST_TAGS = 500
MOST_OF_LISTING = 20
MOST_SYNONYMS, LONGEST_WORDS = 30, 60
_CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")


@dataclass(frozen=True, slots=True)
class Known:
    """One tag. `labels` by language, in the order they were given."""

    code: str
    labels: Mapping[str, str]
    synonyms: Sequence[str]
    retired: bool

    def label(self, language: str) -> str:
        """What it is called in a language, else in any."""
        return self.labels.get(language) or next(iter(self.labels.values()), self.code)


def known(session: Session) -> dict[str, Known]:
    """Every tag by its code, retired ones too, in the order of the codes."""
    return {row.code: Known(row.code, dict(row.labels), tuple(row.synonyms), row.retired)
            for row in session.scalars(select(Tag).order_by(Tag.code))}


def check(session: Session, codes: Collection[str], kept: Collection[str] = ()) -> list[str]:
    """The codes of a listing's tags, each once. `kept` are those that it holds already, which may be retired ones.

    Raises Invalid("tags"): not_a_code for one that is unknown or retired, too_many.
    """
    wanted, there = list(dict.fromkeys(codes)), known(session)
    wrong = [Problem("not_a_code", value=one[:40]) for one in wanted
             if one not in kept and (one not in there or there[one].retired)]
    if len(wanted) > MOST_OF_LISTING:
        wrong.append(Problem("too_many", max=MOST_OF_LISTING))
    if wrong:
        raise Invalid({"tags": wrong}, "listing")
    return wanted


def words(session: Session) -> dict[str, tuple[str, ...]]:
    """Per code all that a listing with the tag is found by: its labels and the other words for it."""
    return {one.code: tuple(dict.fromkeys([*one.labels.values(), *one.synonyms])) for one in known(session).values()}


def of(document: Mapping[str, Any]) -> list[str]:
    """The codes that a listing document holds; none where something else stands there."""
    found = (document.get("x") or {}).get("tags")
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def add(session: Session, code: str, labels: Mapping[str, str], synonyms: Sequence[str]) -> Known:
    """A new tag. Raises Invalid by field: code, label, label-<language>, synonyms."""
    errors: dict[str, list[Problem]] = {}
    if not _CODE.fullmatch(code):
        errors["code"] = [Problem("not_a_code", value=code[:40])]
    elif session.get(Tag, code) is not None:
        errors["code"] = [Problem("repeated")]
    elif len(known(session)) >= MOST_TAGS:
        errors["code"] = [Problem("too_many", max=MOST_TAGS)]
    said, others = _checked(labels, synonyms, errors)
    session.add(Tag(code=code, labels=said, synonyms=others, retired=False))
    session.flush()
    queries.raise_version(session)
    return known(session)[code]


def change(session: Session, code: str, labels: Mapping[str, str], synonyms: Sequence[str], *,
           before: Known) -> Known:
    """A tag with other words. Raises Invalid as `add`, NotFound, and Conflict("stale") when it is not `before`."""
    row = find_row(session, code)
    if known(session)[code] != before:
        raise Conflict("stale")
    said, others = _checked(labels, synonyms, {})
    row.labels, row.synonyms = said, others
    session.flush()
    queries.raise_version(session)
    return known(session)[code]


def retire(session: Session, code: str, *, retired: bool = True) -> None:
    """Says that no further listing gets a tag, or takes that back. Listings that hold it keep it. Raises NotFound."""
    find_row(session, code).retired = retired
    session.flush()
    queries.raise_version(session)


def find_row(session: Session, code: str) -> Tag:
    """The row of a tag. Raises NotFound."""
    row = session.get(Tag, code)
    if row is None:
        raise NotFound("tag")
    return row


def _checked(labels: Mapping[str, str], synonyms: Sequence[str],
             errors: dict[str, list[Problem]]) -> tuple[dict[str, str], list[str]]:
    said = {code: text.strip() for code, text in labels.items() if text.strip()}
    others = list(dict.fromkeys(one.strip() for one in synonyms if one.strip()))
    if not said:
        errors["label"] = [Problem("required")]
    for code, text in said.items():
        _try(errors, f"label-{code}", text)
    for one in others:
        _try(errors, "synonyms", one)
    if len(others) > MOST_SYNONYMS:
        errors["synonyms"] = [Problem("too_many", max=MOST_SYNONYMS)]
    if errors:
        raise Invalid(errors, "tag")
    return said, others


def _try(errors: dict[str, list[Problem]], name: str, text: str) -> None:
    try:
        Text(LONGEST_WORDS).read(text)
    except ValidationError as wrong:
        errors[name] = [one for one in wrong.messages if isinstance(one, Problem)]
