"""Two to four groups side by side: the same questions put to each, and which answers differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from finder import wording
from finder.web.listing_page import who_words
from finder.web.showing import Mark, Support, card, freshness, phone, seat, support
from finder.wordings.language import gettext

FEWEST, MOST = 2, 4
MOST_ASKED = 2  # questions of one group that fit into a cell


@dataclass(frozen=True, slots=True)
class Cell:
    """What one group says: words, and the drawing beside them if there is one."""

    words: str
    seat: Mark | None = None
    support: Support | None = None
    fresh: Mark | None = None
    phone: str | None = None
    band: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One question, the answer of each group, and whether they differ."""

    title: str
    cells: tuple[Cell, ...]

    @property
    def differs(self) -> bool:
        return len({one.words for one in self.cells}) > 1


def rows(listings: Sequence[Mapping[str, Any]], today: date,
         fits: Sequence[Mapping[str, Any] | None] = ()) -> list[Row]:
    """The rows of the table for listings as `find.program` gives them.

    `fits`: for each, how it fits the answers that the reader carries (see `listing_fit`); empty without answers.
    """
    columns = [_column(one, today, fit) for one, fit in zip(listings, fits or [None] * len(listings), strict=True)]
    return [Row(title, tuple(column[title] for column in columns)) for title in columns[0]]


def _column(found: Mapping[str, Any], today: date, fit: Mapping[str, Any] | None) -> dict[str, Cell]:
    document, unknown = found["document"], gettext("Not stated. You can ask.")
    shown = card({"id": found["id"], "slug": found["slug"]}, document, today=today,
                 distance_miles=fit.get("distance_miles") if fit else None)
    seats, posts = seat(document.get("capacity"), document.get("starts_on"), today), support(document)
    fresh = freshness((document.get("verified") or {}).get("on"), today)
    times = tuple(dict.fromkeys(wording.schedule_text(one, today=today, zone=True)
                                for one in document.get("sessions") or ()))
    access = [wording.label("accessibility", code) for code, answer in (document.get("accessibility") or {}).items()
              if answer == "yes"]
    cells = {
        **_fit(fit), gettext("Kind of group"): Cell(wording.label("group_types", document["group_type"])),
        gettext("When"): Cell("; ".join(times)), gettext("Where"): Cell(shown.where),
        gettext("Cost"): Cell(shown.cost), gettext("Places"): Cell(seats.words, seat=seats),
        gettext("Led by"): Cell(wording.label("facilitator_types", document["led_by"])
                                if document.get("led_by") else ""),
        gettext("Who it is for"): Cell(" ".join(who_words(document))),
        gettext("Support"): Cell(posts.words, support=posts),
        gettext("Style"): Cell(wording.listed(wording.label("modalities", one)
                                              for one in document.get("modalities") or ())),
        gettext("Language"): Cell(wording.languages_text(document["languages"]) if document.get("languages") else ""),
        gettext("Access"): Cell(wording.listed(access)),
        gettext("To join"): Cell(wording.join_text(document), phone=phone(document)),
        gettext("Last checked"): Cell(fresh.words, fresh=fresh),
    }
    return {title: cell if cell.words else Cell(unknown, phone=cell.phone) for title, cell in cells.items()}


def _fit(fit: Mapping[str, Any] | None) -> dict[str, Cell]:
    """How a group fits, and what to ask first; no rows for a reader without answers."""
    if fit is None:
        return {}
    if not fit.get("band"):
        left_out = "; ".join(words for words, _ in fit["left_out"])
        return {gettext("How it fits"): Cell(gettext("Not in your list: %(reasons)s", reasons=left_out)),
                gettext("Check first"): Cell(gettext("Nothing we know of"))}
    asked = " ".join(f"{one}" if one.endswith((".", "”", "?")) else f"{one}." for one in fit["check"][:MOST_ASKED])
    return {gettext("How it fits"): Cell(fit["band_words"], band=fit["band"]),
            gettext("Check first"): Cell(asked or gettext("Nothing we know of"))}
