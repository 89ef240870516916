"""The stylesheet, the script and the icon: read once, named by their content, kept by browsers for a year."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

from flask import Flask, abort, request, url_for
from werkzeug import Response
from werkzeug.http import generate_etag

TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
         ".png": "image/png"}


class Assets:
    """Files of one folder in memory, plain and squeezed."""

    def __init__(self, folder: Path) -> None:
        self.plain = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in TYPES}
        self.squeezed = {name: gzip.compress(body, 9, mtime=0) for name, body in self.plain.items()}
        self.versions = {name: hashlib.sha256(body).hexdigest()[:12] for name, body in self.plain.items()}

    def address(self, name: str) -> str:
        """The address of a file, with the hash of its content, so that a new version has a new address."""
        return url_for("static", filename=name, v=self.versions[name])

    def answer(self, filename: str) -> Response:
        """The file, squeezed where the browser takes it; 404 when there is none of that name."""
        if filename not in self.plain:
            abort(404)
        body = self.plain[filename]
        response = Response(body, content_type=TYPES[Path(filename).suffix])
        response.set_etag(generate_etag(body), weak=True)  # plain and squeezed are the same words
        named = request.args.get("v") == self.versions[filename]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if named else "no-cache"
        response.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"]:
            response.set_data(self.squeezed[filename])
            response.headers["Content-Encoding"] = "gzip"
        return response.make_conditional(request)


def install(app: Flask, folder: Path) -> Assets:
    """Serves the folder under /static/ and gives what templates need to name its files."""
    assets = Assets(folder)
    app.add_url_rule("/static/<filename>", endpoint="static", view_func=assets.answer, methods=["GET"])
    app.add_url_rule("/favicon.ico", endpoint="icon", view_func=lambda: assets.answer("seat.svg"), methods=["GET"])
    return assets
