"""The page for people who want to use the listings elsewhere: every format with its address, and what it leaves out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from flask.typing import ResponseReturnValue

from finder import wording
from finder.exchange import kept_facts, schema_org, shelf, weekly
from finder.exchange.shelf import Shelf
from finder.web.blueprint import seeker
from finder.web.own import own
from finder.web.pages import link, render, services
from finder.wordings.data_formats import FORMATS, LEFT_OUT, Format
from finder.wordings.language import gettext

# So many listings are counted for the page itself; of more, the numbers wait until somebody has fetched the file.
COUNTED_HERE = 2_000
FOLDER = "public"  # of the instance; where finder/api/whole.py keeps its files
BMLT = "/bmlt/"
FEED = "/feeds/changes.atom"
# Addresses that are for people, and so in their language.
PAGES: Mapping[str, str] = {"/calendar": "about_calendars", "/embed/about": "embed.about"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One format in the reader's language. `addresses` are pairs of a whole address and its path; `counts` say how
    many things it leaves out now, in words; `later`: that is counted when somebody asks for the file."""

    title: str
    about: str
    leaves_out: str
    addresses: tuple[tuple[str, str], ...]
    counts: tuple[tuple[int, str], ...]
    later: bool


@seeker.get("/data")
def data() -> ResponseReturnValue:
    """The listings as data: formats, addresses, license, and what each format leaves out"""
    held = services()
    now, license_name = held.shelf(), own().saved.license or held.settings.data_license
    parts = [(gettext(title), [_shown(one, now) for one in formats if not _is_off(one)])
             for title, formats in FORMATS.items()]
    return render("data", parts=parts, total=len(now.cards), license=license_name,
                  changed=wording.day_text(now.changed_at.date()) if now.changed_at else "",
                  linked=_linked(now, license_name))


def _is_off(one: Format) -> bool:
    return services().settings.bmlt == "off" and any(path.startswith(BMLT) for path in one.paths)


def _shown(one: Format, now: Shelf) -> Shown:
    address = services().settings.address
    paths = [_in_language(path) for path in one.paths]
    counts = _counts(one.counts, now)
    words = sorted(((count, gettext(LEFT_OUT[name])) for name, count in (counts or {}).items() if name in LEFT_OUT),
                   key=lambda pair: (-pair[0], pair[1]))
    if counts and counts.get("join_url"):
        words = [(counts["join_url"], gettext("links to join"))]
    return Shown(gettext(one.title), gettext(one.about), gettext(one.leaves_out),
                 tuple((f"{address}{path}", path) for path in paths), tuple(words), counts is None)


def _in_language(path: str) -> str:
    """The path of a page or a feed that speaks the reader's language, any other path as it is."""
    if path == FEED and link().language != link().default:
        return f"{path}?lang={link().language}"
    return link()(PAGES[path]) if path in PAGES else path


def _counts(kind: str, now: Shelf) -> Mapping[str, int] | None:
    """What a format leaves out now, by reason; None where nobody has counted it yet."""
    if not kind:
        return {}
    held = services()
    stem, ending = ("listings", "csv") if kind == "links" else ("meetings", "json")
    found = kept_facts.facts(held.settings.instance / FOLDER, stem, ending, shelf=now, day=held.now().date())
    if found is not None:
        return {name: int(count) for name, count in dict(found.get("left_out") or {}).items()}
    if len(now.cards) > COUNTED_HERE:
        return None
    both: Mapping[str, Mapping[str, int]] = now.left(f"left out {held.now().date()}", lambda: _counted(now))
    return both[kind]


def _counted(now: Shelf) -> Mapping[str, Mapping[str, int]]:
    """The same as the writers count, for a short list."""
    weeks: Counter[str] = Counter()
    links = 0
    today = services().now().date()
    with services().database.reading() as session:
        for one in shelf.listings(session, now.cards):
            for _ in weekly.slots(one, today=today, left_out=weeks):
                pass
            links += sum(1 for each in one.document.get("sessions") or () if each.get("join_url"))
    return {"weekly": weeks, "links": {"join_url": links}}


def _linked(now: Shelf, license_name: str) -> str:
    """What schema.org says of the list as a whole, for search engines of open data."""
    address = services().settings.address
    files = [(f"{address}/data/listings.csv", "text/csv"), (f"{address}/data/listings.jsonl", "application/jsonl"),
             (f"{address}/hsds/package.zip", "application/zip")]
    return schema_org.embedded(schema_org.dataset(
        name=own().site_name, about=gettext("A free list of peer support and therapy groups."), page=f"{address}/data",
        license=license_name, changed_at=now.changed_at, files=files))
