import json
import time
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from finder.accounts.permissions import Role, Scope
from finder.catalog import queries
from finder.cli import import_jobs
from finder.errors import Invalid, NotFound
from finder.exchange import feeds, uploads
from finder.exchange.fetching import Fetched, Unfetchable
from finder.listings.models import ImportRun, Upload
from finder.outbox import Message
from tests.exchange.test_paged import URL as LIST
from tests.exchange.test_paged import Directory
from tests.web.people import Person
from tests.web.site import Site, group

URL = "https://example.org/list.json"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Net:
    """What stands at the address: listings, nothing new, or a failure."""

    def __init__(self):
        self.holds, self.wrong, self.asked, self.tag = [group(1), group(2)], None, [], '"1"'

    def __call__(self, url, folder, *, etag=None, **how):
        self.asked.append(etag)
        if self.wrong:
            raise Unfetchable(self.wrong)
        if etag == self.tag:
            return Fetched(None, url, etag)
        path = folder / "source.json"
        path.write_bytes(self.holds if isinstance(self.holds, bytes) else json.dumps(self.holds).encode())
        return Fetched(path, url, self.tag)


@pytest.fixture
def site(tmp_path):
    (tmp_path / "instance").mkdir()
    site = Site(tmp_path, [], instance=tmp_path / "instance")  # which makes an import of nothing
    Person(site, "joy@example.org", Role.STEWARD)
    Person(site, "sam@example.org", (Role.STEWARD, Scope.STATE, "US:NC"))
    with site.database.transaction() as session:
        feeds.add(session, name="County", url=URL, fmt="listing", every_hours="24", mapping="", now=site.clock())
    return site


@pytest.fixture
def net():
    return Net()


def read(site, net, after=timedelta()):
    site.clock.at += after
    return import_jobs.read_feeds(site.app.extensions["finder"], site.clock(), net)


def feed(site):
    with site.database.reading() as session:
        return feeds.every(session)[0]


def listed(site):
    with site.database.reading() as session:
        return sorted(one.document["name"] for one in queries.published(session))


def rows(site, model):
    with site.database.reading() as session:
        return session.scalars(select(model)).all()


def test_a_feed_is_read_when_it_is_due_and_what_it_brings_is_applied(site, net):
    assert read(site, net)["good"] == 1
    assert listed(site) == ["River Circle 1", "River Circle 2"]
    assert read(site, net, 23 * HOUR) == {"good": 0, "failed": 0, "held": 0}
    net.holds, net.tag = [group(1, name="New name"), group(2)], '"2"'
    assert read(site, net, HOUR)["good"] == 1
    assert listed(site) == ["New name", "River Circle 2"]


def test_nothing_new_is_asked_for_by_the_tag_and_leaves_no_trace(site, net):
    read(site, net)
    read(site, net, DAY)
    assert net.asked == [None, '"1"']
    assert len(rows(site, ImportRun)) == 2
    assert feed(site).good_at == site.clock().replace(tzinfo=None)


def test_the_same_listings_under_a_new_tag_make_no_import(site, net):
    read(site, net)
    net.tag = '"2"'
    read(site, net, DAY)
    assert (len(rows(site, ImportRun)), feed(site).etag) == (2, '"2"')
    assert not [one for one in rows(site, uploads.Upload) if one.state in uploads.OPEN]


def test_a_feed_that_fails_is_tried_again_each_hour_and_takes_nothing_down(site, net):
    read(site, net)
    net.wrong = "unreachable"
    assert read(site, net, DAY)["failed"] == 1
    assert read(site, net, HOUR / 2)["failed"] == 0
    assert read(site, net, HOUR / 2)["failed"] == 1
    assert (len(listed(site)), feed(site).error) == (2, "unreachable")
    net.wrong = None
    assert read(site, net, HOUR)["good"] == 1
    assert feed(site).error is None


@pytest.mark.parametrize("broken", [b"{", b"[]", b"\x1f\x8b\x08", b"<html>Sign in</html>"],
                         ids=["cut off", "empty", "damaged", "a page"])
def test_a_file_that_cannot_be_read_is_a_failure(site, net, broken):
    read(site, net)
    net.holds, net.tag = broken, '"2"'
    assert read(site, net, DAY)["failed"] == 1
    assert len(listed(site)) == 2
    assert feed(site).etag == '"1"'


def test_stewards_of_everywhere_get_one_letter_after_three_days(site, net):
    read(site, net)
    net.wrong = "unreachable"
    for _ in range(5):
        read(site, net, DAY)
    letters = [one for one in rows(site, Message) if one.kind == "feed_warning"]
    assert [(one.address, one.facts["held"]) for one in letters] == [("joy@example.org", False)]
    assert letters[0].made_at == (site.clock() - 2 * DAY).replace(tzinfo=None)


def test_after_two_weeks_a_feed_waits_for_a_steward(site, net):
    net.wrong = "unknown_host"
    for _ in range(20):
        read(site, net, DAY)
    assert feed(site).state == feeds.HELD
    assert len(net.asked) == 14
    with site.database.transaction() as session:
        feeds.resume(session, feed(site).id)
    net.wrong = None
    assert read(site, net)["good"] == 1


def test_a_feed_that_loses_many_at_once_is_held_and_can_be_applied_anyway(site, net):
    net.holds = [group(number) for number in range(30)]
    read(site, net)
    net.holds, net.tag = net.holds[:10], '"2"'
    assert read(site, net, DAY)["held"] == 1
    assert (len(listed(site)), feed(site).state, feed(site).error) == (30, feeds.HELD, feeds.MANY_GONE)
    assert read(site, net, DAY) == {"good": 0, "failed": 0, "held": 0}
    steward = Person(site, "joy@example.org")
    page = steward.get("/steward/feeds")
    assert "many listings are missing" in page.main.text
    shown = steward.get(next(link for link in page.links if "/imports/waiting/" in link))
    action = next(tag["action"] for tag in shown.all("form") if tag["action"].endswith("/take-down"))
    shown = steward.send(shown, action)
    steward.send(shown, action.replace("/take-down", "/apply"))
    assert (len(listed(site)), feed(site).state, feed(site).error) == (10, feeds.ON, None)


@pytest.mark.parametrize(("typed", "field"), [
    ({"name": ""}, "name"), ({"name": "County"}, "name"), ({"url": "ftp://example.org/"}, "url"),
    ({"url": "http://127.0.0.1:80@example.org/"}, "url"), ({"fmt": "bmlt-tables"}, "format"),
    ({"fmt": "csv"}, "mapping"), ({"every_hours": "0"}, "every_hours"), ({"every_hours": "x"}, "every_hours"),
    ({"every_hours": "9999"}, "every_hours"), ({"mapping": "{"}, "mapping"), ({"name": "a\nb"}, "name"),
    ({"name": "Written here"}, "name")])
def test_a_feed_that_does_not_fit_is_named_by_field(site, typed, field):
    form = {"name": "Other", "url": URL, "fmt": "listing", "every_hours": "24", "mapping": "", **typed}
    with pytest.raises(Invalid) as wrong, site.database.transaction() as session:
        feeds.add(session, now=site.clock(), **form)
    assert list(wrong.value.errors) == [field]


def test_a_published_spreadsheet_is_read_by_its_mapping(site, net):
    with site.database.transaction() as session:
        feeds.remove(session, feed(site).id)
        feeds.add(session, name="Sheet", url="https://docs.example.org/pub?output=csv", fmt="csv", every_hours="6",
                  mapping='{"columns": {"name": "Group"}, "fixed": {"group_type": "peer_support"}}', now=site.clock())
    net.holds = b"Group,Notes\nHarbor Circle,x\n"
    assert read(site, net)["good"] == 1
    assert listed(site) == ["Harbor Circle"]


def test_the_desk_adds_pauses_resumes_and_removes_feeds(site, net):
    steward = Person(site, "joy@example.org")
    page = steward.get("/steward/feeds/new")
    bad = steward.send(page, "/steward/feeds/new", {"name": "Other", "url": "http://10.0.0.1/", "format": "bmlt"})
    assert bad.status == 200 or "check" in bad.main.text
    page = steward.send(steward.get("/steward/feeds/new"), "/steward/feeds/new", {
        "name": "Third", "url": "https://example.org/b", "format": "bmlt", "every_hours": "6"})
    assert "every 6 hours" in page.main.text
    number = feed(site).id
    for deed, state in (("pause", feeds.OFF), ("resume", feeds.ON)):
        page = steward.send(page, f"/steward/feeds/{number}/{deed}")
        assert feed(site).state == state
    page = steward.send(page, f"/steward/feeds/{number}/remove")
    assert "County" not in page.main.text


def test_an_address_is_shown_and_not_linked(site):
    page = Person(site, "joy@example.org").get("/steward/feeds")
    assert URL in page.main.text
    assert not [tag for tag in page.all("a") if tag["href"] == URL]


def test_a_look_that_ends_too_late_brings_no_discarded_import_back(site, net):
    net.holds = [group(1)]
    read(site, net)
    with site.database.transaction() as session:
        (upload,) = session.scalars(select(Upload).where(Upload.state == uploads.APPLIED))
        uploads.note_looked(session, upload.id, uploads.Looked({"fingerprint": "late"}))
    with site.database.reading() as session:
        assert session.get_one(Upload, upload.id).state == uploads.APPLIED


# -- lists of many pages ---------------------------------------------------------------------------------------------


@pytest.fixture
def pages(site):
    """A feed of an HSDS list of three pages, two services each."""
    with site.database.transaction() as session:
        feeds.remove(session, feed(site).id)
        feeds.add(session, name="Directory", url=LIST, fmt="hsds", every_hours="24", mapping="", now=site.clock())
    return Directory(pages=3)


def test_all_pages_of_a_list_are_applied_as_one(site, pages):
    assert read(site, pages)["good"] == 1
    assert listed(site) == [f"Grief support group {number}" for number in range(6)]
    assert len(rows(site, ImportRun)) == 2
    assert read(site, pages, DAY)["good"] == 1
    assert (len(rows(site, ImportRun)), feed(site).etag) == (2, None)


def test_a_list_that_breaks_off_changes_nothing(site, pages):
    read(site, pages)
    first, calls = pages.list, []

    def broken(query):
        calls.append(query)
        if len(calls) == 2:
            raise Unfetchable("unreachable")
        return first(query)
    pages.list = broken
    assert read(site, pages, DAY)["failed"] == 1
    assert (len(listed(site)), feed(site).error) == (6, "unreachable")


def test_a_list_that_moves_all_the_time_changes_nothing(site, pages):
    pages.moves = [1, 1]
    assert read(site, pages)["failed"] == 1
    assert (listed(site), feed(site).error) == ([], "pages_moved")
    assert "changed while we read it" in Person(site, "joy@example.org").get("/steward/feeds").main.text


def test_services_that_are_only_named_come_whole(site, pages, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    pages.short = True
    assert read(site, pages)["good"] == 1
    assert len(listed(site)) == 6
    assert len(pages.asked) == 9


def test_many_that_are_missing_of_a_list_of_pages_can_be_let_go(site, pages):
    read(site, pages)
    pages.pages = 2
    assert read(site, pages, DAY)["held"] == 1
    steward = Person(site, "joy@example.org")
    shown = steward.get("/steward/feeds")
    shown = steward.get(next(link for link in shown.links if "/imports/waiting/" in link))
    action = next(tag["action"] for tag in shown.all("form") if tag["action"].endswith("/take-down"))
    shown = steward.send(shown, action)
    steward.send(shown, action.replace("/take-down", "/apply"))
    assert (len(listed(site)), feed(site).state) == (4, feeds.ON)


# -- feeds of another instance ---------------------------------------------------------------------------------------

PEER = uuid.UUID(int=7)


def change(number, **more):
    key = str(uuid.UUID(int=number))
    return {"id": key, "state": "published", "slug": f"g{number}", "changed_at": "2026-11-24T12:00:00Z",
            "origin": {"instance": str(PEER), "id": key}, "listing": group(number), **more}


def page(*changes, **more):
    return {"instance": {"id": str(PEER), "name": "Río Directory", "address": "https://rio.example", "license": None},
            "changes": list(changes), "next": "a1", "more": False, "complete": True, **more}


@pytest.fixture
def peer_feed(site, net):
    """The desk's feed of another instance, which has been read once."""
    with site.database.transaction() as session:
        feeds.remove(session, feed(site).id)
    steward = Person(site, "joy@example.org")
    new = steward.get("/steward/feeds/new")
    assert "Another Finder site" in new.main.text
    steward.send(new, "/steward/feeds/new", {"name": "Río", "url": "https://rio.example/", "format": "finder",
                                             "every_hours": "6"})
    with site.database.reading() as session:
        here = str(queries.instance_id(session))
    own = change(90, origin={"instance": here, "id": str(uuid.UUID(int=90))})
    net.holds = page(*(change(number) for number in range(1, 31)), own)
    assert read(site, net)["good"] == 1
    return steward


def test_the_desk_says_which_site_a_feed_reads_and_what_it_leaves_out(site, net, peer_feed):
    shown = peer_feed.get("/steward/feeds")
    assert "The Finder site “Río Directory”" in shown.main.text
    assert "1: It comes from this site, so it does not come in again." in shown.main.text
    assert len(listed(site)) == 30
    assert "Otro sitio con Finder" not in shown.main.text


def test_the_desk_lets_many_go_that_are_gone_there(site, net, peer_feed):
    net.holds = page(*({**change(number), "state": "gone", "listing": None, "into": None} for number in range(1, 11)),
                     change(40), next="a2", complete=False)
    assert read(site, net, DAY)["held"] == 1
    assert (len(listed(site)), feed(site).error) == (30, feeds.MANY_GONE)
    steward = Person(site, "joy@example.org")
    shown = steward.get("/steward/feeds")
    shown = steward.get(next(link for link in shown.links if "/imports/waiting/" in link))
    assert "10 listings are no longer in this source" in shown.main.text
    action = next(tag["action"] for tag in shown.all("form") if tag["action"].endswith("/take-down"))
    shown = steward.send(shown, action)
    steward.send(shown, action.replace("/take-down", "/apply"))
    assert (len(listed(site)), feed(site).state, feed(site).error, feed(site).cursor) == (21, feeds.ON, None, "a2")


def test_the_desk_reads_all_of_it_anew(site, net, peer_feed):
    shown = peer_feed.get("/steward/feeds")
    peer_feed.send(shown, f"/steward/feeds/{feed(site).id}/anew")
    assert feed(site).cursor is None
    net.holds = page(*(change(number) for number in range(1, 30)), next="a3")
    assert read(site, net)["good"] == 1
    assert (len(listed(site)), feed(site).cursor) == (29, "a3")


@pytest.mark.parametrize(("code", "said"), [
    ("peer_self", "this very site"), ("peer_changed", "Another site than before"), ("peer_twice", "Another feed"),
    ("peer_made_up", "made up"), ("peer_endless", "far more listings"), ("not_changes", "No Finder site")])
def test_the_desk_says_why_another_site_is_not_read(site, net, peer_feed, code, said):
    with site.database.transaction() as session:
        feeds.hold(session, feed(site).id, code, now=site.clock())
    assert said in peer_feed.get("/steward/feeds").main.text


def test_a_feed_of_another_kind_is_never_read_anew_by_itself(site):
    steward = Person(site, "joy@example.org")
    shown = steward.get("/steward/feeds")
    assert not [tag for tag in shown.all("form") if tag["action"].endswith("/anew")]
    with pytest.raises(NotFound), site.database.transaction() as session:
        feeds.read_anew(session, feed(site).id)


def test_one_page_of_another_site_is_no_import(site):
    shown = Person(site, "joy@example.org").get("/steward/imports/new")
    assert "finder" not in [tag["value"] for tag in shown.all("option")]
