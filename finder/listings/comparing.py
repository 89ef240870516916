"""What an import would do with each row of a source: checked and compared with what is there, nothing written.

The import itself (edits.py) does what is said here, so that a dry run shows exactly what will be done.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from finder.catalog import queries, rows
from finder.catalog.models import DELETED, GONE, PUBLISHED, WITHHELD, Program, Source
from finder.listings import standing, writing
from finder.listings.origins import Origins
from finder.listings.outcomes import Deed, Departure, ImportReport, Kind, Outcome, Refusal, Why
from finder.listings.preparing import Checked
from finder.listings.ready import Ready, Said
from finder.listings.removals import Removals

# A source that suddenly lacks more than this part of its listings is more likely broken than true (a truncated feed),
# so nothing is taken down and a steward decides (TRUST M6). One listing may always go, unless not one row could be
# taken: such a file is no list of anything.
MOST_GONE = 0.1


class Comparison:
    """One source against the catalog, chunk by chunk; the report is told of everything."""

    def __init__(self, session: Session, source: Source, report: ImportReport, *, removals: Removals | None = None,
                 take_down_all: bool = False, seen: Collection[str] = ()) -> None:
        self.session, self.source, self.report = session, source, report
        self.removals = removals if removals is not None else Removals.standing(session)
        self.origins = Origins(session, source.id)
        self.take_down_all = take_down_all
        self.seen: set[str] = set(seen)
        self.taken = bool(seen)  # whether any row was a listing
        self._print = hashlib.blake2b(digest_size=16)

    def chunk(self, rows_said: Sequence[Checked]) -> list[Outcome]:
        """What becomes of these rows, in their order but for the refused ones, which come first."""
        found: list[Outcome] = []
        checked: dict[str, tuple[Checked, Ready | Said]] = {}
        for one in rows_said:
            listing = self._listing(one, found)
            if listing is not None:
                checked[one.key] = one, listing
        self.taken = self.taken or bool(checked)
        known = self.origins.known(checked)
        foreign = [(one.origin, key) for key, (one, _) in checked.items()
                   if one.origin is not None and key not in known]
        others = self.origins.elsewhere(foreign)
        taken = self.origins.taken(self.source.name, (name for name in foreign if name not in others))
        to_look_at: dict[uuid.UUID, Outcome] = {}
        for key, (one, listing) in checked.items():
            outcome = Outcome(Kind.UNCHANGED, row=one.row, key=key, listing=listing,
                              state=PUBLISHED if one.publish else WITHHELD, digest=listing.digest)
            found.append(outcome)
            there, why = known.get(key), None
            if one.origin is not None:
                there, why = self.origins.stands_for(one, there, others.get((one.origin, key)))
                why = Why.ELSEWHERE if (one.origin, key) in taken else why
                outcome.more = self._moves(one, there)
            if why is not None:
                outcome.kind, outcome.why = Kind.HELD, why
                self.report.left_alone[f"{one.origin}/{key}"] = why.value
            elif there is None:
                self._new(outcome)
            elif self._differs(outcome, there):
                to_look_at[there.id] = outcome
        self._known(to_look_at)
        for outcome in found:
            self.tell(outcome)
        return found

    def _moves(self, one: Checked, there: Row[Any] | None) -> dict[str, Any]:
        """Columns that say whose a listing is, where they change."""
        moved: dict[str, Any] = {}
        if there is None or there.origin != one.origin:
            moved["origin"] = one.origin
        if there is not None and there.source_id != self.source.id:
            moved["source_id"] = self.source.id
        return moved

    def _differs(self, outcome: Outcome, there: Row[Any]) -> bool:
        """Whether a listing that is there may have to be changed; settles what becomes of the others."""
        if there.state == DELETED or (there.merged_into is not None and there.state != GONE):
            outcome.kind, outcome.why = Kind.HELD, Why.DELETED
            return False
        if there.kept_fields or there.content_hash != outcome.digest or there.state != outcome.state or outcome.more:
            return True
        if outcome.state == WITHHELD:
            outcome.kind, outcome.why = Kind.HELD, Why.SOURCE
        return False

    def _listing(self, one: Checked, found: list[Outcome]) -> Ready | Said | None:
        if one.listing is None:
            # A row that broke is still there: what was published under its id stays until somebody looks.
            self.seen.add(one.key)
            found += [Outcome(Kind.REFUSED, row=one.row, refusal=Refusal(one.row, name, code))
                      for name, code in one.problems]
        elif one.key in self.seen:
            found.append(Outcome(Kind.REFUSED, row=one.row, refusal=Refusal(one.row, "id", "repeated")))
        else:
            self.seen.add(one.key)
            return one.listing
        return None

    def _new(self, outcome: Outcome) -> None:
        if self._is_removed(outcome):
            outcome.kind, outcome.why = Kind.HELD, Why.REMOVED
            return
        outcome.deed = Deed.ADD
        outcome.kind = Kind.ADDED if outcome.state == PUBLISHED else Kind.HELD
        outcome.why = None if outcome.state == PUBLISHED else Why.SOURCE

    def _known(self, outcomes: Mapping[uuid.UUID, Outcome]) -> None:
        """Settles what becomes of listings that are there and differ, or that a person has edited."""
        before = writing.read_rows(self.session, list(outcomes))
        texts = dict(zip(before, queries.documents(self.session, list(before.values())), strict=True))
        by_people = standing.set_by_people(self.session, [
            program for program, one in outcomes.items() if before[program]["state"] != one.state])
        for program, outcome in outcomes.items():
            outcome.row_before, outcome.before = before[program], texts[program]
            self._beside_people(outcome)
            self._settle(outcome, program in by_people)

    def _beside_people(self, outcome: Outcome) -> None:
        """Fields that a person set stay; what the source says instead is noted beside them."""
        assert outcome.row_before is not None
        assert outcome.before is not None
        assert outcome.document is not None
        fields = outcome.row_before["kept_fields"]
        if not fields:
            return
        said = outcome.document
        merged, digest = merge(said, outcome.before, fields), outcome.digest
        outcome.becomes(merged, rows.content_hash(merged))
        if outcome.digest != digest:
            outcome.feed = rows.written(said)
            outcome.conflicts = tuple(standing.conflicts(merged, said, fields))

    def _is_removed(self, outcome: Outcome) -> bool:
        """Whether its group asked not to be listed."""
        return bool(self.removals) and self.removals.hold(outcome.document or {}) is not None

    def _settle(self, outcome: Outcome, by_people: bool) -> None:
        row, wanted = outcome.row_before, outcome.state
        assert row is not None
        if by_people and row["state"] != wanted:
            outcome.state, outcome.why = row["state"], Why.PERSON
        elif wanted == PUBLISHED != row["state"] and self._is_removed(outcome):
            outcome.kind, outcome.why = Kind.HELD, Why.REMOVED
            return
        elif wanted == WITHHELD:
            outcome.why = Why.SOURCE
        if outcome.digest != row["content_hash"] or outcome.state != row["state"]:
            outcome.deed = Deed.CHANGE
            outcome.kind = Kind.CHANGED if PUBLISHED in (row["state"], outcome.state) else Kind.HELD
        else:
            outcome.kind = Kind.UNCHANGED if outcome.state == PUBLISHED else Kind.HELD
            outcome.deed = Deed.NONE if same_feed(outcome.feed, row["feed"]) else Deed.FEED
        if outcome.more:
            outcome.deed = Deed.CHANGE

    # -- listings that the source no longer has ----------------------------------------------------------------------

    def departed(self, departures: Sequence[Departure]) -> Iterator[list[Outcome]]:
        """Published listings of which the source itself says that they are gone, piece by piece: they go, or are held
        if they are many."""
        known = self.origins.known({one.key for one in departures})
        others = self.origins.elsewhere((one.origin, one.key) for one in departures if one.direct)
        going: dict[uuid.UUID, dict[str, Any]] = {}
        into = self.origins.programs(one.into for one in departures if one.into is not None)
        for one in departures:
            there, why = self.origins.stands_for(one, known.get(one.key), others.get((one.origin, one.key)))
            if why is None and there is not None and there.origin in (None, one.origin) and there.state == PUBLISHED:
                going[there.id] = {"source_id": self.source.id} if there.source_id != self.source.id else {}
                stands = into.get(one.into) if one.into is not None else None
                if stands not in (None, there.id):
                    going[there.id]["merged_into"] = stands
        yield from self._going(going, max(1, MOST_GONE * self.origins.published()))

    def missing(self) -> Iterator[list[Outcome]]:
        """Published listings of the source that were not among the rows, piece by piece: they go, or are held if they
        are many."""
        if self.source.id is None:
            return
        there = self.session.execute(select(Program.id, Program.source_key).where(
            Program.source_id == self.source.id, Program.state == PUBLISHED)).all()
        most = max(1, MOST_GONE * len(there)) if self.taken else 0
        yield from self._going({row.id: {} for row in there if row.source_key not in self.seen}, most)

    def _going(self, programs: Mapping[uuid.UUID, Mapping[str, Any]], most: float) -> Iterator[list[Outcome]]:
        """Programs that their source no longer has, with further columns for each; more than `most` are held."""
        by_people = standing.put_up_by_people(self.session, list(programs))
        going = {program: more for program, more in programs.items() if program not in by_people}
        many = len(going) > most and not self.take_down_all
        yield from self._all(dict.fromkeys(by_people, {}), Why.PERSON)
        yield from self._all(going, Why.MANY_GONE if many else None)

    def demonstration(self) -> Iterator[list[Outcome]]:
        """Made-up listings, which must not stand among real ones; piece by piece."""
        yield from self._all(dict.fromkeys(standing.demonstration(self.session), {}), None)

    def _all(self, programs: Mapping[uuid.UUID, Mapping[str, Any]], why: Why | None) -> Iterator[list[Outcome]]:
        ids = sorted(programs)  # in one order, because the fingerprint of a look and of the import itself must agree
        for start in range(0, len(ids), writing.CHUNK):
            rows_there = writing.read_rows(self.session, ids[start : start + writing.CHUNK])
            found = [Outcome(Kind.HELD if why else Kind.GONE, Deed.NONE if why else Deed.TAKE_DOWN,
                             key=row["source_key"], row_before=row, why=why, more=programs[program])
                     for program, row in sorted(rows_there.items())]
            for outcome in found:
                self.tell(outcome)
            yield found

    # -- what is told ------------------------------------------------------------------------------------------------

    def tell(self, outcome: Outcome) -> None:
        """Counts an outcome, and lets the fingerprint know of it."""
        report = self.report
        if outcome.refusal is not None:
            report.refused.append(outcome.refusal)
        elif outcome.kind is Kind.ADDED:
            report.added += 1
        elif outcome.kind is Kind.CHANGED:
            report.changed += 1
        elif outcome.kind is Kind.GONE:
            report.gone += 1
        elif outcome.kind is Kind.UNCHANGED:
            report.unchanged += 1
        if outcome.why is not None:
            report.held += 1
            report.held_why[outcome.why.value] = report.held_why.get(outcome.why.value, 0) + 1
        if outcome.kind is not Kind.UNCHANGED or outcome.deed:
            version = outcome.row_before["version"] if outcome.row_before is not None else 0
            self._print.update(f"{outcome.kind}|{outcome.deed}|{outcome.why}|{outcome.key}|{outcome.state}|{version}|"
                               f"{outcome.row if outcome.refusal else ''}|{outcome.feed or ''}\n".encode())
            self._print.update(outcome.digest)

    @property
    def fingerprint(self) -> str:
        """A name for all that was told: two runs with the same one do the same."""
        return self._print.hexdigest()


def merge(document: Mapping[str, Any], held: Mapping[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    """What a source says, with the fields of `held` in place of its own. Of two dates of checking the later counts."""
    merged = {key: one for key, one in document.items() if key not in fields}
    merged |= {key: held[key] for key in fields if key in held}
    if "verified" in fields and (said := document.get("verified")):
        merged["verified"] = max(said, held.get("verified") or said, key=lambda one: str(one["on"]))
    return {key: merged[key] for key in rows.ORDER if key in merged}


def same_feed(feed: str | None, was: str | None) -> bool:
    """Whether a source says the same beside a person's words as it did before."""
    if feed is None or was is None:
        return feed is was
    return rows.content_hash(orjson.loads(feed)) == rows.content_hash(orjson.loads(was))


