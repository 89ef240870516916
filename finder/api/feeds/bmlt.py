"""/bmlt/client_interface: the meetings as a BMLT server answers, for programs that read such servers.

Errors are as they are there: an empty list for a parameter that cannot be read, 422 for a question nobody knows. Other
parameters than the known ones are let be, as clients send many. Nothing that is asked is kept.
"""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Iterable, Mapping
from typing import IO, Any

import orjson
from flask import Response, request

from finder.api import whole
from finder.api.blueprint import services
from finder.api.feeds import bmlt_described
from finder.api.feeds.weekly_site import Writing, writing
from finder.api.open_door import is_known, kept, open_blueprint, tag, unchanged
from finder.api.whole import Whole
from finder.errors import Invalid, NotFound, Problem
from finder.exchange import bmlt_answers
from finder.exchange.bmlt_answers import Answers
from finder.exchange.bmlt_parameters import one, parameters
from finder.exchange.bmlt_replies import Server, reply
from finder.exchange.entries import Entry
from finder.fields import shown
from finder.places.lookup import Place, resolve

PREFIX = "/bmlt/client_interface"
WORTH_SQUEEZING = 1000  # bytes
_LEVEL = 4  # of gzip: most of the gain at half the time, for an answer that is used once
# A name that a script may have in a page, and nothing else that could run there.
_CALLBACK = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{0,63}(\.[A-Za-z_$][A-Za-z0-9_$]{0,63}){0,3}")

bmlt = open_blueprint("bmlt", "The meetings as a BMLT server answers", url_prefix=PREFIX)


@bmlt.after_app_request
def any_header(response: Response) -> Response:
    """Clients in browsers say who they are in `User-Agent`, which some browsers ask about first."""
    if request.blueprint == bmlt.name:
        response.headers["Access-Control-Allow-Headers"] = "*"
    return response


@bmlt.route("/json/", strict_slashes=False, tags=["bmlt"])
@bmlt.doc(operationId="askBmlt", parameters=bmlt_described.PARAMETERS, responses=bmlt_described.JSON)
def as_json() -> Response:
    """Ask for meetings, formats and service bodies as of a BMLT server"""
    return _answer()


@bmlt.route("/jsonp/", strict_slashes=False, tags=["bmlt"])
@bmlt.doc(operationId="askBmltInScript", parameters=[bmlt_described.CALLBACK, *bmlt_described.PARAMETERS],
          responses=bmlt_described.SCRIPT)
def as_script() -> Response:
    """Ask the same from a page's script, which gets its answer as a call"""
    callback = request.args.get("callback", "callback")
    if not _CALLBACK.fullmatch(callback):
        raise Invalid({"callback": [Problem("invalid")]})
    return _answer(callback)


def _answer(callback: str = "") -> Response:
    if services().settings.bmlt == "off":
        raise NotFound
    query = parameters(request.args.items(multi=True))
    how = writing()
    name = tag(services().shelf(), how.mark, day=services().now().date())
    if is_known(name):
        return unchanged(name)
    file = bmlt_file(how)
    held = file.shelf.left("bmlt", _Newest).of(file)
    said = reply(Server(held, how.site, services().vocabulary, _locate, how.lang), query)
    if said is None:
        switcher = one(query, "switcher")
        raise Invalid({"switcher": [Problem("not_a_code", value=shown(switcher)) if switcher else Problem("required")]})
    return kept(_squeezed(orjson.dumps(said), callback), name, file.shelf)


def bmlt_file(how: Writing) -> Whole:
    """All there is to answer with as it is kept for the workers of this instance; its facts are `meetings` and
    `left_out`."""
    def write(found: Iterable[Entry], out: IO[bytes]) -> Mapping[str, Any]:
        held = bmlt_answers.answers(found, site=how.site, words=how.words, today=services().now().date(),
                                    direct_links=how.direct_links, lang=how.lang)
        out.write(orjson.dumps(bmlt_answers.plain(held)))
        return {"meetings": len(held), "left_out": held.left_out}
    return whole.file(f"bmlt-{how.mark}.json", write)


class _Newest:
    """The answers of the newest file; a shelf may live for many days, each of which has a file of its own."""

    def __init__(self) -> None:
        self._name = ""
        self._held: Answers | None = None
        self._lock = threading.Lock()

    def of(self, file: Whole) -> Answers:
        """The answers of this file, read by the first who asks while others wait."""
        with self._lock:
            if self._held is None or self._name != file.name:
                body = gzip.decompress(file.path.read_bytes() if file.path else file.body)
                self._name, self._held = file.name, bmlt_answers.read(orjson.loads(body))
            return self._held


def _locate(text: str) -> tuple[float, float] | None:
    found = resolve(text, services().gazetteer)
    return (found.latitude, found.longitude) if isinstance(found, Place) else None


def _squeezed(body: bytes, callback: str) -> Response:
    if callback:
        # The comment keeps whoever is made to load this as something else from reading it so.
        body = f"/**/{callback}(".encode() + body + b");"
    response = Response(mimetype="text/javascript" if callback else "application/json")
    response.vary.add("Accept-Encoding")
    if len(body) >= WORTH_SQUEEZING and request.accept_encodings["gzip"]:
        body = gzip.compress(body, _LEVEL, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
    response.set_data(body)
    return response
