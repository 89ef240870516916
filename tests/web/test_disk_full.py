"""D7: when the database cannot be written, people read, search and find help; who writes is told, and loses nothing."""

from __future__ import annotations

import io
import os
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import event, select

from finder import outbox
from finder.accounts.permissions import Role
from finder.api import problems
from finder.db import Database
from finder.errors import Unavailable
from finder.listings.models import Report
from finder.web import unsaved
from tests.backup.forked import alone
from tests.web.people import Person
from tests.web.site import Site, group

WORDS = "They meet in the library now.\nPlease \"ring\" <twice> & wait"


@contextmanager
def full_disk(room: int = 0) -> Iterator[None]:
    """No file of this process can grow beyond so many bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, [group(number, focus=["depression"]) for number in range(5)])


def test_D7_reading_matching_and_help_go_on_with_a_full_disk(site: Site) -> None:
    client = site.app.test_client()
    with full_disk():
        for path in ("/", "/crisis", "/programs", f"/programs/{site.slugs[0]}", "/learn/", "/privacy", "/saved",
                     f"/programs/{site.slugs[0]}.ics", "/es/crisis", "/healthz", "/readyz", "/api/v1/programs",
                     "/hsds/services", "/data/listings.csv", "/openapi.json", "/feeds/changes.atom"):
            assert client.get(path).status_code in (200, 303), path
        answer = client.post("/api/v1/match", json={"format": "finder-intake/1", "needs": ["depression"],
                                                    "formats": ["online_video"]})
        results = site.pages.post("/", {"need": "depression", "place": "27701"})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert results.status == 200


@pytest.mark.sqlite  # about the disk that its file is on; a server tells of its own (tests/postgres)
def test_D7_who_writes_is_told_so_and_sends_the_same_words_again_when_there_is_room(site: Site) -> None:
    address = f"/programs/{site.slugs[0]}/report"
    form = site.pages.get(address).form("/report")
    site.wait(10)
    with full_disk():
        told = site.pages.post(address, {**form, "kind": "closed", "note": WORDS})
        again = site.pages.post(address, told.form("/report"))
    for page in (told, again):
        assert page.status == 503
        assert page.response.headers["Retry-After"] == "120"
        assert page.response.headers["Cache-Control"] == "no-store"
        assert page.heading == "Nothing can be saved right now"
    kept = again.form("/report")
    assert kept["note"] == [WORDS]
    assert site.pages.post(address, kept).status == 200
    with site.database.reading() as session:
        assert session.scalars(select(Report.note)).one() == WORDS


@pytest.mark.sqlite  # about the disk that its file is on; a server tells of its own (tests/postgres)
def test_D7_a_desk_is_read_and_says_that_nothing_is_saved(site: Site) -> None:
    steward = Person(site, "sam@example.org", Role.STEWARD)
    with full_disk():
        site.wait(120)  # so that the browser would be marked as seen
        for path in ("/steward/", "/steward/checks", "/steward/imports", "/steward/tags", "/account/"):
            assert steward.get(path).status == 200, path
        page = steward.get("/steward/tags")
        told = steward.send(page, "/steward/tags", {"code": "walk_in", "label-en": "Walk-in", "label-es": "Sin cita"})
    assert told.status == 503
    assert told.form("/steward/tags")["code"] == ["walk_in"]


def test_D7_a_password_is_never_written_into_the_page(site: Site) -> None:
    with site.app.test_request_context("/account/sign-in", method="POST", data={"password": WORDS, "email": "a@b.c"}):
        assert unsaved.again() is None
    with site.app.test_request_context("/x", method="POST", data={"a": "1", "file": (io.BytesIO(b"x"), "x.csv")}):
        assert unsaved.again() is None
    with site.app.test_request_context("/x?to=1", method="POST", data={"a": ["1", "2"]}):
        assert unsaved.again() == unsaved.Again("/x?to=1", (("a", "1"), ("a", "2")))


def test_D7_a_reader_at_a_busy_moment_is_not_told_that_nothing_is_saved(site: Site) -> None:
    with site.app.test_request_context("/x"):
        assert not unsaved.is_meant(Unavailable("busy"))
        assert unsaved.is_meant(Unavailable("read_only"))
    with site.app.test_request_context("/x", method="POST"):
        assert unsaved.is_meant(Unavailable("busy"))
        assert not unsaved.is_meant(Unavailable("database"))


@pytest.mark.sqlite  # about the disk that its file is on; a server tells of its own (tests/postgres)
def test_D7_a_database_that_may_not_grow_tells_programs_so_with_a_problem_document(site: Site) -> None:
    def limit(driver: sqlite3.Connection, *_: object) -> None:
        driver.execute(f"PRAGMA max_page_count = {driver.execute('PRAGMA page_count').fetchone()[0]}")

    event.listen(site.database.engine, "checkout", limit)

    def write() -> None:
        with site.database.transaction() as session:
            for number in range(100):
                outbox.write(session, "x", f"{number}@example.org", {"words": "x" * 10_000}, now=site.clock())

    with pytest.raises(Unavailable) as told:
        write()
    with site.app.test_request_context("/api/v1/listings", method="POST"):
        answer = problems.of_finder_error(told.value)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "120")
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["code"] == "read_only"
    with site.database.reading() as session:
        assert outbox.waiting(session, site.clock()) == 0


def as_nobody(deed: Callable[[], object]) -> int:
    """Runs a deed as a person who may write nothing that is another's."""
    def lowered() -> None:
        if os.geteuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        deed()
    return alone(lowered)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that others can look into, which pytest's own are not."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.sqlite  # about the disk that its file is on; a server tells of its own (tests/postgres)
@pytest.mark.parametrize("modes", [(0o444, 0o755), (0o444, 0o555)], ids=["file", "folder"])
def test_D7_a_file_or_folder_that_may_only_be_read_is_read(open_folder: Path, modes: tuple[int, int]) -> None:
    folder = open_folder / "instance"
    folder.mkdir()
    site = Site(folder, [group(1)])
    site.database.catalog_version()  # a site that runs has the log open, and it stays there
    for one in folder.iterdir():
        one.chmod(modes[0])
    folder.chmod(modes[1])

    def visit() -> None:
        database = Database(site.database.url)
        assert database.catalog_version() == 1
        with pytest.raises(Unavailable) as told, database.transaction() as session:
            session.connection().exec_driver_sql("UPDATE catalog_state SET version = 7")
        assert told.value.code == "read_only"

    try:
        assert as_nobody(visit) == 0
    finally:
        folder.chmod(0o755)
    site.database.close()
