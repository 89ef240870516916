"""What `finder work` does about the site itself: tells of what is out of the ordinary, asks for checks of crisis
numbers."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from finder import crisis, instance
from finder.journal import Logged
from finder.services import Services
from finder.upkeep import alarms, crisis_checks

log = logging.getLogger("finder.work")
LOOKS_BACK = timedelta(minutes=30)  # more than a worker that was busy or restarted may have missed


def look_out(services: Services, now: datetime) -> Mapping[str, int]:
    """Writes to whoever looks after the site about each thing out of the ordinary, once a day."""
    with services.database.reading() as session:
        found = alarms.found(session, services.settings, now, within=LOOKS_BACK)
    if not found:
        return {"told": 0}
    with services.database.transaction() as session:
        told = alarms.tell(session, found, now)
    if told:
        for one in found:
            log.warning(Logged("alarm", says=one.about, counts=one.many))
    return {"told": told}


def ask_for_checks(services: Services, now: datetime) -> Mapping[str, int]:
    """Asks every 90 days that somebody looks at the crisis numbers of this instance."""
    held = services.settings
    with services.database.reading() as session:
        country = instance.newest(session).country or held.country
    local = crisis.load_local(Path(held.local_crisis_lines)) if held.local_crisis_lines else ()
    with services.database.transaction() as session:
        return {"asked": crisis_checks.ask(session, crisis.lines(country, local), now)}
