"""The site as it is shipped for nginx, with Debian's nginx in front of a real server."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from finder import crisis
from finder.cli import probing
from finder.cli.server import address, free_port
from finder.config import ROOT
from finder.listings import visitors
from finder.web import open_form
from tests.cli.test_setup import start

HOST, NAME = "127.0.0.1", "finder.example.org"
SHIPPED = ROOT / "finder" / "deploy"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _nginx() -> str:
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if found is None:
        if os.environ.get("FINDER_REQUIRE_NGINX"):
            pytest.fail("FINDER_REQUIRE_NGINX is set and there is no nginx")
        pytest.skip("no nginx on this machine; apt-get install nginx-light")
    return found


def _certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)]), datetime.now(UTC)
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
            .sign(key, hashes.SHA256()))
    Path(folder, "certificate.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    Path(folder, "key.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass
class Front:
    """nginx on two free ports, and the server behind it."""

    folder: Path
    plain: int
    secure: int
    behind: subprocess.Popen[str]

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None,
            version: ssl.TLSVersion | None = None) -> Answer:
        trusted = ssl.create_default_context(cafile=str(self.folder / "certificate.pem"))
        trusted.check_hostname = False  # the name is asked for below, but the line goes to this machine
        if version is not None:
            trusted.minimum_version = trusted.maximum_version = version
        line = http.client.HTTPSConnection(HOST, self.secure, context=trusted, timeout=30)
        with closing(line):
            line.request(method, path, body, {"Host": NAME, **(headers or {})})
            found = line.getresponse()
            return Answer(found.status, found.headers, found.read())


def _site(folder: Path, front: dict[str, str]) -> str:
    """The file as shipped, but for the things that differ on each machine: each is there, and is named here."""
    text = (SHIPPED / "nginx.conf").read_text(encoding="utf-8")
    for shipped, here in front.items():
        assert re.search(shipped, text), shipped
        text = re.sub(shipped, here, text)
    user = "user root; " if os.geteuid() == 0 else ""  # folders of tests are for their owner only
    return (f"{user}daemon off; pid {folder}/pid; error_log {folder}/error.log emerg; worker_processes 1;\n"
            f"events {{}}\nhttp {{ client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; "
            f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n{text}\n}}")


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    program, folder = _nginx(), tmp_path_factory.mktemp("front")
    folder.chmod(0o755)
    plain, secure, port = (free_port(HOST) for _ in range(3))
    _certificate(folder)
    Path(folder, "nginx.conf").write_text(_site(folder, {
        r"listen 80;": f"listen {HOST}:{plain};", r"listen 443 ssl": f"listen {HOST}:{secure} ssl",
        r"listen \[::\]:.*;": "", r"/etc/ssl/finder": str(folder), r"127\.0\.0\.1:8000": f"{HOST}:{port}",
        r"/opt/finder/": f"{ROOT}/"}), encoding="utf-8")
    os.environ |= {"FINDER_BASE_URL": f"https://{NAME}", "FINDER_PROXY_COUNT": "1"}
    try:
        behind = start(tmp_path_factory.mktemp("behind"), "demo", "--port", str(port))
    finally:
        del os.environ["FINDER_BASE_URL"], os.environ["FINDER_PROXY_COUNT"]
    nginx = subprocess.Popen([program, "-c", str(folder / "nginx.conf"), "-p", str(folder)],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        probing.wait_until_alive(address(HOST, port), behind)  # type: ignore[arg-type]
        yield Front(folder, plain, secure, behind)
    finally:
        nginx.send_signal(signal.SIGTERM)
        said, _ = nginx.communicate(timeout=20)
        behind.send_signal(signal.SIGTERM)
        behind.communicate(timeout=30)
    assert "emerg" not in said


def test_who_comes_without_tls_is_led_to_it(front: Front) -> None:
    with closing(http.client.HTTPConnection(HOST, front.plain, timeout=30)) as line:
        line.request("GET", "/programs?near=Durham", headers={"Host": NAME})
        answer = line.getresponse()
        assert (answer.status, answer.headers["Location"]) == (308, f"https://{NAME}/programs?near=Durham")


def test_W2_pages_come_by_tls_with_the_policies_of_the_site(front: Front) -> None:
    answer = front.ask("GET", "/", headers={"Accept-Encoding": "gzip"})
    assert answer.status == 200
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert len(answer.headers.get_all("Content-Security-Policy") or []) == 1
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Server"] in (None, "nginx")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # asking for it is what is old
def test_old_tls_is_refused(front: Front) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError)):
        front.ask("GET", "/", version=ssl.TLSVersion.TLSv1_1)
    assert front.ask("GET", "/", version=ssl.TLSVersion.TLSv1_2).status == 200


def test_W3_answers_are_kept_in_a_cookie_that_goes_by_tls_only(front: Front) -> None:
    answer = front.ask("POST", "/find/need", b"needs=grief", FORM | {"Origin": f"https://{NAME}"})
    assert answer.status in (302, 303), answer.body
    assert answer.headers["Location"].startswith("/")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-")
    assert {"Secure", "HttpOnly", "SameSite=Strict"} <= {one.strip() for one in cookie.split(";")}


def test_L5_a_visitors_word_about_where_they_come_from_counts_for_nothing(front: Front) -> None:
    """Whoever were believed to sit in another network each time could write as often as they like."""
    path = _listing(front) + "/report"
    stamp = re.search(rb'name="stamp" value="([^"]+)"', front.ask("GET", path).body)
    assert stamp is not None
    time.sleep(open_form.FASTEST_SECONDS + 1)
    sent = [front.ask("POST", path, urlencode({"kind": "other", "note": str(number), "stamp": stamp[1]}).encode(),
                      {**FORM, "Origin": f"https://{NAME}", "X-Forwarded-For": f"198.51.{number}.7"}).status
            for number in range(visitors.MOST_AN_HOUR + 1)]
    assert sent == [303] * visitors.MOST_AN_HOUR + [429]


def _listing(front: Front) -> str:
    found = re.search(rb'href="(/programs/[a-z0-9-]+)"', front.ask("GET", "/programs?page=1").body)
    assert found is not None
    return found[1].decode()


def test_a_body_too_long_is_refused_by_the_site_itself(front: Front) -> None:
    answer = front.ask("POST", "/find/need", b"needs=" + b"x" * 3_000_000, FORM | {"Origin": f"https://{NAME}"})
    assert answer.status == 413
    assert b"988" in answer.body


def test_Y1_help_lines_stand_on_the_page_of_a_site_that_is_down_and_it_comes_back(front: Front) -> None:
    front.behind.send_signal(signal.SIGTERM)
    front.behind.communicate(timeout=30)
    for method, path in (("GET", "/programs"), ("POST", "/find/need"), ("GET", "/api/v1/programs")):
        answer = front.ask(method, path, b"needs=grief" if method == "POST" else None, FORM)
        assert (answer.status, answer.headers["Retry-After"]) == (503, "30"), path
        assert b'href="tel:988"' in answer.body
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["Cache-Control"] == "no-store"


def test_P3_nothing_about_a_visitor_was_written_down(front: Front) -> None:
    until = time.monotonic() + 5
    while time.monotonic() < until and not (front.folder / "error.log").exists():
        time.sleep(0.05)
    assert (front.folder / "error.log").read_text() == ""
    assert list(front.folder.glob("*access*")) == []


@pytest.mark.parametrize("lang", ["en", "es"])
def test_Y2_the_page_of_a_site_that_is_down_names_the_lines_of_the_constant(lang: str) -> None:
    page = unescape((SHIPPED / "down.html").read_text(encoding="utf-8"))
    half = page.partition('<section lang="es">')[0 if lang == "en" else 2]
    for line in crisis.lines("US")[:2]:
        assert line.name.of(lang) in half
        for way in line.ways:
            assert f'href="{way.href(lang)}"' in half
    numbers = {way.href(lang) for line in crisis.lines("US")[:2] for way in line.ways}
    assert set(re.findall(r'href="([^"]+)"', half)) == numbers
