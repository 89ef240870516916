"""Which public requests have a budget, by the network they come from. Help, answers and what speaks of them have none.

No page for people is limited, so that nobody in danger is (TRUST Y3): neither the questionnaire, its results, the embed
and the crisis page, nor the health probes. What programs ask for is (TRUST L1).
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, request

from finder.errors import TooOften
from finder.pace import Budget, network
from finder.services import Services

# TRUST section 4, with more at once where a page or a client asks for several things in a row.
MATCH = Budget("match", 120, 60, 60)  # more than the 30 there: one clinic or one site asks for many people
SEARCH = Budget("search", 5, 1, 40)
DATA = Budget("data", 5, 1, 200)  # pages of a standard, read one after another
WHOLE = Budget("whole", 60, 3600, 10)  # everything at once, made for this one request
COUNTED = "finder.counted"  # in the environ of a request that was counted before Flask; no client can say it
_SEARCHES = ("/api/v1/programs", "/api/v1/places")
_DATA = ("/hsds", "/fhir", "/bmlt", "/data/", "/feeds/", "/meetings.json", "/api/v1/changes", "/calendar/")


def budget_of(path: str, fmt: str = "") -> Budget | None:
    """The budget of a request; None: it has none. `fmt` is what its address asks for as `format`."""
    bare = path[3:] if path[:1] == "/" and path[3:4] == "/" else path  # pages in another language begin with its code
    if bare == "/api/v1/match":
        return MATCH
    if bare.startswith(_DATA):
        return WHOLE if fmt.strip().lower() == "ndjson" else DATA
    return SEARCH if bare.startswith(_SEARCHES) else None


def install(app: Flask, services: Services) -> Callable[[str, str, str | None], float]:
    """Counts requests where the instance has budgets. Gives what counts one; see `manners`."""
    pace = services.pace

    def wait(path: str, fmt: str, address: str | None) -> float:
        asked = budget_of(path, fmt) if pace is not None else None
        where = network(address) if asked else ""
        if pace is None or asked is None or not where:
            return 0.0
        try:
            return pace.spend(asked, where, services.now().timestamp())
        except OSError:  # a full disk keeps nobody from reading
            return 0.0

    @app.before_request
    def count() -> None:
        if COUNTED in request.environ:
            return
        seconds = wait(request.path, request.args.get("format", ""), request.remote_addr)
        if seconds:
            raise TooOften(seconds=int(seconds) + 1)

    return wait
