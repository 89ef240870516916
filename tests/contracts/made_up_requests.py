"""Requests of one person, made up from the addresses there are and the forms that they are shown.

A form is fetched, some of its fields are changed, dropped, said twice or joined by others, and it is sent as a browser
would, its token with it. So requests come through doors and not only against them.
"""

from __future__ import annotations

import io
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from flask import Flask, got_request_exception
from sqlalchemy import delete
from sqlalchemy.exc import NoResultFound
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect, Rule
from werkzeug.test import TestResponse

from finder.accounts import sign_ins
from finder.api.problems import MACHINE_PATHS
from finder.errors import FinderError
from finder.instance import InstanceVersion
from finder.limits import Allowance
from finder.web.desk import GUARDS
from tests import pages
from tests.contracts.made_up_values import UNASKED, Values
from tests.contracts.raw_requests import FIELDS, NASTY
from tests.contracts.test_matrix import NONE, OTHER, OWN, SUBJECTS, World
from tests.journeys.filling import fields_of
from tests.pages import Page, Tag
from tests.web import embed_pages
from tests.web.people import Person

OURS = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
FRAMED = {"Origin": "null", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe"}
AWAY = "https://www.weather.gov/"  # where "leave this page" leads
SETTINGS = "/steward/instance"
SHOWN_ALIKE = 6  # forms of one address that are kept
FORGOTTEN_EVERY = 25  # cases until a browser begins anew, for answers and what is saved lie in its cookies


@dataclass
class Caller:
    """One person and the browser that sends what is made up. `wrong` are answers that nobody should get."""

    world: World
    dice: random.Random
    person: Person | None  # None for a visitor
    letters: dict[str, Callable[[], str]] = field(default_factory=dict)  # endpoint -> a new link that somebody was sent
    sent: int = 0
    had: Counter[int] = field(default_factory=Counter)
    reached: set[str] = field(default_factory=set)  # endpoints that showed or did something
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.app: Flask = self.world.site.app
        self.values = Values(self.dice)
        self.forms: dict[str, list[str]] = {}  # endpoint that takes a form -> pages where it was seen
        self.broken: list[str] = []
        self.rules = [one for one in self.app.url_map.iter_rules() if not one.endpoint.split(".")[0].endswith("_es")]
        self.router = self.app.url_map.bind("localhost")
        got_request_exception.connect(self._note, self.app)
        self.begin()

    def _note(self, sender: Flask, exception: BaseException, **more: Any) -> None:
        self.broken.append(f"{type(exception).__name__}: {str(exception)[:300]}")

    def begin(self) -> None:
        """A browser without cookies, or one that has just signed in; limits are forgotten."""
        site = self.world.site
        self.client = site.app.test_client()
        with site.database.transaction() as session:
            session.execute(delete(Allowance))
            if self.person is not None:
                secret = sign_ins.begin(session, self.person.id, now=site.clock(), second_step=self.person.second_step)
                self.client.set_cookie("sid", secret)

    def walk(self) -> None:
        """Opens every page once, so that its forms are known."""
        for rule in self.rules:
            if "GET" in (rule.methods or ()):
                self.ask("GET", self.path(rule, OWN))

    def one(self) -> None:
        """One case, good or bad."""
        if self.sent % FORGOTTEN_EVERY == 0:
            self.begin()
        if self.forms and self.dice.random() < 0.4:
            endpoint = self.dice.choice(list(self.forms))
            self._send_form(self.dice.choice(self.forms[endpoint]), endpoint)
            return
        rule = self.dice.choice(self.rules)
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}) or ["GET"]
        method = self.dice.choice(methods)
        if self.dice.random() < 0.03:
            method = self.dice.choice(("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "POST", "GET"))
        if method == "GET":
            self.ask("GET", self._asking(self.path(rule, self._whose())))
        elif method == "POST" and self.dice.random() < 0.5 and rule.endpoint in self.forms:
            self._send_form(self.dice.choice(self.forms[rule.endpoint]), rule.endpoint)
        else:
            self._send_anything(method, rule)

    # -- addresses ---------------------------------------------------------------------------------------------------

    def _whose(self) -> str:
        return self.dice.choices((OWN, OTHER, NONE, "odd"), (6, 2, 1, 1))[0]

    def path(self, rule: Rule, whose: str) -> str:
        """The address of a rule about somebody's thing; "odd" puts what is no name there."""
        if rule.endpoint in self.letters and whose == OWN:
            with suppress(AssertionError, FinderError):  # what a letter is about may be gone by now
                return self.letters[rule.endpoint]()
        guard, odd = GUARDS.get(rule.endpoint), whose == "odd"
        values = dict(self.plain)
        if guard is not None and guard.about in SUBJECTS:
            try:
                values |= SUBJECTS[guard.about](self.world, NONE if odd else whose)
            except (FinderError, LookupError, NoResultFound):  # it was taken away meanwhile
                values |= SUBJECTS[guard.about](self.world, NONE)
        wanted = {name: self.dice.choice(NASTY) if odd else values.get(name, "1") for name in rule.arguments}
        try:
            return self.router.build(rule.endpoint, wanted)
        except Exception:  # noqa: BLE001 - werkzeug makes no address of that; a client can
            return "/".join(quote(self.dice.choice(NASTY), safe="") if "<" in part else part
                            for part in rule.rule.split("/"))

    @property
    def plain(self) -> dict[str, Any]:
        """What stands in addresses that everybody may open."""
        site, dice = self.world.site, self.dice
        return {"slug": self.world.slugs[OWN], "key": str(self.world.ids[OWN]), "keys": site.keys[0], "state": "nc",
                "subject": "first", "page": dice.choice(("need", "where", "feelings", "safety")), "number": "1",
                "kind": dice.choice(("Location", "Organization", "HealthcareService", "Questionnaire")),
                "id": str(self.world.ids[OWN]), "filename": "site.css", "accent": "00695c", "background": "ffffff",
                "format": "json", "name": dice.choice(("programs", "listings"))}

    def _asking(self, path: str) -> str:
        """The address with a query, or without one."""
        dice = self.dice
        asked = [(dice.choice(FIELDS), self.values.any()) for _ in range(dice.choice((0, 0, 1, 1, 2, 4)))]
        if dice.random() < 0.3:
            asked += [("g", key) for key in self.world.site.keys]
        if not asked:
            return path
        return f"{path}{'&' if '?' in path else '?'}{urlencode(asked, errors='surrogatepass')}"

    # -- what is sent ------------------------------------------------------------------------------------------------

    def _send_form(self, path: str, endpoint: str) -> None:
        """Opens the page again, for its token and versions, and sends its form."""
        page = self.ask("GET", path)
        found = [form for form in page.all("form") if form["method"] == "post"
                 and self._takes(form, path) == endpoint] if page is not None else []
        if not found:
            return
        form = self.dice.choice(found)
        buttons = [one for one in form.all("button") if one["name"]]
        sent = {name: list(values) for name, values in fields_of(form, self.dice.random() < 0.5).items()}
        if buttons:
            button = self.dice.choice(buttons)
            sent[button["name"]] = [button["value"]]
        self._spoil(form, sent)
        files = {one["name"]: self.values.file() for one in form.all("input", type="file")}
        self.ask("POST", form["action"] or path, sent, files, about=endpoint)

    def _spoil(self, form: Tag, sent: dict[str, list[str]]) -> None:
        """Changes some of what is sent; one form in four stays as it is."""
        dice = self.dice
        inputs = [one for one in form.all("input", "select", "textarea") if one["name"] and one["type"] != "file"]
        some = [one for one in inputs if one["type"] != "hidden" or dice.random() < 0.1]
        for one in dice.sample(some, min(len(some), dice.choice((0, 0, 1, 1, 1, 2, 3, 8)))):
            name, now = one["name"], sent.get(one["name"], [""])
            way = dice.random()
            if way < 0.1:
                sent.pop(name, None)
            elif way < 0.2:
                sent[name] = now * dice.choice((2, 40))
            elif one["type"] in ("radio", "checkbox") and way < 0.7:
                sent[name] = [one["value"]]
            else:
                sent[name] = [self.values.of(one, now[0])]
        if dice.random() < 0.15:
            sent[dice.choice(UNASKED)] = [self.values.any()]

    def _send_anything(self, method: str, rule: Rule) -> None:
        """Fields that no form of this address need have, or a body of another kind."""
        dice, path = self.dice, self.path(rule, self._whose())
        sent = {dice.choice(FIELDS + UNASKED): [self.values.any()] for _ in range(dice.randint(0, 8))}
        if dice.random() < 0.25:
            body, kind = dice.choice(((b"{}", "application/json"), (b"[1", "application/json"), (b"\xff", "text/csv"),
                                      (b'{"email":["a"],"code":1e999}', "application/json"), (b"--b", "multipart/x"),
                                      (b"--b\r\n\r\n", "multipart/form-data; boundary=b")))
            self.ask(method, path, body=(body, kind))
        else:
            self.ask(method, path, sent | ({"form_token": [self.token]} if self.token else {}))

    @property
    def token(self) -> str:
        """What a signed-in browser's forms carry."""
        if self.person is None:
            return ""
        answer = self.client.get("/account/")
        found = Page(answer, "/account/").all("input", name="form_token") if answer.status_code == 200 else []
        return found[0]["value"] if found else ""

    # -- what comes back ---------------------------------------------------------------------------------------------

    def ask(self, method: str, path: str, form: dict[str, list[str]] | None = None,
            files: dict[str, tuple[bytes, str]] | None = None, *, body: tuple[bytes, str] | None = None,
            about: str = "") -> Page | None:
        """Sends one request and goes where it leads to. Gives the page that came, if one did."""
        headers = FRAMED if path.startswith("/embed") else OURS
        more: dict[str, Any] = {"headers": headers} if method != "GET" else {}
        if body is not None:
            more |= {"data": body[0], "content_type": body[1]}
        elif files:
            more["data"] = {name: [one.encode("utf-8", "replace").decode() for one in values]
                            for name, values in (form or {}).items()} | {
                name: (io.BytesIO(held), called or "x") for name, (held, called) in files.items()}
        elif form is not None:
            more["data"] = urlencode(form, doseq=True, errors="surrogatepass")
            more["content_type"] = "application/x-www-form-urlencoded"
        answer = self.client.open(path, method=method, **more)
        if method == "POST" and path.startswith(SETTINGS):
            self._put_settings_back()
        return self._judged(answer, method, path, form, about)

    def _put_settings_back(self) -> None:
        """Looks whether pages come with what the instance calls itself now, and leaves it as it was: what a page must
        hold is told by the help lines of one country."""
        for path in ("/", "/crisis", "/embed", "/brand.css", "/steward/instance"):
            if self.client.get(path).status_code >= 500:
                self.wrong.append(f"{path} with other settings: {self.broken}")
        with self.world.site.database.transaction() as session:
            session.execute(delete(InstanceVersion))
        self.app.extensions["finder_own"]._seen = -1

    def _judged(self, answer: TestResponse, method: str, path: str, form: object, about: str) -> Page | None:
        self.sent += 1
        self.had[answer.status_code] += 1
        said = f"{answer.status_code} {method} {path[:300]} {str(form)[:900]}"
        if answer.status_code >= 500 or self.broken:
            self.wrong.append(f"{said} {self.broken}")
            self.broken = []
            return None
        if answer.status_code < 400 and about:
            self.reached.add(about)
        to = answer.headers.get("Location")
        if to is not None and answer.status_code in (301, 302, 303, 307, 308):
            if to == AWAY:
                return None
            to = to.removeprefix("http://localhost")  # werkzeug itself, where an address has a slash too many
            if not to.startswith("/") or to.startswith("//"):
                self.wrong.append(f"{said} leads to {to}")
                return None
            return self._judged(self.client.get(to), "GET", to, None, "")
        try:
            return self._read(answer, path)
        except (AssertionError, ValueError, KeyError) as why:
            self.wrong.append(f"{said}: {why}"[:900])
            return None

    def _read(self, answer: TestResponse, path: str) -> Page | None:
        """What came is whole: a sound page, or, where a program asked, JSON that says what is wrong."""
        if not answer.get_data():
            return None
        if answer.mimetype == "application/problem+json":
            assert answer.json is not None
            assert answer.json["status"] == answer.status_code
        elif answer.status_code >= 400 and path.startswith(MACHINE_PATHS):
            assert answer.mimetype in ("application/json", "application/fhir+json", "text/plain"), answer.mimetype
        if answer.mimetype != "text/html":
            return None
        page = Page(answer, path)
        if "frame-ancestors *" in answer.headers["Content-Security-Policy"]:
            embed_pages.check(page)
        elif not path.startswith("/embed"):  # whose failures are pages for frames too, without a line of their own
            pages.check(page)
        for form in page.all("form"):
            if form["method"] == "post" and (found := self._takes(form, path)):
                seen = self.forms.get(found, [])
                if path not in seen and len(seen) < SHOWN_ALIKE and answer.status_code == 200:
                    self.forms[found] = [*seen, path]
        return page

    def _takes(self, form: Tag, path: str) -> str:
        """The endpoint that a form goes to."""
        try:
            return str(self.router.match(urlsplit(form["action"] or path).path, "POST")[0])
        except (HTTPException, RequestRedirect):
            return ""


