"""What an import would do, row by row, before anybody lets it: shown, applied exactly as shown, or discarded."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import make_response, redirect, request
from flask.typing import ResponseReturnValue

from finder.accounts.permissions import Action, Target
from finder.errors import Conflict
from finder.exchange import spool, tables, uploads
from finder.exchange.hsds import supplied
from finder.exchange.taking import Ground
from finder.listings.models import Upload
from finder.search.likely import Likely
from finder.web import comparing_texts, history_words
from finder.web.comparing_texts import Row
from finder.web.desk import render
from finder.web.pages import link, services, snapshot
from finder.web.signed_in import author
from finder.web.steward import import_words
from finder.web.steward.blueprint import desk
from finder.web.steward.imports import key_of, page_number, said
from finder.wordings.language import gettext

A_PAGE = 25  # rows of a list


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of a list: what it is about, and what there is to say."""

    row: int
    name: str
    slug: str
    told: str
    rows: Sequence[Row] = ()


def upload_here(session: Any, upload: str, **values: Any) -> Target:
    """What a page about one upload is about: one that is there."""
    uploads.find(session, key_of(upload, "upload"))
    return Target()


def ground() -> Ground:
    """What files are read with here."""
    held = services()
    return Ground(held.vocabulary, held.gazetteer, supplied.read(held.settings.instance))


def look_now(key: uuid.UUID, *, again: bool = False) -> None:
    """Makes the dry run of an upload in this request. It only reads, so nobody waits for it."""
    held = services()
    with held.database.reading() as session:
        upload = uploads.find(session, key)
        looked = uploads.look(session, upload, held.settings.instance, ground(), now=held.now(),
                              alike=Likely(snapshot()))
    with held.database.transaction() as session:
        uploads.note_looked(session, key, looked, again=again)


@desk.page("/imports/waiting/<upload>", Action.IMPORT, about=upload_here)
def import_shown(upload: str) -> ResponseReturnValue:
    """What an import would do"""
    held, key = services(), key_of(upload, "upload")
    with held.database.reading() as session:
        found = uploads.find(session, key)
    if uploads.needs_mapping(found) and found.state == uploads.NEW:
        return redirect(link()("steward.import_columns", upload=upload), 303)
    report = found.report or {}
    lists = [(name, import_words.list_title(name), count) for name in spool.LISTS
             if (count := report.get("lists", {}).get(name))]
    wanted = request.args.get("list", "")
    chosen = wanted if wanted in [name for name, *_ in lists] else next((name for name, *_ in lists), "")
    page = page_number()
    return render("steward/import_shown", upload=found, report=report, lists=lists, chosen=chosen, said=said(),
                  rows=_rows(found, chosen, page), page_number=page, url=report.get("url"),
                  pages=-(-report.get("lists", {}).get(chosen, 0) // A_PAGE), open=found.state in uploads.OPEN,
                  many_gone=report.get("held_why", {}).get("many_gone", 0),
                  held=import_words.held(report.get("held_why", {})),
                  unreadable=import_words.unreadable(report.get("unreadable")))


def _rows(upload: Upload, name: str, page: int) -> list[Shown]:
    folder = uploads.folder_of(services().settings.instance, upload.id)
    return [_shown(name, line) for line in spool.page(folder, name, after=page * A_PAGE, most=A_PAGE)]


def _shown(name: str, line: Mapping[str, Any]) -> Shown:
    told, rows = "", []
    if name in ("changed", "conflicts"):
        rows = comparing_texts.changed(line["before"], line["after"])
        told = history_words.state(line["state"]) if line.get("state") else ""
    elif name == "held":
        told = import_words.why(line["why"])
    elif name == "refused":
        told = import_words.refusal(line["field"], line["code"])
    elif name == "alike":
        told = gettext("It may be the same as: %(name)s", name=line["other"])
    return Shown(line["row"], line.get("name", ""), line.get("other_slug") or line.get("slug", ""), told, rows)


@desk.page("/imports/waiting/<upload>/refused.csv", Action.IMPORT, about=upload_here)
def import_refused(upload: str) -> ResponseReturnValue:
    """The refused rows as a table"""
    folder: Path = uploads.folder_of(services().settings.instance, key_of(upload, "upload"))
    lines = spool.lines(folder, "refused")
    response = make_response(tables.written(
        [gettext("Row"), gettext("Field"), gettext("Rule"), gettext("In words")],
        ([one["row"], one["field"], one["code"], import_words.refusal("", one["code"])] for one in lines)))
    response.mimetype = "text/csv"
    response.headers["Content-Disposition"] = 'attachment; filename="refused-rows.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


@desk.page("/imports/waiting/<upload>/apply", Action.IMPORT, about=upload_here, methods=("POST",))
def import_apply(upload: str) -> ResponseReturnValue:
    """Apply an import exactly as it was shown"""
    held, key = services(), key_of(upload, "upload")
    with held.database.reading() as session:
        found = uploads.find(session, key)
    if request.form.get("fingerprint") != (found.report or {}).get("fingerprint"):
        return redirect(link()("steward.import_shown", upload=upload), 303)
    if uploads.is_large((found.report or {}).get("counts", {})):
        with held.database.transaction() as session:
            uploads.queue(session, key)
        return redirect(link()("steward.import_shown", upload=upload, said="queued"), 303)
    try:
        with held.database.transaction() as session:
            report = uploads.apply(session, key, held.settings.instance, ground(), author=author(), now=held.now())
    except Conflict as meanwhile:
        if meanwhile.code != "not_as_shown":
            raise
        look_now(key, again=True)
        return redirect(link()("steward.import_shown", upload=upload), 303)
    return redirect(link()("steward.import_run", run=report.import_id, said="applied"), 303)


@desk.page("/imports/waiting/<upload>/take-down", Action.IMPORT, about=upload_here, methods=("POST",))
def import_take_down(upload: str) -> ResponseReturnValue:
    """Let an import take down everything its source lacks, or not"""
    key = key_of(upload, "upload")
    with services().database.transaction() as session:
        found = uploads.change(session, key, take_down_all=request.form.get("all") == "1")
    if uploads.size_of(found, services().settings.instance) <= uploads.AT_ONCE_BYTES:
        look_now(key)
    return redirect(link()("steward.import_shown", upload=upload), 303)


@desk.page("/imports/waiting/<upload>/discard", Action.IMPORT, about=upload_here, methods=("POST",))
def import_discard(upload: str) -> ResponseReturnValue:
    """Discard an import that was not applied"""
    with services().database.transaction() as session:
        uploads.discard(session, key_of(upload, "upload"))
    return redirect(link()("steward.imports_list", said="discarded"), 303)


