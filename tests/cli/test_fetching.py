import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from finder.cli import fetching
from finder.cli.script import Failure
from finder.exchange.fetching import Unfetchable


class Site(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/loop":
            return self._redirect("/loop")
        if self.path == "/away":
            return self._redirect("file:///etc/hostname")
        if self.path == "/moved":
            return self._redirect("/feeds/list.json.gz?key=1")
        if self.path == "/missing":
            return self.send_error(404)
        body = b"x" * 4000 if self.path == "/large" else b"[]"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def _redirect(self, target):
        self.send_response(302)
        self.send_header("Location", target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_redirected_file_is_brought_with_its_endings_and_removed(site):
    with fetching.local(f"{site}/moved", anywhere=True) as path:
        assert path.name == "source.json.gz"
        assert path.read_bytes() == b"[]"
    assert not path.parent.exists()


@pytest.mark.parametrize(("path", "said"), [
    ("/loop", "leads on and on"), ("/away", "http://"), ("/missing", "404"), ("/large", "larger than 0 MB"),
])
def test_what_cannot_be_fetched_is_said_in_a_sentence(site, path, said):
    with pytest.raises(Failure, match=said), fetching.local(site + path, most_bytes=1000, anywhere=True):
        pass


def test_this_machine_is_not_fetched_from_unless_asked_for(site):
    with pytest.raises(Failure, match="--anywhere"), fetching.local(f"{site}/moved"):
        pass


def test_every_way_to_fail_has_its_sentence():
    known = set(re.findall(r"[a-z_]+", Unfetchable.__doc__.partition("`code`:")[2])) & set(fetching.SAID)
    assert known == set(fetching.SAID)


@pytest.mark.parametrize("source", ["ftp://example.org/a", "file:///etc/hostname", "no/such/file.json"])
def test_other_schemes_and_missing_files_are_refused(source):
    with pytest.raises(Failure), fetching.local(source):
        pass


def test_a_local_path_is_used_as_it_is(tmp_path):
    file = tmp_path / "a.json"
    file.write_text("[]")
    with fetching.local(str(file)) as path:
        assert path == file
    assert file.exists()
