"""A site in which whatever can be written is a text that would like to run, and looking at all of it in a browser."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Route
from sqlalchemy import String, func, select
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect, Rule

from finder.accounts.models import Factor
from finder.catalog.models import Program, Source
from finder.db import Base
from finder.hooks.models import Hook
from finder.listings import changes
from finder.listings.models import Double, Feed
from finder.mail.letters import compose
from finder.outbox import Message
from finder.teams import searches
from finder.teams.models import Team
from finder.web.desk import GUARDS
from tests.contracts.test_matrix import DESKS, OWN, path_of, rules
from tests.hooks.receiver import Receiver
from tests.journeys.conftest import Visit
from tests.journeys.filling import Filler, Turns, one_line, poisoned, spellings
from tests.journeys.payloads import MARK
from tests.journeys.test_every_desk_page import LETTERS, OF_GROUPS, OF_NOBODY, DeskWorld, pages
from tests.pages import Page, Pages
from tests.web.embed_pages import Frames
from tests.web.people import Person
from tests.web.sample import LISTINGS

EMAIL = "hello@lantern.example.org"  # whom the letters of the desks' world go to
OPEN = ("/", "/programs/{slug}/report", "/programs/{slug}/correct", "/add", "/next-step", "/programs")
LONG = 100  # letters; shorter columns hold codes, numbers and names of places, which the listing's own schema knows
SECONDS = 5  # that a form for anybody is open before it is sent
# Choices that a form cannot be guessed: a feed that needs no table of columns, a team without a number in a register.
GIVEN = {"steward.feed_new": {"format": "listing", "mapping": ""},
         "provider.join": {"register": "", "number": "", "npi": ""}}
DELETED = 5  # the listing, in the order of names, that is taken away
MOST_ALIKE = 3  # pages of one kind that are looked at because another page links to them
# What a browser is asked before and after a page has loaded. An attribute that runs, or an element of a payload, is a
# finding even where the policy kept it from running.
LISTEN = """() => { window.__told = [];
  addEventListener('securitypolicyviolation', e => __told.push(`${e.effectiveDirective} ${e.blockedURI} ${e.sample}`),
                   true); }"""
ODD = """(page) => {
  const odd = [];
  const never = 'iframe:not(.preview),object,embed,base,portal,applet,marquee,math,video,audio,image,animate,' +
    'foreignObject,[zq],x,[autofocus],[srcdoc],meta[http-equiv="refresh"],' +
    'script:not([src]):not([type="application/ld+json"])';
  for (const one of page.querySelectorAll(never)) odd.push('element: ' + one.outerHTML.slice(0, 120));
  for (const one of page.querySelectorAll('*')) for (const {name, value} of one.attributes) {
    if (/^on/i.test(name) || (/^(href|src|action|formaction|xlink:href)$/i.test(name) &&
        /^[\\s\\x00-\\x1f]*(javascript|data|vbscript|blob|view-source)[\\s]*:/i.test(value)))
      odd.push(`${one.localName} ${name}=${value.slice(0, 120)}`);
  }
  for (const one of page.querySelectorAll('script[type="application/ld+json"]')) JSON.parse(one.textContent);
  return odd;
}"""
LOOK = f"""() => {{
  const odd = [...(window.__told || [])];
  if (window.__x !== undefined) odd.push('ran: ' + window.__x);
  return odd.concat(({ODD})(document));
}}"""
# Sources are read by the browser's own parser and not shown: nothing of them can run, and what would run is an odd one.
READ = f"""sources => sources.map(
  source => ({ODD})(new DOMParser().parseFromString(source, 'text/html')))"""
AT_ONCE = 25  # sources that are read at once


class HostileWorld(DeskWorld):
    """The world of the desks over the sample's listings, every text of which is a payload, and every form sent."""

    def __init__(self, folder: Path, turns: Turns) -> None:
        made = [poisoned(one, turns, number) for number, one in enumerate(LISTINGS)]
        for one in made:
            one["contact"]["email"] = EMAIL
        super().__init__(folder, made)
        self.turns, self.answers = turns, list[Page]()
        self.site.app.extensions["finder_post"] = Receiver()
        self.filled: Counter[str] = Counter()

        self._write_rows()

    def _write_rows(self) -> None:
        """What comes in by other ways than forms: names of sources, feeds and passkeys, what a feed says against us."""
        at = self.site.clock().replace(tzinfo=None)
        with self.site.database.transaction() as session:
            session.scalars(select(Source)).one().name = self.words("source.name", 200)
            for team in session.scalars(select(Team)):
                team.name, team.note = self.words("team.name", 200), self.words("team.note", 1000)
            session.add(Hook(name=self.words("hook.name", 100), secret=b"x", made_at=at,
                             url=list(spellings(self.words("hook.url", 500)))[3]))
            session.add(Feed(id=1, name=self.words("feed.name", 200), url="https://example.org/a.json",
                             format="listing", mapping=self.words("feed.mapping", 500), made_at=at,
                             told={"name": self.words("feed.told", 200)}))
            session.add(Factor(account_id=self.joy.id, kind="passkey", name=self.words("factor.name", 100), secret=b"x",
                               credential_id=b"x", made_at=at))
            own, other = (session.get_one(Program, one) for one in self.ids.values())
            said = changes.find(session, own.id).document
            own.kept_fields, own.feed_open = {"description": "2026-11-01", "contact": "2026-11-01"}, True
            own.feed = json.dumps({**said, "description": self.words("feed.description", 500),
                                   "contact": {**said["contact"], "note": self.words("feed.note", 300)}})
            session.add(Double(one=own.id, two=other.id, score=0.9, verdict="likely", reasons=[], found_at=at))

    def words(self, name: str, most: int) -> str:
        return one_line(self.turns(name, most))

    def _save_searches(self) -> None:
        services = self.site.app.extensions["finder"]
        with self.site.database.transaction() as session:
            for team in session.scalars(select(Team)):
                made = searches.keep(session, team.id, self.joy.id, "Evenings", {"needs": ["grief"]}, fits=(),
                                     gazetteer=services.gazetteer, vocabulary=services.vocabulary,
                                     now=self.site.clock())
                made.name = self.words("saved_search.name", 100)

    @property
    def desk_pages(self) -> Iterator[tuple[str, str]]:
        """Endpoint and address of every page of the desks."""
        for name in pages():
            rule = next(one for one in rules(self.site) if one.endpoint == name)
            if "GET" in (rule.methods or ()) and "secret" not in rule.arguments:
                yield name, self.desk_path(name, rule)

    def desk_path(self, name: str, rule: Rule) -> str:
        path = self.draft_path(rule.rule) if "draft" in name else path_of(self, rule, OWN if rule.arguments else None)
        keys = self.site.keys
        return path + (f"?g={keys[0]}&g={keys[1]}" if name in OF_GROUPS else "")

    def fill(self, only: Collection[str] = ()) -> None:
        """Sends every form of every page, of visitors, of letters and of desks, or of those named, with payloads."""
        self.only = frozenset(only)
        app, other = self.site.app, self.slugs["other"]
        anybody = Filler(Pages(app.test_client()), self.turns, lambda: self.site.wait(SECONDS))
        for path in OPEN:
            self._fill(anybody, path, lambda path=path: path.format(slug=other))  # type: ignore[misc]
        for name, letter in LETTERS.items():
            self._fill(anybody, name, lambda letter=letter: letter(self))  # type: ignore[misc]
        framed = Filler(Frames(app.test_client()), self.turns, lambda: None)
        self._fill(framed, "/embed", lambda: "/embed")
        somebody = Filler(self.people["operator"].pages, self.turns, lambda: None)
        self._fill(somebody, "claim", lambda: f"/programs/{other}/claim")
        joy = Filler(self.joy.pages, self.turns, lambda: None)
        for name, path in self.desk_pages:
            if not name.endswith(".delete"):
                self._fill(somebody if name in OF_NOBODY else joy, name, lambda path=path: path)  # type: ignore[misc]
        self._fill(joy, "operator.delete", lambda: f"/operator/listings/{self.site.slugs[DELETED]}/delete")
        self._save_searches()  # again, for among the forms are those that remove them
        self.answers = anybody.answers + framed.answers + somebody.answers + joy.answers

    def _fill(self, filler: Filler, name: str, path: Callable[[], str]) -> None:
        if self.only and name not in self.only:
            return
        page = filler.pages.get(path())
        if page.status == 200:
            filler.fill(page, name, GIVEN.get(name))

    def unfilled(self) -> set[str]:
        """Columns of free text, by table and name, in which no payload stands."""
        found = set()
        with self.site.database.reading() as session:
            for table in Base.metadata.sorted_tables:
                for one in table.columns:
                    if isinstance(one.type, String) and (one.type.length or LONG) >= LONG and not session.scalar(
                            select(func.count()).select_from(table).where(one.contains(MARK))):
                        found.add(f"{table.name}.{one.name}")
        return found

    def letters(self) -> Iterator[tuple[str, str, str]]:
        """Kind, subject and text of every letter that was written."""
        app, today = self.site.app, self.site.clock().date()
        with self.site.database.reading() as session:
            waiting = [(one.kind, one.facts, one.locale) for one in session.scalars(select(Message)) if one.facts]
        with app.app_context():
            for kind, facts, locale in waiting:
                if f"email/{kind}.txt" in app.jinja_env.list_templates():
                    letter = compose(app, kind, facts, locale, today=today)
                    yield kind, letter.subject, letter.text

    def machine_pages(self) -> Iterator[str]:
        """What programs read, by address: every route without a session that needs no secret."""
        key = str(self.ids[OWN])
        keys = {"key": key, "slug": self.slugs[OWN], "keys": self.site.keys[0], "state": "nc", "subject": "first"}
        for rule in self.site.app.url_map.iter_rules():
            area = rule.endpoint.split(".")[0]
            if "GET" in (rule.methods or ()) and area not in DESKS and rule.arguments <= keys.keys() \
                    and not area.endswith("_es") and rule.endpoint != "seeker.leave":
                yield str(self.site.app.url_map.bind("localhost").build(
                    rule.endpoint, {name: keys[name] for name in rule.arguments}))


@dataclass
class Eye:
    """A browser that looks at pages and tells what ran or could have run on them."""

    visit: Visit
    world: HostileWorld
    skips: set[str] = field(default_factory=set)
    plain: set[str] = field(default_factory=set)  # pages that showed no payload
    found: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    looked: int = 0
    waiting: list[tuple[str, str]] = field(default_factory=list)  # sources that are to be read, with what they are

    def __post_init__(self) -> None:
        self.visit.site = self.world.address
        self.visit.context.add_init_script(f"({LISTEN})()")
        self.visit.page.on("dialog", self._dialog)
        self.visit.context.route(lambda url: not url.startswith(self.visit.site), lambda route: route.abort())

    def _dialog(self, dialog: Any) -> None:
        self.found.append(f"{self.visit.path}: dialog {dialog.message}")
        dialog.dismiss()

    def sign_in(self, person: Person) -> None:
        cookie = person.client.get_cookie("sid")
        assert cookie is not None
        self.visit.context.clear_cookies()
        self.visit.context.add_cookies([{"name": "sid", "value": cookie.value, "url": self.world.address}])

    def go(self, path: str, name: str = "") -> None:
        """A page of the running site; what a browser only saves is no page."""
        with contextlib.suppress(Error):
            self.visit.page.goto(self.visit.site + path)
            self.look(name or path)

    def show(self, page: Page) -> None:
        """A page as it came back to somebody who sent a form, with its headers and at its address."""
        if MARK not in page.source:
            return  # no payload is there to run
        headers = {name: value for name, value in page.response.headers.items() if name != "Content-Length"}

        def answer(route: Route) -> None:
            route.fulfill(status=page.status, headers=headers, body=page.source)

        address = self.visit.site + page.path
        self.visit.page.route(address, answer)
        self.visit.page.goto(address)
        self.visit.page.unroute(address)
        self.look(f"answer of {page.path}")

    def read(self, what: str, source: str) -> None:
        """A page by its source alone: a hundred times as fast as showing it."""
        if MARK not in source:
            self.plain.add(what)
            return
        self.waiting.append((what, source))
        if len(self.waiting) == AT_ONCE:
            self.read_waiting()

    def read_waiting(self) -> None:
        for (what, source), odd in zip(self.waiting, self.visit.page.evaluate(
                READ, [source for _, source in self.waiting]), strict=True):
            self.found += [f"{what}: {one}" for one in odd]
            self._note(what, source)
        self.waiting.clear()

    def _note(self, what: str, source: str) -> None:
        marks = {MARK + part[:3] for part in source.split(MARK)[1:] if part[:3].isdigit()}
        self.seen |= marks
        if not marks:
            self.plain.add(what)
        self.looked += 1

    def look(self, what: str) -> None:
        for frame in self.visit.page.frames:
            self.found += [f"{what}: {one}" for one in frame.evaluate(LOOK)]
            self._note(what, frame.content())
        asked = {one.url for one in self.visit.requests}
        self.found += [f"{what}: asked {one}" for one in asked if not one.startswith((self.visit.site, "data:"))]
        self.visit.requests.clear()

    @property
    def linked(self) -> list[str]:
        found: list[str] = self.visit.page.eval_on_selector_all("a[href^='/']", "all => all.map(one => one.pathname)")
        return found

    def links(self, linked: Iterable[str], counted: Counter[str]) -> Iterator[str]:
        """Of these addresses, pages of the desks, a few of each kind."""
        adapter = self.world.site.app.url_map.bind("localhost")
        for link in linked:
            with contextlib.suppress(HTTPException, RequestRedirect):
                endpoint = adapter.match(link)[0]
                if endpoint in GUARDS and endpoint in pages() and counted[endpoint] < MOST_ALIKE:
                    counted[endpoint] += 1
                    yield link
