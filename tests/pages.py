"""A client that checks every HTML page it fetches: title, heading, language, labels, crisis line and headers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from finder.web.headers import CONTENT_SECURITY_POLICY
from tests.catalogs import ARABIC, STRETCHED

VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))
SHAPES = frozenset(("circle", "ellipse", "path", "rect", "use"))
FIELDS = frozenset(("input", "select", "textarea"))


@dataclass
class Tag:
    """One element with what is inside it."""

    name: str
    attributes: dict[str, str]
    parent: Tag | None
    parts: list[Tag | str] = field(default_factory=list)

    def all(self, *names: str, **attributes: str) -> list[Tag]:
        """All elements inside, in order, of these names and attributes."""
        return _chosen(self.walk(), names, attributes)

    def walk(self) -> Iterator[Tag]:
        for part in self.parts:
            if isinstance(part, Tag):
                yield part
                yield from part.walk()

    @property
    def text(self) -> str:
        """The words inside, single spaces."""
        return " ".join("".join(part if isinstance(part, str) else f" {part.text} " for part in self.parts).split())

    @property
    def one_heading(self) -> str:
        """The words of the first heading inside."""
        return self.all("h1", "h2", "h3")[0].text

    def __getitem__(self, name: str) -> str:
        return self.attributes.get(name, "")

    def has_class(self, name: str) -> bool:
        return name in self["class"].split()

    def of_class(self, name: str) -> list[Tag]:
        return [tag for tag in self.walk() if tag.has_class(name)]

    @property
    def ancestors(self) -> Iterator[Tag]:
        above = self.parent
        while above is not None:
            yield above
            above = above.parent


def _chosen(tags: Iterable[Tag], names: tuple[str, ...], attributes: dict[str, str]) -> list[Tag]:
    wanted = {key.strip("_").replace("_", "-"): value for key, value in attributes.items()}
    return [tag for tag in tags if (not names or tag.name in names)
            and all(tag.attributes.get(key) == value for key, value in wanted.items())]


class _Reader(HTMLParser):
    """Builds the tree and refuses tags that do not close in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.here = Tag("", {}, None)
        self.tags: list[Tag] = []  # all of them, in order

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> says one attribute twice: {names}"
        one = Tag(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.parts.append(one)
        self.tags.append(one)
        if tag not in VOID:
            self.here = one

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in SHAPES | VOID, f"<{tag}/> closes itself"
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.here.name == tag, f"</{tag}> closes <{self.here.name}>"
        assert self.here.parent is not None
        self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        self.here.parts.append(data)


class Page:
    """One HTML page as it came."""

    def __init__(self, response: TestResponse, path: str) -> None:
        self.response, self.path, self.status = response, path, response.status_code
        self.source = response.get_data(as_text=True)
        reader = _Reader()
        reader.feed(self.source)
        reader.close()
        assert reader.here is reader.root, f"<{reader.here.name}> is not closed"
        self.root, self._tags = reader.root, reader.tags

    def all(self, *names: str, **attributes: str) -> list[Tag]:
        return _chosen(self._tags, names, attributes)

    def one(self, *names: str, **attributes: str) -> Tag:
        """The only element of these names and attributes."""
        found = self.all(*names, **attributes)
        assert len(found) == 1, f"{len(found)} of {names} {attributes} on {self.path}"
        return found[0]

    def of_class(self, name: str) -> list[Tag]:
        return [tag for tag in self.all() if tag.has_class(name)]

    @property
    def title(self) -> str:
        return self.one("title").text

    @property
    def heading(self) -> str:
        return self.one("h1").text

    @property
    def main(self) -> Tag:
        return self.one("main")

    @property
    def links(self) -> list[str]:
        """Addresses of this site that the page links to."""
        return [tag["href"] for tag in self.all("a") if tag["href"].startswith("/")]

    def form(self, action: str) -> dict[str, list[str]]:
        """What a browser would send of the form with this action, as it stands."""
        found = [tag for tag in self.all("form") if urlsplit(tag["action"]).path.endswith(action)]
        assert found, f"no form for {action} on {self.path}"
        sent: dict[str, list[str]] = {}
        for one in found[-1].all(*FIELDS):
            if one["type"] in ("radio", "checkbox") and "checked" not in one.attributes:
                continue
            value = one["value"]
            if one.name == "select":
                options = one.all("option")
                value = next((option["value"] for option in options if "selected" in option.attributes),
                             options[0]["value"])
            elif one.name == "textarea":
                value = "".join(part for part in one.parts if isinstance(part, str)).removeprefix("\n")
            sent.setdefault(one["name"], []).append(value)
        return sent


def check(page: Page) -> None:
    """What must hold on every page, errors included."""
    _check_headers(page)
    _check_frame(page)
    _check_names(page)
    _check_nothing_inline_or_foreign(page)


def _check_headers(page: Page) -> None:
    headers = page.response.headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "geolocation=(self)" in headers["Permissions-Policy"]
    assert headers["Cache-Control"] in ("no-store", "no-cache")
    assert {"Cookie", "Accept-Encoding"} <= set(headers["Vary"].split(", "))


def _check_frame(page: Page) -> None:
    assert page.source.lstrip().startswith("<!DOCTYPE html>")
    first = urlsplit(page.path).path.split("/")[1]
    language = first if first in ("es", STRETCHED, ARABIC) else "en"
    assert page.one("html")["lang"] == language
    assert page.title.endswith(f"– {page.of_class('brand')[0].text}")
    assert page.heading
    assert page.main["id"] == "main"
    line = page.of_class("lampline")[0]
    assert {"tel:988", "tel:911"} <= {tag["href"] for tag in line.all("a")}
    assert "988" in line.text
    way_out, carried = page.of_class("exit")[0], page.of_class("clear")
    assert way_out["data-to"] == "https://www.weather.gov/"
    # Straight away, or by the address that forgets first what is carried: answers, or what is a provider's client's.
    assert way_out["href"].endswith("/leave") or (way_out["href"] == way_out["data-to"] and not carried)
    levels = [int(tag.name[1]) for tag in page.main.all("h1", "h2", "h3", "h4")]
    assert levels[:1] == [1] or "errors" in page.source
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False)), levels


def _check_names(page: Page) -> None:
    ids = Counter(tag["id"] for tag in page.all() if tag["id"])
    assert all(count == 1 for count in ids.values()), [name for name, count in ids.items() if count > 1]
    labelled = {tag["for"] for tag in page.all("label")}
    assert labelled - {""} <= set(ids)
    for tag in page.all():
        for name in ("aria-labelledby", "aria-describedby"):
            assert set(tag[name].split()) <= set(ids), f"{name}={tag[name]} points nowhere on {page.path}"
    for tag in page.all("a", "use"):
        if tag["href"].startswith("#"):
            assert tag["href"][1:] in ids, f"{tag['href']} leads nowhere on {page.path}"
    for tag in page.all(*FIELDS):
        if tag["type"] != "hidden":
            around = [above for above in tag.ancestors if above.name == "label" and above.text]
            assert around or tag["id"] in labelled - {""} or tag["aria-label"], f"{tag.attributes} has no label"
    for tag in page.all("a", "button", "summary", "legend", "h1", "h2", "h3", "th", "dt"):
        assert tag.text or tag["aria-label"], f"<{tag.name}> says nothing on {page.path}: {tag.attributes}"
    for tag in page.all("form"):
        assert tag["method"] in ("get", "post")


def _check_nothing_inline_or_foreign(page: Page) -> None:
    for tag in page.all():
        assert tag.name not in ("style", "iframe", "object", "embed", "base"), tag.name
        assert "style" not in tag.attributes
        assert not [name for name in tag.attributes if name.startswith("on")], tag.attributes
        for name in ("src", "action", "poster", "data", "srcset", "formaction"):
            assert not tag[name] or (tag[name].startswith("/") and not tag[name].startswith("//")), tag.attributes
    assert all(not tag.text and tag["src"] for tag in page.all("script") if tag["type"] != "application/ld+json")
    for tag in page.all("link"):
        assert tag["href"].startswith("/")
    for tag in page.all("a"):
        scheme = urlsplit(tag["href"]).scheme
        assert scheme in ("", "http", "https", "tel", "sms", "mailto", "webcal"), tag["href"]
        if scheme.startswith("http"):
            assert "noreferrer" in tag["rel"].split(), tag.attributes


class Pages:
    """Fetches pages of an app as a browser without scripts would, and checks each."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.seen: list[str] = []  # every address asked for or redirected to

    def get(self, path: str, **more: Any) -> Page:
        return self._follow(self.client.get(path, **more), path)

    def post(self, path: str, form: Mapping[str, Any] | None = None, **more: Any) -> Page:
        """Sends a form as our own pages do: no referrer, hence an origin of null."""
        headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin", **more.pop("headers", {})}
        return self._follow(self.client.post(path, data=form or {}, headers=headers, **more), path)

    def _follow(self, response: TestResponse, path: str) -> Page:
        self.seen.append(path)
        if response.status_code in (301, 302, 303, 307, 308):
            to = urljoin(path, response.headers["Location"])
            assert to.startswith("/")
            assert not to.startswith("//")
            return self._follow(self.client.get(to), to)
        page = Page(response, path)
        check(page)
        return page
