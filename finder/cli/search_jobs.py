"""What `finder work` does with the searches that teams keep: it looks through them and tells who asked to be told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from finder.errors import Invalid
from finder.intake.document import FORMAT
from finder.search import fitting, intake_schema
from finder.services import Services
from finder.teams import searches


def tell_of_new(services: Services, now: datetime) -> Mapping[str, int]:
    """Looks through all kept searches once; a transaction for everybody who is told."""
    with services.database.reading() as session:
        asked = searches.with_letters(session)
    if not asked:
        return {"told": 0}
    listings, told = services.snapshot(), 0
    for account, mine in asked.items():
        fits = {one.key: fitting.ids(document, snapshot=listings, gazetteer=services.gazetteer, now=now,
                                     rules=services.rules)
                for one in mine if (document := _valid(one.intake)) is not None}
        with services.database.transaction() as session:
            told += searches.tell(session, account, fits, now=now)
    return {"told": told}


def _valid(kept: Mapping[str, Any]) -> dict[str, Any] | None:
    """The search as an intake; None for one that no intake can be any more."""
    try:
        return intake_schema.load({"format": FORMAT, **kept})
    except Invalid:
        return None
