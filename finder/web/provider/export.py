"""Referrals as files: FHIR for other programs, a table for a spreadsheet. For who has just proved who they are; that a
colleague took a referral along is noted in its history, in the transaction that reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from flask import Response, request
from flask.typing import ResponseReturnValue

from finder.accounts.permissions import Action
from finder.exchange import fhir_referral, referral_csv
from finder.referrals import exporting, reading
from finder.referrals.exporting import Whole
from finder.referrals.models import Referral
from finder.web import audited
from finder.web.desk import render
from finder.web.pages import services
from finder.web.provider.blueprint import desk, my_team, referral_here, referral_keys, sender


@desk.page("/export", Action.EXPORT_REFERRALS)
def export() -> ResponseReturnValue:
    """The files that the team's referrals can be had as"""
    return render("provider/export")


@desk.page("/export.csv", Action.EXPORT_REFERRALS)
def export_csv() -> ResponseReturnValue:
    """The team's referrals as a table"""
    lines = "".join(referral_csv.table(_taken(), mark=request.args.get("mark") != "0"))
    return _file(lines.encode(), "text/csv", "csv")


@desk.page("/export.fhir.json", Action.EXPORT_REFERRALS)
def export_fhir() -> ResponseReturnValue:
    """The team's referrals as FHIR R4"""
    return _fhir(_taken())


@desk.page("/referrals/<key>/fhir.json", Action.EXPORT_REFERRALS, about=referral_here)
def export_one(key: str) -> ResponseReturnValue:
    """One referral as FHIR R4"""
    with services().database.transaction() as session:
        found = _noted(session, [reading.find(session, key)])
    return _fhir(found)


def _taken() -> list[Whole]:
    """All that the address asks for: `state` is open or closed, anything else is both."""
    with services().database.transaction() as session:
        return _noted(session, exporting.every(session, my_team(), state=request.args.get("state")))


def _noted(session: Any, referrals: Sequence[Referral]) -> list[Whole]:
    now, by = services().now(), sender()
    for one in referrals:
        reading.looked(session, one, by, now=now, how="export")
    return exporting.whole(session, referrals, keys=referral_keys())


def _fhir(referrals: Sequence[Whole]) -> Response:
    held = services()
    site = (held.settings.base_url or request.host_url).rstrip("/")
    found = fhir_referral.bundle(referrals, site=site, now=held.now())
    return _file(orjson.dumps(found, option=orjson.OPT_INDENT_2), fhir_referral.MIMETYPE, "fhir.json")


def _file(body: bytes, mimetype: str, ending: str) -> Response:
    """A file whose name says nothing but the day."""
    audited.exported()
    response = Response(body, mimetype=mimetype)
    day = services().now().date().isoformat()
    response.headers["Content-Disposition"] = f'attachment; filename="export-{day}.{ending}"'
    response.headers["Cache-Control"] = "no-store"
    return response
