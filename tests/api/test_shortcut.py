import io
import json
import logging
import sys
from dataclasses import replace

import pytest

from finder.api.match import MOST_BYTES
from finder.api.shortcut import PATH, Shortcut
from finder.app import create_app
from finder.config import Settings
from finder.errors import Unavailable
from finder.meter import Meter
from finder.pace import Pace
from finder.web.pacing import MATCH

INTAKE = {"format": "finder-intake/1", "needs": ["depression"], "near": {"text": "27701"}, "radius_miles": 25,
          "phq4": [1, 1, 2, 1], "formats": ["in_person", "online_video"], "times": ["evening"], "languages": ["en"]}


def environ(body, query="", **head):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return {"REQUEST_METHOD": "POST", "SCRIPT_NAME": "", "PATH_INFO": PATH, "QUERY_STRING": query,
            "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost", "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr, "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
            **head}


def ask(way, asked):
    """Status, headers in their order and body, with the request's own name taken out; and that name."""
    said = []
    body = b"".join(way({name: one for name, one in asked.items() if one is not None},
                        lambda status, headers, error=None: said.append((status, headers))))
    (status, headers), = said
    names = [value for name, value in headers if name == "X-Request-ID"]
    assert len(names) == 1
    return status, [one for one in headers if one[0] != "X-Request-ID"], body.replace(names[0].encode(), b""), names[0]


class Ways:
    """An app's shorter way, and Flask's, which notes what comes to it."""

    def __init__(self, app):
        self.short = Shortcut(app)
        self.flask, self.came = app.wsgi_app.inner, 0
        self.short.inner = self._noted

    def _noted(self, asked, start):
        self.came += 1
        return self.flask(asked, start)


@pytest.fixture
def ways(app):
    assert isinstance(app.wsgi_app, Shortcut)
    return Ways(app)


@pytest.mark.parametrize("query", ["", "text=0", "lang=en", "lang=es"])
@pytest.mark.parametrize("changes", [
    {}, {"near": {"latitude": 35.99, "longitude": -78.9}}, {"near": {"text": "Franklin"}}, {"safety": "active"},
    {"needs_text": "panick atacks"}, {"formats": ["phone"], "formats_required": True}, {"needs": ["grief", "anxiety"]},
], ids=["plain", "point", "ambiguous", "danger", "words", "nobody", "two_needs"])
def test_the_shorter_way_answers_as_flask_does(ways, query, changes):
    short = ask(ways.short, environ({**INTAKE, **changes}, query))
    assert ways.came == 0
    plain = ask(ways.flask, environ({**INTAKE, **changes}, query))
    assert short[0] == "200 OK"
    assert short[:3] == plain[:3]
    assert len(short[3]) == len(plain[3])
    assert short[3] != plain[3]


@pytest.mark.parametrize(("body", "query", "head"), [
    (INTAKE, "", {"REQUEST_METHOD": "GET"}), (INTAKE, "", {"REQUEST_METHOD": "OPTIONS"}),
    (INTAKE, "", {"PATH_INFO": PATH + "/"}), (INTAKE, "", {"SCRIPT_NAME": "/finder"}),
    (INTAKE, "", {"CONTENT_TYPE": "application/json; charset=utf-8"}), (INTAKE, "", {"CONTENT_TYPE": "text/plain"}),
    (INTAKE, "", {"CONTENT_TYPE": None}), (INTAKE, "", {"CONTENT_LENGTH": None}),
    (INTAKE, "", {"CONTENT_LENGTH": ""}), (INTAKE, "", {"CONTENT_LENGTH": "-1"}),
    (INTAKE, "", {"CONTENT_LENGTH": "\u0661"}), (INTAKE, "", {"CONTENT_LENGTH": "900"}),
    (INTAKE, "", {"CONTENT_LENGTH": "20"}), (b" " * (MOST_BYTES + 1), "", {}), (b"", "", {}),
    (INTAKE, "", {"HTTP_COOKIE": "finder_answers=1"}), (INTAKE, "", {"HTTP_HOST": None}),
    (INTAKE, "", {"HTTP_HOST": "localhost/../x"}), (INTAKE, "", {"HTTP_HOST": "ex\u00e4mple.org"}),
    (INTAKE, "", {"HTTP_TRANSFER_ENCODING": "chunked"}), (INTAKE, "", {"finder.waited_seconds": 1.5}),
    (INTAKE, "per_page=3", {}), (INTAKE, "lang=xx", {}), (INTAKE, "text=2", {}), (INTAKE, "nobody=1", {}),
    (INTAKE, "page=0", {}), (INTAKE, "\u00ff", {}), (INTAKE, "hidden_ids=1&text=0", {}),
    (b"{", "", {}), (b"\xff", "", {}), (b"[]", "", {}), (b"null", "", {}), (b'{"format":1,"format":2}', "", {}),
    (b"[" * 5000, "", {}), ({**INTAKE, "secret": 1}, "", {}), ({**INTAKE, "age": 10 ** 30}, "text=0", {}),
    ({**INTAKE, "radius_miles": -1}, "lang=es", {}), (b'{"format":"finder-intake/1","age":NaN}', "", {}),
    ({**INTAKE, "needs_text": "\ud800"}, "", {}), ({**INTAKE, "needs_text": "\x00"}, "", {}),
])
def test_what_is_unusual_goes_on_to_flask_untouched(ways, body, query, head):
    found = ask(ways.short, environ(body, query, **head))
    assert ways.came == 1
    assert found[:3] == ask(ways.flask, environ(body, query, **head))[:3]


@pytest.fixture
def made(services, tmp_path):
    """Makes apps with other settings or services; closes what they opened."""
    opened = []

    def make(settings=None, **changes):
        pace = Pace(tmp_path / f"pace{len(opened)}")
        opened.append(pace)
        held = replace(services, **{"settings": settings or services.settings, "pace": pace, **changes})
        app = create_app(held.settings, services=held)
        app.testing = False
        return app

    yield make
    for pace in opened:
        pace.close()


@pytest.mark.parametrize("address", ["203.0.113.9", "2001:db8::7"])
def test_L1_a_match_costs_its_network_one_whichever_way_it_is_answered(made, address):
    ways = Ways(made())
    for turn in range(MATCH.burst):
        way = ways.short if turn % 2 else ways.flask
        assert ask(way, environ(INTAKE, REMOTE_ADDR=address))[0] == "200 OK"
    assert ways.came == 0
    short, plain = (ask(way, environ(INTAKE, REMOTE_ADDR=address)) for way in (ways.short, ways.flask))
    assert short[0] == "429 TOO MANY REQUESTS"
    assert short[:3] == plain[:3]
    assert dict(short[1])["Retry-After"]


def test_L1_what_fails_after_it_was_counted_is_not_counted_again(made, services):
    broken = [Unavailable("database")] * 2

    def snapshot():
        if broken:
            raise broken.pop()
        return services.snapshot()

    ways = Ways(made(snapshot=snapshot))
    address = "203.0.113.9"
    short = ask(ways.short, environ(INTAKE, REMOTE_ADDR=address))
    assert short[0] == "503 SERVICE UNAVAILABLE"
    assert ways.came == 1
    assert not broken
    for _ in range(MATCH.burst - 1):
        assert ask(ways.short, environ(INTAKE, REMOTE_ADDR=address))[0] == "200 OK"
    assert ask(ways.short, environ(INTAKE, REMOTE_ADDR=address))[0] == "429 TOO MANY REQUESTS"


def test_a_failure_nobody_foresaw_is_said_and_logged_by_flask_alone(made, caplog):
    def snapshot():
        raise ZeroDivisionError(INTAKE["near"]["text"])

    ways = Ways(made(snapshot=snapshot))
    with caplog.at_level(logging.DEBUG):
        status, _, body, _ = ask(ways.short, environ(INTAKE))
    assert status == "500 INTERNAL SERVER ERROR"
    assert json.loads(body)["code"] == "internal_error"
    assert len(caplog.records) == 1
    assert "27701" not in caplog.text


def test_who_waited_for_too_long_is_turned_away_before_the_search(made):
    found = ask(made().wsgi_app, environ(INTAKE, **{"finder.waited_seconds": 1.5}))
    assert found[0] == "503 SERVICE UNAVAILABLE"
    assert dict(found[1])["Retry-After"]


def test_a_match_is_counted_alike_whichever_way_it_is_answered(made):
    app = made(meter=Meter())
    ways, meter = Ways(app), app.extensions["finder"].meter
    for number, way in enumerate((ways.short, ways.flask, ways.short), 1):
        ask(way, environ(INTAKE))
        sums = meter.sums()
        assert {route: many for route, many in sums.requests.items() if many} == {(PATH, "2xx"): number}
        assert sum(sums.times["api"].within) == number
    assert ways.came == 0


def test_P3_the_shorter_way_logs_nothing(ways, caplog):
    with caplog.at_level(logging.DEBUG):
        ask(ways.short, environ(INTAKE))
    assert caplog.records == []


@pytest.mark.parametrize(("host", "answered"), [("help.example", True), ("HELP.example:443", True),
                                               ("localhost:8000", True), ("[::1]:8000", True), ("evil.example", False),
                                               ("help.example.evil.example", False)])
def test_hosts_and_headers_of_a_site_on_https_are_those_of_flask(made, services, host, answered):
    settings = Settings(instance=services.settings.instance, base_url="https://help.example")
    ways = Ways(made(settings))
    short, plain = (ask(way, environ(INTAKE, HTTP_HOST=host)) for way in (ways.short, ways.flask))
    assert short[:3] == plain[:3]
    assert (short[0] == "200 OK") == answered == (ways.came == 0)
    assert ("Strict-Transport-Security" in dict(short[1])) == settings.secure


def test_behind_a_proxy_the_network_of_the_client_is_counted(made, services):
    app = made(Settings(instance=services.settings.instance, proxy_count=1))

    def status(client):
        return ask(app.wsgi_app, environ(INTAKE, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=client))[0]

    assert {status("203.0.113.9") for _ in range(MATCH.burst)} == {"200 OK"}
    assert status("203.0.113.9") == "429 TOO MANY REQUESTS"
    assert status("198.51.100.4") == "200 OK"
