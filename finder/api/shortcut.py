"""A shorter way to the answers of `POST /match`, for requests with nothing unusual about them.

Flask's own way from the socket to the view and back (contexts, 500 addresses, hooks, header objects) costs as much as a
third of a match. What comes as programs send it is answered here, before Flask, by the same functions, with the same
checks, headers and budget. All else goes on to Flask untouched: other types, addresses and methods, cookies, whatever a
validator objects to, budgets that are used up, failures. So every error is said in one place, and the tests compare.
"""

from __future__ import annotations

import io
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from http import HTTPStatus
from time import perf_counter
from typing import Any

import orjson
from flask import Flask

from finder import strict_json
from finder.api import match
from finder.search.intake_schema import load as load_intake
from finder.search.query_schema import Controls, load_match

PATH = "/api/v1/match"
# As any client writes one; what else a header may hold is left to Werkzeug.
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|\[::1\](:[0-9]{1,5})?")
_LENGTH = re.compile(r"[0-9]{1,6}")

Environ = dict[str, Any]
Start = Callable[..., Any]


class Shortcut:
    """The app's WSGI function with the shorter way before it; inside whatever reads the headers of proxies."""

    def __init__(self, app: Flask) -> None:
        self.app, self.inner = app, app.wsgi_app
        self.services, self.manners = app.extensions["finder"], app.extensions["finder_manners"]
        self.counts = app.extensions["finder_counts"]
        self.languages = app.config["FINDER_LANGUAGE_CODES"]
        self.controls: Mapping[str, Controls] = {
            "": load_match({}, self.languages), "text=0": load_match({"text": ["0"]}, self.languages),
            **{f"lang={code}": load_match({"lang": [code]}, self.languages) for code in self.languages}}

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == PATH and self._is_plain(environ):
            controls = self.controls.get(environ.get("QUERY_STRING", ""))
            body = _body(environ) if controls is not None else None
            if controls is not None and body is not None:
                began = perf_counter()
                answer = self._answer(environ, body, controls)
                if answer is not None:
                    self.services.meter.count(PATH, "api", HTTPStatus.OK, perf_counter() - began)
                    start_response("200 OK", [
                        ("Content-Type", "application/json"), ("Content-Length", str(len(answer))),
                        ("Cache-Control", "no-store"), ("X-Request-ID", secrets.token_hex(8)), *self.manners.headers])
                    return [answer]
                environ["wsgi.input"] = io.BytesIO(body)
        return self.inner(environ, start_response)

    def _is_plain(self, environ: Environ) -> bool:
        """Whether nothing in the head of a request asks for more than this file does."""
        host = environ.get("HTTP_HOST", "")
        return (environ["REQUEST_METHOD"] == "POST" and environ.get("CONTENT_TYPE") == "application/json"
                and not environ.get("SCRIPT_NAME") and "HTTP_COOKIE" not in environ
                and "HTTP_TRANSFER_ENCODING" not in environ
                and _HOST.fullmatch(host) is not None and self.manners.is_own(host)
                and not self.manners.is_late(environ))

    def _answer(self, environ: Environ, body: bytes, controls: Controls) -> bytes | None:
        """The answer in writing; None where Flask is to find out what is wrong."""
        held = self.services
        if len(body) != int(environ["CONTENT_LENGTH"]):
            return None
        try:
            intake = load_intake(strict_json.read(body))
            if self.manners.wait(PATH, "", environ.get("REMOTE_ADDR")):
                return None
            environ["finder.counted"] = True  # should Flask meet it again
            found, lang = match.found(intake, controls, held), match.language(controls, held)
            with self.app.app_context() if lang else nullcontext():  # sentences ask Flask-Babel for their language
                return orjson.dumps(match.written(found, lang))
        except Exception:  # noqa: BLE001 - Flask meets it again, and says it as it says all errors
            return None
        finally:
            self.counts.write_aside(held.database, held.now())


def _body(environ: Environ) -> bytes | None:
    """The body, where the head says how long it is and that is no more than it may be."""
    length = environ.get("CONTENT_LENGTH", "")
    if not _LENGTH.fullmatch(length) or int(length) > match.MOST_BYTES:
        return None
    body: bytes = environ["wsgi.input"].read(int(length))
    return body
