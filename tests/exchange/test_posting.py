import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from finder.exchange.posting import Posted, allowed, post, without_query
from finder.exchange.public_addresses import Unfetchable
from tests.exchange.certificates import make_certificate
from tests.exchange.net import PUBLIC, REFUSED, Net

OVER_TLS = [one.replace("http://", "https://", 1) for one in REFUSED if one != "http://example.org:443/"]


class Site(BaseHTTPRequestHandler):
    """Takes what is posted and answers as the address says."""

    asked: list = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Site.asked.append((self.path, dict(self.headers), body))
        getattr(self, "at_" + self.path.strip("/").partition("?")[0])()

    do_GET = do_POST

    def _send(self, status, **headers):
        self.send_response(status)
        for name, value in {"Content_Length": "0", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def at_good(self):
        self._send(204)

    def at_away(self):
        self._send(307, Location="/good")

    def at_busy(self):
        self._send(503, Retry_After="120")

    def at_weeks(self):
        self._send(429, Retry_After="9999999")

    def at_date(self):
        self._send(503, Retry_After="Tue, 24 Nov 2026 12:00:00 GMT")

    def at_endless(self):
        self._send(200, Content_Length="100000000000")
        try:
            while True:
                self.wfile.write(b"x" * 65536)
        except OSError:
            pass

    def at_heads(self):
        try:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 1000 + b"\r\n")
        except OSError:
            pass
        self.close_connection = True

    def at_babble(self):
        self.wfile.write(b"\x00\xff nothing of the kind \r\n\r\n")
        self.close_connection = True

    def at_silent(self):
        time.sleep(1)
        self.close_connection = True

    def at_dribble(self):
        try:
            for one in b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 60:
                self.wfile.write(bytes([one]))
                time.sleep(0.05)
        except OSError:
            pass
        self.close_connection = True

    def log_message(self, *_):
        pass


class Quiet(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        pass


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("certificates"), "example.org")


@pytest.fixture(scope="module")
def server(certificate):
    server = Quiet(("127.0.0.1", 0), Site)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def net(server, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    Site.asked = []
    return Net(server)


def send(net, url, body=b"{}", headers=(), **how):
    return post(url, body, dict(headers), resolve=net.resolve, connect=net.connect, **how)


@pytest.mark.parametrize("url", REFUSED)
def test_what_cannot_be_fetched_is_not_posted_to_either(net, url):
    with pytest.raises(Unfetchable):
        send(net, url)
    assert net.connected == []


@pytest.mark.parametrize("url", OVER_TLS)
def test_tls_opens_no_way_inside(net, url):
    with pytest.raises(Unfetchable):
        send(net, url)
    assert net.connected == []


def test_eighty_spellings_at_least_are_tried_with_and_without_tls():
    assert min(len(set(REFUSED)), len(set(OVER_TLS))) >= 80


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1",
                                     "fe80::1%eth0", "64:ff9b::a00:1", "0.0.0.0", "100.64.3.2"])
def test_one_address_inside_among_public_ones_is_enough_to_refuse(server, address):
    net = Net(server, {"example.org": [PUBLIC, address]})
    with pytest.raises(Unfetchable, match="private_address"):
        send(net, "https://example.org/good")
    assert net.connected == []


def test_a_name_is_looked_up_once_and_the_line_goes_to_what_was_found(net):
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    net.names["example.org"] = lambda: next(answers)
    assert send(net, "https://example.org/good").good
    assert (net.asked, net.connected) == (["example.org"], [(PUBLIC, 443)])


def test_the_body_and_the_headers_arrive_as_they_were_sent(net):
    send(net, "https://example.org/good?key=1", b'{"a":1}', {"webhook-id": "msg_1"})
    ((path, headers, body),) = Site.asked
    assert (path, body) == ("/good?key=1", b'{"a":1}')
    assert headers["Host"] == "example.org"
    assert headers["webhook-id"] == "msg_1"
    assert headers["Content-Type"] == "application/json"
    assert not {"Cookie", "Authorization", "Referer"} & set(headers)


def test_only_tls_will_do_unless_anywhere_is_allowed(net):
    with pytest.raises(Unfetchable, match="not_https"):
        send(net, "http://example.org/good")
    with pytest.raises(Unfetchable, match="not_https"):
        allowed("http://example.org/good")
    assert net.connected == []
    allowed("http://127.0.0.1:8080/good", anywhere=True)
    allowed("https://example.org/good")


def test_a_redirect_is_an_answer_and_is_not_followed(net):
    assert send(net, "https://example.org/away") == Posted(307)
    assert len(Site.asked) == 1


@pytest.mark.parametrize(("path", "answer"), [
    ("good", Posted(204)), ("busy", Posted(503, 120)), ("weeks", Posted(429, 24 * 3600)), ("date", Posted(503))])
def test_the_answer_is_its_status_and_how_long_to_wait(net, path, answer):
    assert send(net, f"https://example.org/{path}") == answer


@pytest.mark.parametrize(("status", "good"), [(199, False), (200, True), (299, True), (300, False), (410, False)])
def test_two_hundreds_are_good(status, good):
    assert Posted(status).good is good


def test_an_answer_without_end_is_not_read(net):
    begun = time.monotonic()
    assert send(net, "https://example.org/endless", seconds=5).good
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("path", ["heads", "babble"])
def test_what_is_no_answer_of_the_web_is_none(net, path):
    with pytest.raises(Unfetchable, match="unreachable"):
        send(net, f"https://example.org/{path}")


@pytest.mark.parametrize("path", ["silent", "dribble"])
def test_the_limit_of_time_holds_for_the_answer(net, path):
    begun = time.monotonic()
    with pytest.raises(Unfetchable, match="too_slow"):
        send(net, f"https://example.org/{path}", seconds=0.5)
    assert time.monotonic() - begun < 2


def test_a_certificate_that_nobody_vouches_for_is_refused(net, monkeypatch, tmp_path):
    monkeypatch.setenv("SSL_CERT_FILE", str(make_certificate(tmp_path, "other.example.org")))
    with pytest.raises(Unfetchable, match="not_safe"):
        send(net, "https://example.org/good")
    assert Site.asked == []


def test_a_certificate_of_another_host_is_refused(net):
    with pytest.raises(Unfetchable, match="not_safe"):
        send(net, "https://www.example.org/good")
    assert Site.asked == []


@pytest.mark.parametrize("letters", [b"", b"\x16\x03\x03\x40\x00" + b"\x02" * 60], ids=["silent", "dribbling"])
def test_the_limit_of_time_holds_while_the_line_is_made_safe(letters):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        def answer():
            line, _ = listening.accept()
            with line:
                try:
                    for one in letters:
                        line.sendall(bytes([one]))
                        time.sleep(0.05)
                    time.sleep(1)
                except OSError:
                    pass

        thread = threading.Thread(target=answer)
        thread.start()
        begun = time.monotonic()
        with pytest.raises(Unfetchable, match="too_slow"):
            post("https://example.org/", b"{}", {}, seconds=0.5, resolve=lambda *_: [PUBLIC],
                 connect=lambda _, seconds: socket.create_connection(listening.getsockname(), timeout=seconds))
        assert time.monotonic() - begun < 2
        thread.join()


def test_an_address_is_shown_without_what_may_be_a_password():
    assert without_query("https://example.org/in?key=secret#part") == "https://example.org/in?…"
    assert without_query("https://example.org/in") == "https://example.org/in"
