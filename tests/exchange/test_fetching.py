import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from finder.exchange.fetching import Limits, Unfetchable, fetch
from finder.exchange.public_addresses import is_public, plain_address
from tests.exchange.net import PUBLIC, REFUSED, Net


class Site(BaseHTTPRequestHandler):
    asked: list = []

    def do_GET(self):
        Site.asked.append((self.path, dict(self.headers)))
        answer = getattr(self, "at_" + self.path.strip("/").partition("?")[0].partition("/")[0].partition(".")[0], None)
        if answer is None:
            self.send_error(404)
        else:
            answer()

    def _send(self, body=b"[]", status=200, **headers):
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def at_list(self):
        same = self.headers.get("If-None-Match") == '"7"'
        self._send(b"" if same else b"[1]", 304 if same else 200, ETag='"7"')

    def at_once(self):
        self._send(b"", 302, Location="/list.json.gz?key=1")

    def at_loop(self):
        self._send(b"", 302, Location="/loop")

    def at_inside(self):
        self._send(b"", 302, Location="http://127.0.0.1/list")

    def at_away(self):
        self._send(b"", 302, Location="file:///etc/passwd")

    def at_port(self):
        self._send(b"", 302, Location="http://example.org:8080/list")

    def at_large(self):
        self._send(b"x" * 4000)

    def at_broken(self):
        self._send(b"x" * 40, Content_Length="90")
        self.close_connection = True

    def at_slow(self):
        self._send(b"x", Content_Length="1000")
        try:
            for _ in range(50):
                time.sleep(0.1)
                self.wfile.write(b"x")
        except OSError:
            pass
        self.close_connection = True

    def at_dribble(self):
        try:
            for one in b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 60:
                self.wfile.write(bytes([one]))
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass
        self.close_connection = True

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def net(server):
    Site.asked = []
    return Net(server)


def bring(net, url, folder, **how):
    return fetch(url, folder, resolve=net.resolve, connect=net.connect, **how)


@pytest.mark.parametrize("url", REFUSED)
def test_M4_no_spelling_of_an_address_inside_or_odd_is_fetched(net, url, tmp_path):
    with pytest.raises(Unfetchable):
        bring(net, url, tmp_path)
    assert net.connected == []


def test_M4_there_are_eighty_spellings_at_least(record_property):
    assert len(set(REFUSED)) >= 80
    record_property("figure", f"{len(set(REFUSED))} spellings")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1",
                                     "fe80::1%eth0", "64:ff9b::a00:1", "0.0.0.0", "100.64.3.2"])
def test_M4_one_address_inside_among_public_ones_is_enough_to_refuse(server, address, tmp_path):
    net = Net(server, {"example.org": [PUBLIC, address]})
    with pytest.raises(Unfetchable, match="private_address"):
        bring(net, "https://example.org/list", tmp_path)
    assert net.connected == []


def test_M4_a_name_that_points_inside_a_moment_later_gains_nothing(server, tmp_path):
    answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
    net = Net(server, {"example.org": lambda: next(answers)})
    found = bring(net, "http://example.org/list", tmp_path)
    assert found.path.read_bytes() == b"[1]"
    assert (net.asked, net.connected) == (["example.org"], [(PUBLIC, 80)])


def test_M4_every_step_of_a_redirect_is_looked_up_and_checked_again(server, tmp_path):
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    net = Net(server, {"example.org": lambda: next(answers)})
    with pytest.raises(Unfetchable, match="private_address"):
        bring(net, "http://example.org/once", tmp_path)
    assert net.connected == [(PUBLIC, 80)]


def test_the_host_is_asked_for_by_its_name(net, tmp_path):
    bring(net, "http://example.org/list?a=1&b=%20", tmp_path)
    path, headers = Site.asked[-1]
    assert (path, headers["Host"], headers["Accept-Encoding"]) == ("/list?a=1&b=%20", "example.org", "identity")
    assert "Cookie" not in headers


def test_a_redirected_file_is_brought_with_its_endings(net, tmp_path):
    found = bring(net, "http://example.org/once", tmp_path)
    assert (found.path.name, found.url) == ("source.json.gz", "http://example.org/list.json.gz?key=1")


def test_nothing_new_is_told_by_the_tag(net, tmp_path):
    first = bring(net, "http://example.org/list", tmp_path)
    again = bring(net, "http://example.org/list", tmp_path, etag=first.etag)
    assert (first.etag, again.path) == ('"7"', None)


@pytest.mark.parametrize(("path", "code"), [
    ("loop", "redirects"), ("inside", "private_address"), ("away", "not_http"), ("port", "port"), ("missing", "status"),
    ("large", "too_large"), ("broken", "unreachable"),
])
def test_M4_what_cannot_be_fetched_says_why(net, path, code, tmp_path):
    with pytest.raises(Unfetchable, match=code):
        bring(net, f"http://example.org/{path}", tmp_path, limits=Limits(bytes=1000))
    assert len(net.connected) <= 4


@pytest.mark.parametrize("path", ["slow", "dribble"])
def test_M4_the_limit_of_time_holds_against_servers_that_send_a_letter_at_a_time(net, path, tmp_path):
    begun = time.monotonic()
    with pytest.raises(Unfetchable, match="too_slow"):
        bring(net, f"http://example.org/{path}", tmp_path, limits=Limits(seconds=0.5))
    assert time.monotonic() - begun < 2


def test_a_resolver_that_never_answers_is_not_waited_for(server, tmp_path):
    held = threading.Event()
    net = Net(server, {"example.org": lambda: held.wait(5) and []})
    begun = time.monotonic()
    with pytest.raises(Unfetchable, match="too_slow"):
        bring(net, "http://example.org/list", tmp_path, limits=Limits(seconds=0.3))
    held.set()
    assert time.monotonic() - begun < 2


def test_a_line_without_the_right_certificate_is_not_used(net, tmp_path):
    with pytest.raises(Unfetchable, match=r"not_safe|unreachable|too_slow"):
        bring(net, "https://example.org/list", tmp_path, limits=Limits(seconds=1))
    assert Site.asked == []


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", PUBLIC])
def test_public_addresses_are_public(address):
    assert is_public(plain_address(address))


def test_M4_only_who_says_so_fetches_from_this_machine(server, tmp_path):
    url = f"http://127.0.0.1:{server.server_port}/list"
    with pytest.raises(Unfetchable):
        fetch(url, tmp_path)
    assert fetch(url, tmp_path, limits=Limits(anywhere=True)).path.read_bytes() == b"[1]"
