"""A new import: a file or an address, what it holds, and what the columns of a spreadsheet mean."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flask import current_app, redirect, request
from flask.typing import ResponseReturnValue

from finder import limits, wording
from finder.accounts.permissions import Action
from finder.errors import Conflict, Invalid, NotFound, Problem, TooOften
from finder.exchange import columns, feeds, fetching, files, peers, uploads
from finder.exchange import mapping as mappings
from finder.exchange.fetching import Fetched, Unfetchable
from finder.limits import Limit
from finder.listings.models import Upload
from finder.web import open_form
from finder.web.desk import render
from finder.web.pages import link, services
from finder.web.signed_in import actor
from finder.web.steward import import_words
from finder.web.steward.blueprint import desk
from finder.web.steward.import_look import look_now, upload_here
from finder.web.steward.imports import key_of

FORM_BYTES = 256 * 1024  # what the form holds beside the file
FETCHES = Limit("import-fetch", 30, 3600)  # of one person in an hour
FIELDS = ("name", "format", "url", "mapping", "trusted")
ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
         "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico")
FORMATS = tuple(one for one in feeds.FOR_FEEDS if one != peers.FORMAT)  # whose pages only a feed follows
TRUST = {"yes": True, "no": False}  # anything else: as before


@desk.before_request
def make_room_for_files() -> None:
    """Lets this one page take a large file; who may send it is asked before anything of it is read."""
    if (request.endpoint or "").endswith(".import_new"):
        request.max_content_length = uploads.MOST_BYTES + FORM_BYTES


@desk.page("/imports/new", Action.IMPORT, methods=("GET", "POST"))
def import_new() -> ResponseReturnValue:
    """Take listings in from a file or an address"""
    if request.method == "GET":
        return _page({"trusted": ""}, {})
    form = {name: request.form.get(name, "").strip() for name in FIELDS}
    key, folder = uploads.make_room(services().settings.instance)
    try:
        upload = _keep(key, folder, form)
    except Invalid as wrong:
        shutil.rmtree(folder, ignore_errors=True)
        return _page(form, wrong.errors), 422
    if uploads.needs_mapping(upload):
        return redirect(link()("steward.import_columns", upload=key), 303)
    if (folder / upload.path).stat().st_size <= uploads.AT_ONCE_BYTES:
        look_now(key)
    return redirect(link()("steward.import_shown", upload=key), 303)


def _page(form: Mapping[str, str], errors: Mapping[str, list[Problem]]) -> str:
    return render("steward/import_new", form=form, errors=open_form.words(errors, import_words.OWN),
                  formats=import_words.formats(FORMATS), most=uploads.MOST_BYTES // (1024 * 1024))


def _keep(key: uuid.UUID, folder: Path, form: Mapping[str, str]) -> Upload:
    errors = feeds.wrong_source(form["name"], form["format"], FORMATS)
    try:
        mappings.typed(form["mapping"])
    except Invalid as wrong:
        errors |= wrong.errors
    if errors:
        raise Invalid(errors)
    path = _brought(folder, form["url"])
    held = services()
    with held.database.transaction() as session:
        return uploads.keep(session, key, path, name=form["name"], fmt=form["format"], mapping=form["mapping"] or None,
                            account_id=actor().account_id, trusted=TRUST.get(form["trusted"]), url=form["url"] or None,
                            now=held.now())


def _brought(folder: Path, url: str) -> Path:
    """The file that was sent, or what the address holds."""
    sent = request.files.get("file")
    if sent is not None and sent.filename:
        path = folder / fetching.name_of("/" + sent.filename)
        uploads.save(sent.stream, path)  # type: ignore[arg-type]
        return path
    if not url:
        raise Invalid({"file": [Problem("file_or_url")]})
    held = services()
    try:
        with held.database.transaction() as session:
            seconds = limits.spend(session, FETCHES, str(actor().account_id).encode(), held.now())
        if seconds:
            raise TooOften("too_often", seconds=seconds)
        fetch: Callable[..., Fetched] = current_app.extensions.get("finder_fetch", fetching.fetch)
        found = fetch(url, folder)
    except Unfetchable as wrong:
        raise Invalid({"url": [Problem(f"fetch_{wrong.code}", **wrong.values)]}) from None
    assert found.path is not None
    found.path.chmod(0o600)
    return found.path


# -- columns ---------------------------------------------------------------------------------------------------------


@desk.page("/imports/waiting/<upload>/columns", Action.IMPORT, about=upload_here, methods=("GET", "POST"))
def import_columns(upload: str) -> ResponseReturnValue:
    """What the columns of a spreadsheet mean"""
    held, key = services(), key_of(upload, "upload")
    with held.database.reading() as session:
        found = uploads.find(session, key)
    if found.format != "csv" or found.state not in (uploads.NEW, uploads.WAITING):
        raise NotFound("upload")
    try:
        there = columns.columns(uploads.folder_of(held.settings.instance, key) / found.path)
    except files.Broken as broken:
        return _discard_unreadable(key, broken.code)
    if request.method == "GET":
        return _columns_page(found, there, {}, {})
    try:
        _choose(key, there)
    except Invalid as wrong:
        return _columns_page(found, there, request.form, wrong.errors), 422
    return redirect(link()("steward.import_shown", upload=upload), 303)


def _choose(key: uuid.UUID, there: list[columns.Column]) -> None:
    held = services()
    chosen = {one.heading: request.form.get(f"column-{place}", "") for place, one in enumerate(there)}
    kind, zone = request.form.get("group_type", ""), request.form.get("timezone", "")
    text = columns.mapping_of(chosen, group_type=kind if kind in held.vocabulary.lists["group_types"] else "",
                              timezone=zone if zone in ZONES else "")
    with held.database.transaction() as session:
        uploads.change(session, key, mapping=text)
    path = uploads.folder_of(held.settings.instance, key)
    with held.database.reading() as session:
        size = (path / uploads.find(session, key).path).stat().st_size
    if size <= uploads.AT_ONCE_BYTES:
        look_now(key)


def _columns_page(found: Upload, there: list[columns.Column], form: Mapping[str, Any],
                  errors: Mapping[str, list[Problem]]) -> str:
    rows = [(f"column-{place}", one, form.get(f"column-{place}", one.guess) if form else one.guess)
            for place, one in enumerate(there)]
    codes = services().vocabulary.lists["group_types"].codes
    types = sorted((wording.label("group_types", code), code) for code in codes)
    return render("steward/import_columns", upload=found, rows=rows, form=form, fields=import_words.columns(),
                  types=types, zones=[(zone, import_words.zone(zone)) for zone in ZONES],
                  errors=open_form.words(errors, import_words.OWN))


def _discard_unreadable(key: uuid.UUID, code: str) -> ResponseReturnValue:
    try:
        with services().database.transaction() as session:
            uploads.note_looked(session, key, uploads.Looked({}, code))
    except Conflict:
        pass
    return redirect(link()("steward.import_shown", upload=key), 303)
