"""Requests as no browser sends them, made from a seed: every part of what goes over the wire may be broken."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from urllib.parse import quote

from werkzeug.routing import Map

NASTY = (
    "", " ", "0", "-1", "1" * 400, "9" * 20, "1e999", "NaN", "\x00", "%00", "%", "%zz", "%c0%ae%c0%ae%2f", "%ff",
    "%u0041", "../" * 9 + "etc/passwd", "..%2f..%2fetc%2fpasswd", "..\\..\\boot.ini", "/etc/passwd", "//evil.example/",
    "a" * 9000, "'", '"', "' OR 1=1 --", "<script>", "{{7*7}}", "${7}", "\u202e", "\ud7ff\uffff", "é" * 300,
    "\U0001f9ea", "\r\nX: y", "javascript:1", "null", "[]", "{}", "true", "2026-13-45", "0000-00-00", "99:99",
    "AAAAAAAAAAAAAAAAAAAAAA", "1180", "nc",
)
METHODS = ("GET",) * 8 + ("POST",) * 8 + ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
ODD_METHODS = ("get", "GETT", "TRACE", "CONNECT", "PRI", "", "\x00", "G" * 9000, "PROPFIND", "É")
VERSIONS = ("HTTP/1.1",) * 20 + ("HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.999", "HTTP/x", "", "HTTP/1.1 HTTP/1.1")
HOSTS = ("127.0.0.1",) * 8 + (
    "evil.example", "", "127.0.0.1:99999", "a b", "[::1", "\x00", "127.0.0.1,evil.example", "é",
)
FIELDS = (
    "q", "near", "far", "page", "per_page", "sort", "lat", "latitude", "longitude", "radius_miles", "g", "day",
    "topic", "format", "cursor", "since", "need", "needs", "needs_text", "near.text", "place", "code", "email", "name",
    "note", "reason", "version", "deed", "do", "action", "to", "next", "stamp", "once", "what", "kind", "reply_to",
    "words", "sessions.0.when", "contact.url", "x.tags", "safety", "scores.phq9", "phq4.0", "file", "logo", "meetings",
    "ids", "switcher", "services", "StartsAfterH", "_count", "_id", "_lastUpdated", "modified_after",
    "taxonomy_term_id",
)
TYPES = (
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "multipart/form-data",
    'multipart/form-data; boundary="' + "b" * 300 + '"', "application/json", "application/json; charset=utf-16",
    "application/json; charset=nothing", "application/problem+json", "text/plain", "text/csv",
    "application/merge-patch+json", "application/fhir+json", "image/png", ";;;", "\x00", "a/b" * 500,
)
HEADERS: dict[str, Sequence[str]] = {
    "Accept": ("*/*", "text/html;q=abc", "application/json;q=2", ",,,", "a" * 3000, "text/html;level=\x00"),
    "Accept-Language": ("es", "xx-YY;q=nan", ",;", "é", "*" * 900, "en;q=1e9"),
    "Accept-Encoding": ("gzip", "br;q=z", "identity;q=0, *;q=0", "gzip" * 400),
    "Cookie": (
        "sid=nothing", "sid=" + "a" * 4000, "=;=;", "answers=%%%; answers=\x01", "a" * 7000, "sid=\xe9\xe9",
        '"sid"="x', "; ".join(f"c{number}=1" for number in range(200)),
    ),
    "Authorization": (
        "Bearer x", "Bearer " + "f" * 5000, "Basic =", "Basic \xe9", "Digest a", "Bearer", "Basic " + "QQ" * 900,
    ),
    "If-None-Match": ('"a"', "*", 'W/"', '"' + "e" * 4000, "\xe9"),
    "If-Match": ('"1"', "*", '"1e999"', "W/1", '"' + "9" * 500 + '"'),
    "If-Modified-Since": ("yesterday", "Tue, 99 Foo 2026", "Thu, 01 Jan 99999999 00:00:00 GMT"),
    "Range": ("bytes=0-0", "bytes=-", "bytes=9999999999999999999999-", "bytes=5-1", "lines=1", "bytes=0-," * 300),
    "Origin": ("null", "http://evil.example", "é", "://"), "Sec-Fetch-Site": ("same-origin", "cross-site", "x"),
    "X-Forwarded-For": ("1.2.3.4", "a" * 2000, ",,,", "::ffff:1.2.3.4%eth0"),
    "X-Forwarded-Host": ("evil.example", "\x00"), "X-Forwarded-Proto": ("https", "gopher"),
    "Expect": ("100-continue", "200-ok"), "Connection": ("close", "upgrade", "keep-alive, Transfer-Encoding"),
    "Upgrade": ("h2c", "websocket"), "Idempotency-Key": ("", "k" * 5000, "\x00"),
    "X-HTTP-Method-Override": ("DELETE",), "User-Agent": ("\x1b[31m", "x" * 7000, "a\xe9"),
    "Referer": ("http://evil.example/", "::"),
}


class Maker:
    """Makes requests. `honest` are headers and fields of somebody who is signed in, which some requests carry."""

    def __init__(self, seed: int, addresses: Map, honest: dict[str, str]) -> None:
        self.dice = random.Random(seed)
        self.rules = [one for one in addresses.iter_rules() if "/es/" not in one.rule]
        self.honest = honest

    def one(self) -> bytes:
        """The bytes of one request, or of something like one."""
        dice = self.dice
        rule = dice.choice(self.rules)
        method = dice.choice(METHODS if dice.random() < 0.95 else ODD_METHODS)
        if dice.random() < 0.6 and "POST" in (rule.methods or ()):
            method = "POST"
        body, kind = self._body() if method not in ("GET", "HEAD") or dice.random() < 0.05 else (b"", "")
        lines = [f"{method} {self._target(rule.rule)} {dice.choice(VERSIONS)}", *self._headers(kind, body)]
        raw = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body
        return self._torn(raw) if dice.random() < 0.08 else raw

    def _target(self, rule: str) -> str:
        path = "/".join(self._nasty() if part.startswith("<") else part for part in rule.split("/"))
        path = path if "<" not in path else path.replace("<", "").replace(">", "")
        if self.dice.random() < 0.5:
            path += "?" + "&".join(
                f"{self.dice.choice(FIELDS)}={self._nasty()}" for _ in range(self.dice.randint(1, 4))
            )
        if self.dice.random() < 0.05:
            path = self.dice.choice(
                (
                    f"http://evil.example{path}",
                    path.replace("/", "//"),
                    f"/..{path}",
                    "*",
                    path[1:],
                    f"{path}#{path}",
                    path + ";a=b",
                    "\xff" + path,
                )
            )
        return path

    def _nasty(self) -> str:
        found = self.dice.choice(NASTY)
        return quote(found, safe="") if self.dice.random() < 0.7 else found.encode().decode("latin-1")

    def _headers(self, kind: str, body: bytes) -> list[str]:
        dice = self.dice
        made = [f"Host: {dice.choice(HOSTS)}"] if dice.random() < 0.97 else []
        if kind:
            made.append(f"Content-Type: {kind}")
        made += self._lengths(body)
        if dice.random() < 0.6:
            made += [f"{name}: {value}" for name, value in self.honest.items() if name[0].isupper()]
        for name in dice.sample(list(HEADERS), dice.randint(0, 4)):
            made.append(f"{name}: {dice.choice(HEADERS[name])}")
        if dice.random() < 0.05:
            made.append(
                dice.choice(
                    (
                        "no colon here",
                        ": nothing",
                        "X\x00: y",
                        "X : y",
                        " folded",
                        "X: " + "y" * 9000,
                        "Host: other",
                        *(["X: y\r\nX: y"]),
                        "\r\nX: y",
                    )
                )
            )
        if dice.random() < 0.02:
            made += [f"X-{number}: {number}" for number in range(300)]
        return made

    def _lengths(self, body: bytes) -> list[str]:
        dice = self.dice
        if dice.random() < 0.8:
            return [f"Content-Length: {len(body)}"] if body else []
        right = f"Content-Length: {len(body)}"
        return dice.choice(
            (
                ["Content-Length: -1"],
                ["Content-Length: 99999999999999999999"],
                ["Content-Length: x"],
                ["Content-Length: +5"],
                [right, "Content-Length: 7"],
                [right, "Transfer-Encoding: chunked"],
                ["Transfer-Encoding: chunked"],
                ["Transfer-Encoding: xchunked"],
                ["Transfer-Encoding: chunked, identity"],
                ["Transfer-Encoding:\x0bchunked"],
                [f"Content-Length: {len(body) + 40}"],
                ["Content-Length: 3000000"],
                ["Content-Length:"],
            )
        )

    def _body(self) -> tuple[bytes, str]:
        makers: tuple[Callable[[], bytes], ...] = (
            self._form,
            self._form,
            self._parts,
            self._json,
            self._chunks,
            self._noise,
        )
        kind = self.dice.choice(TYPES[:1] * 8 + TYPES)
        made = self.dice.choice(makers)()
        if kind.startswith("multipart") and self.dice.random() < 0.7:
            made = self._parts()
        if "json" in kind and self.dice.random() < 0.7:
            made = self._json()
        return made, kind

    def _form(self) -> bytes:
        fields = [f"{self.dice.choice(FIELDS)}={self._nasty()}" for _ in range(self.dice.randint(0, 12))]
        if self.dice.random() < 0.8:
            fields += [f"{name}={quote(value)}" for name, value in self.honest.items() if name[0].islower()]
        return "&".join(fields).encode("latin-1", "replace")

    def _parts(self) -> bytes:
        dice, made = self.dice, []
        for _ in range(dice.randint(0, 5)):
            name = dice.choice((dice.choice(FIELDS), '"', "\x00", "n" * 2000))
            file = dice.choice(
                ("", '; filename="a.csv"', '; filename="../../x"', "; filename*=utf-8''%ff", "; filename")
            )
            kind = dice.choice(("", "\r\nContent-Type: text/csv", "\r\nContent-Transfer-Encoding: base64", "\r\nX"))
            made.append(
                f'--b\r\nContent-Disposition: form-data; name="{name}"{file}{kind}\r\n\r\n{self._nasty()}\r\n'
            )
        made += [
            f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in self.honest.items()
            if name[0].islower()
        ]
        return ("".join(made) + dice.choice(("--b--\r\n", "--b", "", "--c--"))).encode("latin-1", "replace")

    def _json(self) -> bytes:
        dice = self.dice
        value = {
            dice.choice(FIELDS): dice.choice((dice.choice(NASTY), 10**30, -1, 1e308, None, [], {"a": [1]}, True))
            for _ in range(dice.randint(0, 6))
        } | dice.choice(({}, {"format": "finder-intake/1"}, {"formats": ["phone"]}))
        return dice.choice(
            (
                json.dumps(value),
                json.dumps([value]),
                "[" * 50_000,
                '{"a":NaN}',
                '{"a":1e999}',
                '"\\ud800"',
                "{",
                '{"a":1,"a":2}',
                "\ufeff{}",
                json.dumps(value).replace('"', "'"),
                "1" * 5000,
            )
        ).encode("utf-8")

    def _chunks(self) -> bytes:
        return self.dice.choice(
            (
                b"5\r\nneed=\r\n0\r\n\r\n",
                b"zz\r\nneed\r\n0\r\n\r\n",
                b"ffffffffffffffff\r\nx",
                b"-5\r\n\r\n",
                b"5;a=b\r\nneed=\r\n0\r\nX: y\r\n\r\n",
                b"5\nneed=\n0\n\n",
            )
        )

    def _noise(self) -> bytes:
        return self.dice.randbytes(self.dice.randint(1, 3000))

    def _torn(self, raw: bytes) -> bytes:
        """Some bytes changed, dropped or said twice."""
        dice, made = self.dice, bytearray(raw)
        for _ in range(dice.randint(1, 8)):
            at = dice.randrange(len(made) or 1)
            what = dice.randrange(4)
            if what == 0:
                made[at : at + 1] = dice.randbytes(1)
            elif what == 1:
                del made[at : at + dice.randint(1, 40)]
            elif what == 2:
                made[at:at] = made[at : at + dice.randint(1, 40)]
            else:
                made[at:at] = dice.choice((b"\x00", b"\r\n", b"\n", b"\r", b"\xff\xfe", b"%"))
        return bytes(made)
