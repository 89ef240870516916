"""Who runs the published listings: the organizations of HSDS, by id, and which listings are theirs."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from finder.catalog.models import PUBLISHED, Organization, Program
from finder.exchange.hsds.terms import Row, nested
from finder.exchange.hsds.write import STATUSES
from finder.exchange.shelf import PIECE, Card


@dataclass(frozen=True, slots=True)
class Runners:
    """`ids` in order. A listing that states no organization has one of its own (`write.organization`)."""

    ids: Sequence[str]
    _row: array[int] = field(repr=False)
    _ends: array[int] = field(repr=False)
    _number: dict[str, int] = field(repr=False)

    def number(self, key: str) -> int | None:
        """The place of an organization among all."""
        return self._number.get(key)

    def rows(self, number: int) -> Sequence[int]:
        """The rows of its listings, in order; it has one at least."""
        return self._row[self._ends[number]:self._ends[number + 1]]

    def of_rows(self, wanted: Iterator[int]) -> list[int]:
        """The numbers of the organizations that run one of these listings, in order."""
        marked = set(wanted)
        return [number for number in range(len(self.ids)) if not marked.isdisjoint(self.rows(number))]


def of(cards: Sequence[Card]) -> Runners:
    """The organizations of some listings."""
    found: dict[str, list[int]] = {}
    for row, card in enumerate(cards):
        found.setdefault(runner_of(card), []).append(row)
    ids = sorted(found)
    rows, ends = array("L"), array("L", [0])
    for key in ids:
        rows.extend(found[key])
        ends.append(len(rows))
    return Runners(ids, rows, ends, {key: number for number, key in enumerate(ids)})


def names(session: Session, cards: Sequence[Card]) -> Iterator[tuple[str, Row]]:
    """Id, name and status of the services of these listings, in their order, each behind its organization's id."""
    for start in range(0, len(cards), PIECE):
        piece = cards[start:start + PIECE]
        found = {row[0]: row for row in session.execute(
            select(Program.id, Program.name, Program.status)
            .where(Program.id.in_([card.id for card in piece]), Program.state == PUBLISHED))}
        for card in piece:
            if card.id in found:
                _, name, status = found[card.id]
                yield runner_of(card), {"id": str(card.id), "name": name, "status": STATUSES[status or "active"]}


def runner_of(card: Card) -> str:
    """The id of the organization that runs a listing, as `write.organization` gives it."""
    return str(card.organization_id) if card.organization_id else nested(card.id, "organization")


def texts(session: Session, cards: Sequence[Card]) -> dict[str, str]:
    """The words that each organization of these listings is found by: its name and web address."""
    stated = {row[0]: " ".join(filter(None, row[1:])) for row in session.execute(
        select(Organization.id, Organization.name, Organization.url))}
    alone = {row[0]: row[1] for row in session.execute(
        select(Program.id, Program.name).where(Program.state == PUBLISHED, Program.organization_id.is_(None)))}
    return {runner_of(card): stated.get(card.organization_id, "") if card.organization_id else alone.get(card.id, "")
            for card in cards}
