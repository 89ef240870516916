"""`finder export`: everything published as one file, in the formats that others read. Formats are lines of FORMATS."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import click
import orjson
from flask_babel import force_locale

from finder import crosswalks, wording
from finder.cli.script import Failure, Instance, note, show
from finder.crosswalks import Crosswalk
from finder.db import is_ready
from finder.exchange import entries, ical, meeting_guide_feed, public_tables
from finder.exchange.entries import Entry
from finder.exchange.fhir.healthcare_service import healthcare_service
from finder.exchange.fhir.location import locations
from finder.exchange.fhir.organization import organization
from finder.exchange.hsds import supplied, tabular
from finder.exchange.hsds.supplied import NONE, Codes
from finder.exchange.weekly import Site
from finder.instance import newest
from finder.wordings import feeds
from finder.wordings.language import locale_name

MOST_PROGRAMS = 1_000_000  # of a calendar on disk; one that phones subscribe to has less
Left = Mapping[str, int]  # what a format cannot say: how many, by reason


@dataclass(frozen=True, slots=True)
class Given:
    """What a format is written with; `terms` are those of 211 that the operator supplied, for FHIR."""

    site: Site
    now: datetime
    license: str
    codes: Codes = NONE
    terms: Crosswalk | None = None


def _listing(found: Iterable[Entry], out: IO[bytes], given: Given) -> Left:
    terms = public_tables.Terms(given.license, given.now)
    for line in public_tables.json_lines(found, site=given.site, terms=terms):
        out.write(line.encode())
    return {}


def _csv(found: Iterable[Entry], out: IO[bytes], given: Given) -> Left:
    terms = public_tables.Terms(given.license, given.now)
    for piece in public_tables.csv_text(found, site=given.site, terms=terms):
        out.write(piece.encode())
    return {}


def _meeting_guide(found: Iterable[Entry], out: IO[bytes], given: Given) -> Left:
    words = meeting_guide_feed.Words(*feeds.meeting_notes())
    feed = meeting_guide_feed.write(found, site=given.site, words=words, today=given.now.date())
    out.write(orjson.dumps(feed.meetings, option=orjson.OPT_APPEND_NEWLINE))
    return feed.left_out


def _hsds(found: Iterable[Entry], out: IO[bytes], given: Given) -> Left:
    tabular.write_package(found, out, now=given.now, license_name=given.license or None,
                          codes=given.codes)
    return {}


def _fhir(found: Iterable[Entry], out: IO[bytes], given: Given) -> Left:
    """One resource a line; what several programs share, once."""
    seen: set[tuple[str, str]] = set()
    for entry in found:
        for one in _resources(entry, given):
            key = one["resourceType"], one["id"]
            if key not in seen:
                seen.add(key)
                out.write(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE))
    return {}


def _resources(entry: Entry, given: Given) -> Iterator[dict[str, Any]]:
    site = given.site.url
    runner = organization(entry, site=site)
    if runner is not None:
        yield runner
    yield from locations(entry, site=site)
    yield healthcare_service(entry, site=site, supplied=given.terms)


def _ics(found: Iterable[Entry], out: IO[bytes], given: Given) -> Left:
    words = ical.Wording(feeds.calendar_name(), feeds.event_title,
                         lambda session: feeds.event_note(wording.format_text(session["format"])))
    feed = ical.feed(found, page=given.site.page, words=words, now=given.now, most=MOST_PROGRAMS)
    out.write(feed.calendar)
    return {"too_many": feed.left_out} if feed.left_out else {}


Writer = Callable[[Iterable[Entry], IO[bytes], Given], Left]
FORMATS: Mapping[str, Writer] = {
    "listing": _listing, "csv": _csv, "meeting-guide": _meeting_guide, "hsds": _hsds, "fhir": _fhir, "ics": _ics,
}


@click.command("export")
@click.option("--format", "fmt", type=click.Choice(tuple(FORMATS)), required=True, help="How the file is written.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where it goes.")
@click.option("--license", "license_name", default="",
              help="The license you publish the list under, as in CC-BY-4.0; else the one set for this instance.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.pass_obj
def export(instance: Instance, fmt: str, out: Path, license_name: str, as_json: bool) -> None:
    """Write everything that is published to one file.

    Formats: listing (JSON Lines), csv, meeting-guide (JSON), hsds (zip of tables), fhir (one resource a line), ics.
    The file is there only when it is whole.

    \b
    Example:
      finder export --format hsds --out directory.zip --license CC-BY-4.0
    """
    services = instance.services
    if not is_ready(services.database):
        raise Failure("There is no instance here yet. `finder init` makes one.")
    services.database.upgrade()
    app, counted = instance.create_app(instance.settings, services=services), _Counted()
    speaking = force_locale(locale_name(services.settings.default_locale))
    with _whole(out) as file, services.database.reading() as session, app.app_context(), speaking:
        given = _given(session, services, license_name.strip())
        left = FORMATS[fmt](counted.of(entries.entries(session)), file, given)
    if as_json:
        show({"listings": counted.number, "left_out": dict(left)})
        return
    note(f"{counted.number:,} listings are in {out}.")
    for why, count in sorted(left.items()):
        note(f"Left out, {why.replace('_', ' ')}: {count:,}")


def _given(session: Any, services: Any, license_name: str) -> Given:
    saved, held = newest(session), services.settings
    return Given(_site(held, saved.name), services.now(), license_name or saved.license or held.data_license,
                 supplied.read(held.instance), crosswalks.supplied(held.instance, "211"))


class _Counted:
    """Counts what passes."""

    number = 0

    def of(self, found: Iterable[Entry]) -> Iterator[Entry]:
        for one in found:
            self.number += 1
            yield one


def _site(settings: Any, name: str) -> Site:
    address = settings.address
    return Site(name or settings.site_name, address, lambda slug: f"{address}/programs/{slug}",
                lambda slug: f"{address}/programs/{slug}/report")


@contextmanager
def _whole(out: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of `out` when nothing went wrong, and is gone otherwise."""
    if not out.parent.is_dir():
        raise Failure(f"There is no folder {out.parent}.")
    file = tempfile.NamedTemporaryFile(dir=out.parent, prefix=f".{out.name}.", delete=False)
    try:
        with file:
            yield file
        Path(file.name).chmod(0o644)
        os.replace(file.name, out)
    except BaseException:
        Path(file.name).unlink(missing_ok=True)
        raise
