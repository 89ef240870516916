"""What every response says to the browser: what it may load (nothing foreign), keep, and tell others (nothing)."""

from __future__ import annotations

import gzip
import io
import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request

from finder.web import embed_headers
from finder.web.answers import AnswerCookie

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; "
    "manifest-src 'self'"
)
# Everything that a page of ours never uses, switched off by name. Where somebody is, is asked only by the button
# "Near me", and leaves the browser rounded to a kilometer; passkeys sign in who keeps listings.
PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media", "fullscreen",
    "gyroscope", "hid", "identity-credentials-get", "idle-detection", "local-fonts", "magnetometer",
    "microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock", "serial",
    "storage-access", "usb", "xr-spatial-tracking")) + ", geolocation=(self), publickey-credentials-get=(self)"
ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
ONE_YEAR = 31_536_000
WORTH_SQUEEZING = 800  # bytes; below that gzip gains nothing
MOST_PADDING = 256  # bytes
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


LOOPBACK = frozenset(("localhost", "127.0.0.1", "[::1]"))


def policy(map_origin: str = "") -> str:
    """The content policy; with the site of an operator's own map pictures, pictures from there are let in as well."""
    return CONTENT_SECURITY_POLICY.replace("img-src 'self'", f"img-src 'self' {map_origin}") if map_origin \
        else CONTENT_SECURITY_POLICY


def always(map_origin: str) -> dict[str, str]:
    """The headers of every answer, but for those of pages in frames."""
    return ALWAYS | {"Content-Security-Policy": policy(map_origin)}


def strict_transport(secure: bool) -> dict[str, str]:
    """The header that keeps browsers on https, where the site is there."""
    return {"Strict-Transport-Security": f"max-age={ONE_YEAR}"} if secure else {}


def hosts_of(base_url: str) -> frozenset[str] | None:
    """The hosts that requests may be for; None: any."""
    return LOOPBACK | {_name(_host(base_url))} if base_url else None


def is_own(host: str, own: frozenset[str] | None) -> bool:
    """Whether a request's host is among them."""
    return own is None or _name(host) in own


def install(app: Flask, cookie: AnswerCookie, base_url: str, map_origin: str = "") -> None:
    """Hangs the checks before and the headers after every request.

    With a `base_url`, requests for any other host than its own or this machine are refused with 400.
    """
    usual, own, transport = always(map_origin), hosts_of(base_url), strict_transport(cookie.secure)
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(base_url)) if base_url else ""

    @app.before_request
    def mark() -> None:
        g.request_id = secrets.token_hex(8)
        if embed_headers.is_framed(request.endpoint):
            request.environ.pop("HTTP_COOKIE", None)  # a page in a frame holds no session, so none is looked at
        if not is_own(request.host, own):
            abort(400)
        if not _is_text(request.query_string):
            request.query_string = b""  # not even the page that says so could read it
            abort(400)
        if "\x00" in request.path:
            abort(404)  # no address holds one, and PostgreSQL refuses it in any text

    @app.after_request
    def finish(response: Response) -> Response:
        filename = (request.view_args or {}).get("filename", "")
        for name, value in embed_headers.headers(usual, request.endpoint, filename, origin).items():
            response.headers.setdefault(name, value)
        response.headers.update(transport)
        response.headers["X-Request-ID"] = g.get("request_id", "-")
        if response.mimetype == "text/html":
            holds_answers = cookie.is_carried(request) or "Set-Cookie" in response.headers
            _decide_keeping(response, holds_answers)
            _squeeze(response, secrets.randbelow(MOST_PADDING) if holds_answers else 0)
        return response


def _is_text(query: bytes) -> bool:
    try:
        query.decode()
    except UnicodeDecodeError:
        return False
    return True


def _decide_keeping(response: Response, holds_answers: bool) -> None:
    """Pages that ask for, show or depend on answers are never kept; the others are asked for anew each time."""
    response.vary.update(("Cookie", "Accept-Encoding"))
    changing = request.method not in ("GET", "HEAD") or response.status_code >= 400
    personal = holds_answers or changing or g.get("personal")
    response.headers["Cache-Control"] = "no-store" if personal else "no-cache"


def _squeeze(response: Response, padding: int) -> None:
    """Gzip, with so many bytes of padding in its header.

    The length of a squeezed page can give away what it holds to somebody who watches the line and makes the reader's
    browser ask for it with guesses of their own (BREACH). No other site can do that here, since the answers travel in
    a SameSite=Strict cookie; and a length that differs each time leaves them little to compare.
    """
    if (response.direct_passthrough or "Content-Encoding" in response.headers
            or not request.accept_encodings["gzip"]):
        return
    body = response.get_data()
    if len(body) >= WORTH_SQUEEZING:
        packed = io.BytesIO()
        with gzip.GzipFile(filename="-" * padding, mode="wb", compresslevel=6, fileobj=packed, mtime=0) as file:
            file.write(body)
        response.set_data(packed.getvalue())
        response.headers["Content-Encoding"] = "gzip"


def refuse_foreign_posts() -> None:
    """Ends a changing request that another site has sent, with 403.

    The cookie is SameSite=Strict, so such a request carries no answers in any case; this keeps others from planting
    some. Browsers say where a request comes from in Sec-Fetch-Site (on https and localhost). Where that is missing,
    Origin must be ours; it is the word "null" on our own pages too, because they send no referrer (Fetch, 3.2.5).
    """
    if request.method not in CHANGING:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site != "same-origin":
            abort(403)
        return
    origin = request.headers.get("Origin", "null")
    if origin != "null" and _host(origin) != request.host.lower():
        abort(403)


def _host(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _name(host: str) -> str:
    """A host without its port."""
    return host.lower() if host.endswith("]") else host.lower().rpartition(":")[0] or host.lower()
