"""What this door speaks, and everything at once as a package of tables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import IO, Any, cast

from flask import Response

from finder.api import openapi, whole
from finder.api.blueprint import arguments, kept_answer, services
from finder.api.feeds import around
from finder.api.hsds.blueprint import hsds
from finder.api.hsds.held import held
from finder.exchange.entries import Entry
from finder.exchange.hsds import tabular
from finder.search.query_schema import load_nothing

VERSION = "3.0"
PROFILE = "https://docs.openreferral.org/"  # the standard itself; what we add is allowed by it
ZIP = "application/zip"
_SECONDS = 300
_EXAMPLE = {"version": VERSION, "profile": PROFILE, "openapi_url": "https://finder.example/openapi.json"}


@hsds.route("/", tags=["hsds"], strict_slashes=False)
@hsds.doc(operationId="readHsdsAbout", responses=openapi.answers(
    "HsdsAbout", "The version of the standard, and where this instance describes itself.", 422, kept=True,
    example=_EXAMPLE))
def about() -> Response:
    """Say which version of HSDS this is"""
    load_nothing(arguments())
    address = services().settings.address
    return kept_answer(_EXAMPLE | {"openapi_url": f"{address}/openapi.json"}, _SECONDS)


def _described() -> dict[str, Any]:
    found = openapi.answers("Listing", "A zip of CSV tables, with the Frictionless data package that describes them.",
                            422, 503, kept=True)
    found["200"]["content"] = {ZIP: {"schema": {"type": "string", "format": "binary"}}}
    return found


@hsds.route("/package.zip", tags=["hsds"])
@hsds.doc(operationId="downloadHsdsPackage", responses=_described())
def package() -> Response:
    """Download everything that is published as one HSDS package"""
    load_nothing(arguments())
    here, license_name = held(), around.license_name()

    def written(found: Iterable[Entry], out: IO[bytes]) -> dict[str, Any]:
        return {"services": tabular.write_package(map(here.guard, found), cast(IO[bytes], _OneWay(out)), now=here.now,
                                                  codes=here.codes, license_name=license_name or None)}

    said = hashlib.blake2b(license_name.encode(), digest_size=4).hexdigest()
    found = whole.file(f"hsds-{around.mark()}{here.codes.key}-{said}.zip", written)
    return whole.served(found, ZIP, download="hsds.zip")


class _OneWay:
    """A file that is squeezed as it is written, so that nobody can go back in it; zipfile tries where it can."""

    def __init__(self, out: IO[bytes]) -> None:
        self.write, self.flush = out.write, out.flush
