"""/metrics: how the instance does, for Prometheus and programs that read the same text. Only with the token that
`finder metrics --token` prints; for everybody else there is no such page."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter

from flask import Flask, Response, current_app, g, request

from finder import crisis, disk, outbox
from finder.api.blueprint import arguments, probes, services
from finder.backup import keeping
from finder.errors import FinderError, NotFound
from finder.meter import BUCKETS, Sums
from finder.search.query_schema import load_nothing
from finder.services import Services

# https://prometheus.io/docs/instrumenting/exposition_formats/
MIMETYPE = "text/plain; version=0.0.4; charset=utf-8"
UNROUTED = "-"
_TOLD = "finder_metrics"


@dataclass(frozen=True, slots=True)
class Told:
    """What opens /metrics, and what stands there."""

    tokens: Callable[[], Iterable[str]]
    lines: Callable[[datetime], Iterator[str]]


def install(app: Flask, tokens: Callable[[], Iterable[str]]) -> None:
    """Counts this app's requests. `tokens`: what opens /metrics."""
    held: Services = app.extensions["finder"]
    app.extensions[_TOLD] = Told(tokens, lambda now: written(held, now))

    def begin() -> None:
        g.began = perf_counter()

    def count(response: Response) -> Response:
        area = (request.endpoint or UNROUTED).partition(".")[0].partition("_")[0]
        rule = request.url_rule.rule if request.url_rule is not None else UNROUTED
        held.meter.count(rule, area, response.status_code, perf_counter() - g.get("began", perf_counter()))
        return response

    # First and last of all, so that what other hooks take counts, too.
    app.before_request_funcs.setdefault(None, []).insert(0, begin)
    app.after_request_funcs.setdefault(None, []).insert(0, count)


def name(app: Flask) -> None:
    """Tells the meter which routes there are, once all of them are."""
    rules = list(app.url_map.iter_rules())
    held: Services = app.extensions["finder"]
    held.meter.name(sorted({one.rule for one in rules} | {UNROUTED}), sorted(
        {one.endpoint.partition(".")[0].partition("_")[0] for one in rules} | {UNROUTED}))


@probes.route("/metrics")
@probes.doc(operationId="readMetrics", security=[{"metrics": []}], responses={
    "200": {"description": "Text as Prometheus reads it.", "content": {"text/plain": {"schema": {"type": "string"}}}},
    "404": {"$ref": "#/components/responses/Problem404"}, "422": {"$ref": "#/components/responses/Problem422"}})
def metrics() -> Response:
    """Counts and states of this instance, for who runs it"""
    load_nothing(arguments())
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    good = [hmac.compare_digest(one.encode(), token.encode()) for one in current_app.extensions[_TOLD].tokens()]
    if kind.lower() != "bearer" or not any(good):
        raise NotFound("page")
    held = services()
    response = Response("".join(f"{line}\n" for line in written(held, held.now())), content_type=MIMETYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


def written(held: Services, now: datetime) -> Iterator[str]:
    """All that is told, line by line."""
    yield from of_requests(held.meter.sums())
    for name, about, value in states(held, now):
        yield f"# HELP finder_{name} {about}"
        yield f"# TYPE finder_{name} gauge"
        yield f"finder_{name} {value:g}" if isinstance(value, float) else f"finder_{name} {value}"


def of_requests(sums: Sums) -> Iterator[str]:
    """Requests by route and class of status, and how long they took by area."""
    yield "# HELP finder_requests_total Requests by pattern of the route and class of the status."
    yield "# TYPE finder_requests_total counter"
    for (route, kind), many in sorted(sums.requests.items()):
        yield f'finder_requests_total{{route="{_label(route)}",status="{kind}"}} {many}'
    yield "# HELP finder_request_seconds How long requests took, by area of the site."
    yield "# TYPE finder_request_seconds histogram"
    for area, times in sorted(sums.times.items()):
        so_far = 0
        for end, many in zip((*(f"{one:g}" for one in BUCKETS), "+Inf"), times.within, strict=True):
            so_far += many
            yield f'finder_request_seconds_bucket{{area="{_label(area)}",le="{end}"}} {so_far}'
        yield f'finder_request_seconds_sum{{area="{_label(area)}"}} {times.seconds:.6f}'
        yield f'finder_request_seconds_count{{area="{_label(area)}"}} {so_far}'


def states(held: Services, now: datetime) -> Iterator[tuple[str, str, float | int]]:
    """Name, meaning and value of what stands as it stands. What cannot be read is left out."""
    yield "disk_free_ratio", "Share of the disk that is free.", disk.room([held.settings.instance])
    yield "crisis_lines_reviewed", "Whether the crisis lines are those that were reviewed.", int(crisis.is_reviewed())
    newest = keeping.newest(held.settings.backup_folder) if held.settings.backup_folder is not None else None
    if newest is not None:
        yield "backup_age_seconds", "Since the newest good backup was made.", (now - newest).total_seconds()
    try:
        snapshot = held.snapshot()
        version = held.database.catalog_version()
        with held.database.reading() as session:
            due = outbox.waiting(session, now.astimezone(UTC).replace(tzinfo=None))
            failed = outbox.failed(session)
    except FinderError:
        yield "up", "Whether the database answers.", 0
        return
    yield "up", "Whether the database answers.", 1
    yield "snapshot_version", "Version of the catalog that this process searches.", snapshot.version
    yield "catalog_version", "Version of the catalog in the database.", version
    yield "snapshot_age_seconds", "Since what this process searches was built.", snapshot.age_seconds()
    yield "snapshot_programs", "Published programs in it.", snapshot.size
    yield "outbox_due", "Letters and calls of hooks that should have gone.", due
    yield "outbox_failed", "Those of the last weeks that could not be sent.", failed


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def token_of(key: bytes) -> str:
    """The token that opens /metrics, made of a key of the instance: 43 letters."""
    return key.decode().rstrip("=")
