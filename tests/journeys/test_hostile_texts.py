"""I2: what anybody wrote is words wherever it is shown: in a browser, on every page, with texts made to run."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest

from finder.db import Base
from tests.journeys.conftest import Start, served
from tests.journeys.filling import Turns
from tests.journeys.hostile import Eye, HostileWorld
from tests.journeys.payloads import KINDS, PAYLOADS, SAMPLE, mark_of
from tests.journeys.scenes import SCENES
from tests.journeys.test_every_desk_page import LETTERS
from tests.pages import Pages

pytestmark = pytest.mark.browser

LEAST = 150
ROUNDS = 40  # until fields of 200 letters, which take some four payloads at once, had nearly all of them
FIRST = 2  # rounds in which every page is shown
SHOWN_EVERY = 8  # rounds, afterwards
MAIN_SCENES = ("home-error", "listing", "listing-rich", "results", "browse", "list", "list-text", "compare-three",
               "handout", "join", "correct", "report", "calendar-program", "saved")
MAIN_DESKS = ("operator.listings", "operator.edit", "operator.history", "provider.referrals", "provider.team",
              "steward.queue", "steward.listing", "steward.proposal", "steward.reports_waiting", "steward.tags_known",
              "steward.hooks_list", "steward.feeds_list", "steward.teams", "steward.alerts_up", "steward.import_shown")


MAIN_FORMS = ("/programs/{slug}/report", "/programs/{slug}/correct", "claim", "operator.new", "steward.tags_known",
              "steward.alert_new", "steward.hook_new", "steward.import_new", "steward.listing", "provider.refer",
              "provider.join", "answer")
# Columns in which no text of anybody can stand: what is checked before, what the program makes itself.
NO_TEXT = {"account.email", "account.password_hash", "account_grant.given_by", "feed.cursor", "feed.error", "feed.etag",
           "feed_row.key", "hook.error", "message.error", "message.message_id", "message.once", "pause.by",
           "program.source_key", "revision.actor", "session.repeats", "silence.address", "upload.mapping",
           "upload.path"}


def test_I2_there_are_150_payloads_of_every_kind_and_no_two_are_one() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= LEAST
    assert all(text.count("\n") >= 10 for text in KINDS.values())


def test_I2_the_eye_sees_what_runs_and_what_would_have_run(start: Start, world: HostileWorld) -> None:
    eye = Eye(start(service_workers="block"), world)
    eye.go("/crisis")
    assert eye.found == []
    eye.visit.page.evaluate("""() => { document.querySelector('main').innerHTML =
        '<img src=x onerror="window.__x=1"><p style="color:red">a</p><a href=" javascript:1">b</a>'; }""")
    eye.look("a page that lets markup in")
    told = " ".join(eye.found)
    assert "script-src" in told
    assert "style-src" in told
    assert "img onerror" in told
    assert "a href= javascript:1" in told
    eye.found.clear()
    for text in ("<p>plain zqx001</p>", "<p>zqx002<svg onload=x></p>", "<p>zqx003<a href=' data:x'>a</a></p>"):
        eye.read(text[3:11], f"<!doctype html>{text}")
    eye.read_waiting()
    assert len(eye.found) == 2


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostileWorld]:
    yield from _world(tmp_path_factory.mktemp("hostile"), Turns(SAMPLE), MAIN_FORMS)


def _world(folder: Path, turns: Turns, only: Collection[str] = ()) -> Iterator[HostileWorld]:
    made = HostileWorld(folder, turns)
    made.fill(only)
    running = served(made.site.app)
    made.address = next(running)
    yield made
    next(running, None)


def test_I2_a_sample_of_payloads_is_words_on_the_main_pages(start: Start, world: HostileWorld) -> None:
    eye = Eye(start(service_workers="block"), world)
    for name in MAIN_SCENES:
        _look_at_scene(eye, name)
    eye.sign_in(world.joy)
    for name, path in world.desk_pages:
        if name in MAIN_DESKS:
            eye.go(path)
    assert eye.found[:10] == []
    assert {mark_of(one) for one in SAMPLE} <= eye.seen


def test_I2_letters_are_text_with_one_line_for_a_subject(world: HostileWorld) -> None:
    written = list(world.letters())
    assert len({kind for kind, _, _ in written}) > 3
    assert all("\n" not in subject and "\r" not in subject for _, subject, _ in written)


def _look_at_scene(eye: Eye, name: str) -> None:
    eye.visit.context.clear_cookies()
    SCENES[name].open(eye.visit, eye.world.site, "")
    eye.look(name)


@pytest.fixture(scope="module")
def turns() -> Turns:
    """All payloads, going on from round to round."""
    return Turns(PAYLOADS)


@pytest.fixture(scope="module")
def plain() -> set[str]:
    """Pages that showed no payload in the first rounds: they are looked at no more."""
    return set()


@pytest.fixture(scope="module")
def never() -> set[str]:
    """Columns of text in which no payload has stood yet."""
    return {f"{table.name}.{one.name}" for table in Base.metadata.sorted_tables for one in table.columns}


@pytest.mark.soak
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_I2_every_payload_in_every_field_is_words_on_every_page(
        start: Start, tmp_path: Path, round_: int, turns: Turns, plain: set[str], never: set[str],
        record_property: Any) -> None:
    for world in _world(tmp_path, turns):
        eye = Eye(start(service_workers="block"), world, set() if round_ < FIRST else plain)
        _look_at_all(eye, round_)
        plain |= eye.plain
        assert eye.found == []
        never &= world.unfilled()
        assert round_ < FIRST or never <= NO_TEXT  # what a round's payloads could not be, another's could
        record_property("figure", f"{len(turns.pairs):,} pairs of {len(turns.fields)} fields and {len(PAYLOADS)} "
                                  f"payloads so far, {eye.looked} pages looked at in this round, 0 ran")


def _look_at_all(eye: Eye, round_: int) -> None:
    """In the first rounds every page is shown; later each is shown once in SHOWN_EVERY rounds, by turns, and read by
    the browser's parser in the others."""
    places = itertools.count()

    def is_shown() -> bool:
        return round_ < FIRST or (next(places) + round_) % SHOWN_EVERY == 0

    site = eye.world.site
    for name, scene in SCENES.items():
        if name in eye.skips:
            continue
        if is_shown():
            _look_at_scene(eye, name)
        else:
            eye.read(name, scene.read(Pages(site.app.test_client()), site).source)
    client = site.app.test_client()
    for path in [*eye.world.machine_pages(), *(letter(eye.world) for letter in LETTERS.values())]:
        if is_shown():
            eye.go(path)
        elif (answer := client.get(path)).mimetype == "text/html":
            eye.read(path, answer.text)
    eye.sign_in(eye.world.joy)
    _look_at_desks(eye, is_shown)
    for page in eye.world.answers:
        if is_shown():
            eye.show(page)
        else:
            eye.read(f"answer of {page.path}", page.source)
    eye.read_waiting()


def _look_at_desks(eye: Eye, is_shown: Callable[[], bool]) -> None:
    counted: Counter[str] = Counter()
    for name, path in list(eye.world.desk_pages):
        if name in eye.skips:
            continue
        if is_shown():
            eye.go(path, name)
            for link in list(eye.links(eye.linked, counted)):
                eye.go(link)
            continue
        page = eye.world.joy.get(path)
        eye.read(name, page.source)
        for link in eye.links(page.links, counted):
            eye.read(link, eye.world.joy.get(link).source)
