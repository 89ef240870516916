"""Instances that read one another: everything once, then only what changed, and nothing that came from here."""

import itertools
import json
import uuid

import pytest
from sqlalchemy import select, update

from finder.catalog.models import CatalogState, Program
from finder.cli import peer_jobs
from finder.exchange import feeds, peers, subscriptions
from finder.listings import removals
from finder.listings.models import FeedRow, ImportRun
from tests.api.sync.instances import BY, OWN, Instance, Net, group, rounds


@pytest.fixture
def three(tmp_path):
    return [Instance(tmp_path / name, name, slot) for slot, name in enumerate(("ann", "ben", "cal"))]


@pytest.fixture
def two(three):
    a, b, _ = three
    b.follow(a)
    return a, b, Net(a, b)


def small_pages(monkeypatch, size):
    monkeypatch.setattr(peers, "MOST_IN_PAGE", size)


def test_the_first_round_brings_everything_and_later_ones_only_what_changed(two):
    a, b, net = two
    a.take(*(group(number) for number in range(1, 6)))
    assert b.read(net) == {"good": 1, "failed": 0, "held": 0}
    assert list(b.shown()) == [f"Group {number}" for number in range(1, 6)]
    a.edit("Group 2", name="Second")
    with b.database.reading() as session:
        imports = len(session.scalars(select(ImportRun)).all())
    b.read(net)
    assert "Second" in b.shown()
    with b.database.reading() as session:
        last = session.scalars(select(ImportRun).order_by(ImportRun.at.desc())).first()
        assert (last.counts["read"], last.counts["changed"]) == (1, 1)
        assert len(session.scalars(select(ImportRun)).all()) == imports + 1


def test_who_has_everything_is_answered_without_a_list(two):
    a, b, net = two
    a.take(group(1))
    for _ in range(4):
        b.read(net)
    assert net.answered == [200, 200, 304, 304]
    version = b.database.catalog_version()
    a.edit("Group 1", name="New")
    b.read(net)
    assert net.answered[-1] == 200
    assert b.database.catalog_version() > version


def test_a_listing_says_where_it_comes_from(two):
    a, b, net = two
    a.take(group(1), group(2, source={"name": "County", "url": "https://county.example/", "retrieved": "2020-01-01"}))
    b.read(net)
    first, second = b.program("Group 1"), b.program("Group 2")
    at_home = a.program("Group 1")
    assert first.document["source"] == {"name": "ann", "url": f"https://ann.example/programs/{at_home.slug}",
                                        "retrieved": "2026-11-24"}
    assert second.document["source"] == {"name": "County", "url": "https://county.example/", "retrieved": "2026-11-24"}
    assert first.document["id"] == str(at_home.id)
    with b.database.reading() as session:
        assert set(session.scalars(select(Program.origin))) == {a.id}


def test_deletions_come_along_and_a_listing_that_comes_again_comes_again(two):
    a, b, net = two
    a.take(group(1), group(2))
    b.read(net)
    a.change("Group 1", state="deleted")
    b.read(net)
    assert list(b.shown()) == ["Group 2"]
    a.change("Group 1", state="published")
    b.read(net)
    assert list(b.shown()) == ["Group 1", "Group 2"]


def test_what_is_withheld_is_gone_for_others(two):
    a, b, net = two
    a.take(group(1), group(2))
    b.read(net)
    a.change("Group 1", state="withheld")
    b.read(net)
    assert list(b.shown()) == ["Group 2"]


def test_a_merged_listing_leads_on_here_too(two):
    a, b, net = two
    a.take(group(1), group(2))
    b.read(net)
    gone, stays = b.program("Group 1"), b.program("Group 2")
    a.merge("Group 1", "Group 2")
    b.read(net)
    assert list(b.shown()) == ["Group 2"]
    answer = b.app.test_client().get(f"/api/v1/programs/{gone.id}")
    assert (answer.status_code, answer.headers["Location"]) == (308, f"/api/v1/programs/{stays.slug}")
    a.change("Group 1", state="published")
    b.read(net)
    assert b.program("Group 1").merged_into is None
    assert list(b.shown()) == ["Group 1", "Group 2"]


def test_what_people_set_here_stays(two):
    a, b, net = two
    a.take(group(1))
    b.read(net)
    b.edit("Group 1", description="As we know it")
    a.edit("Group 1", name="New", description="As ann says")
    b.read(net)
    assert b.program("New").document["description"] == "As we know it"


def test_a_group_that_asked_not_to_be_listed_here_stays_out(two):
    a, b, net = two
    a.take(group(1, contact={"phone": "919-555-0147"}), group(2))
    b.read(net)
    there = b.program("Group 1")
    with b.database.transaction() as session:
        removals.remove(session, there.id, base=there.version, author=BY, now=b.now)
    a.edit("Group 1", name="Group 1 anew")
    b.read(net)
    assert list(b.shown()) == ["Group 2"]


def test_dates_of_checking_count_only_when_a_steward_trusts_them(two):
    a, b, net = two
    a.take(group(1, verified={"on": "2026-11-01", "method": "phone"}))
    b.read(net)
    assert "verified" not in b.program("Group 1").document


def test_a_listing_that_breaks_a_rule_here_stops_nothing(two):
    a, b, net = two
    a.take(group(1), group(2))
    net.changed = lambda body: body.replace(b'"peer_support"', b'"of_tomorrow"', 1)
    assert b.read(net)["good"] == 1
    assert len(b.shown()) == 1


# -- no echo ---------------------------------------------------------------------------------------------------------


def test_nothing_comes_back_to_the_instance_that_keeps_it(two):
    a, b, net = two
    a.follow(b)
    a.take(group(1), group(2))
    b.take(group(3))
    assert rounds(net, a, b) <= 3
    assert a.shown() == {"Group 1": OWN, "Group 2": OWN, "Group 3": "From ben"}
    assert b.shown() == {"Group 1": "From ann", "Group 2": "From ann", "Group 3": OWN}
    assert (a.left_alone(), b.left_alone()) == ({"echo": 2}, {"echo": 1})
    a.edit("Group 1", name="First")
    rounds(net, a, b)
    assert (a.left_alone(), list(b.shown())) == ({"echo": 2}, ["First", "Group 2", "Group 3"])


def test_a_round_of_three_comes_to_rest(three):
    a, b, c = three
    net = Net(*three)
    for one, other in ((b, a), (c, b), (a, c)):
        one.follow(other)
    a.take(group(1))
    b.take(group(2))
    c.take(group(3))
    assert rounds(net, *three) <= 4
    assert a.shown() == {"Group 1": OWN, "Group 2": "From cal", "Group 3": "From cal"}
    assert {one.name: sorted(one.shown()) for one in three} == {
        name: ["Group 1", "Group 2", "Group 3"] for name in ("ann", "ben", "cal")}
    a.change("Group 1", state="deleted")
    rounds(net, *three)
    assert {one.name: sorted(one.shown()) for one in three} == {
        name: ["Group 2", "Group 3"] for name in ("ann", "ben", "cal")}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=lambda order: "".join(map(str, order)))
def test_two_ways_to_one_listing_bring_it_once_by_the_nearer(three, order):
    a, b, c = three
    net = Net(*three)
    b.follow(a)
    c.follow(a)
    c.follow(b)
    a.take(group(1))
    rounds(net, *(three[place] for place in order))
    assert c.shown() == {"Group 1": "From ann"}
    a.edit("Group 1", name="New")
    rounds(net, *(three[place] for place in order))
    assert c.shown() == {"New": "From ann"}
    a.change("New", state="deleted")
    rounds(net, *(three[place] for place in order))
    assert (b.shown(), c.shown()) == ({}, {})


def test_the_instance_that_keeps_a_listing_takes_it_over_from_one_that_passed_it_on(three):
    a, b, c = three
    net = Net(*three)
    b.follow(a)
    c.follow(b)
    a.take(group(1))
    rounds(net, *three)
    before = c.program("Group 1")
    assert before.source == "From ben"
    c.follow(a)
    rounds(net, *three)
    after = c.program("Group 1")
    assert (after.id, after.slug, after.source) == (before.id, before.slug, "From ann")
    assert c.left_alone(2) == {}
    b.edit("Group 1", description="As ben has it")
    rounds(net, *three)
    assert "description" not in c.program("Group 1").document
    assert c.left_alone(1) == {"elsewhere": 1}


def test_what_a_steward_takes_down_on_the_way_is_passed_on_as_gone(three):
    a, b, c = three
    net = Net(*three)
    b.follow(a)
    c.follow(b)
    a.take(group(1), group(2))
    rounds(net, *three)
    b.change("Group 1", state="deleted")
    rounds(net, *three)
    assert (list(a.shown()), list(c.shown())) == (["Group 1", "Group 2"], ["Group 2"])


# -- pages, and rounds that are cut off ------------------------------------------------------------------------------


def test_many_listings_come_in_pages_each_of_which_counts(two, monkeypatch):
    a, b, net = two
    small_pages(monkeypatch, 10)
    a.take(*(group(number) for number in range(35)))
    assert b.read(net)["good"] == 1
    assert len(b.shown()) == 35
    assert len(net.asked) == 4


def test_a_round_that_is_cut_off_goes_on_where_it_ended(two, monkeypatch):
    a, b, net = two
    small_pages(monkeypatch, 10)
    a.take(*(group(number) for number in range(35)))
    net.broken_after = 2
    assert b.read(net)["failed"] == 1
    assert (len(b.shown()), b.feed().error) == (20, "unreachable")
    net.broken_after = None
    assert b.read(net)["good"] == 1
    assert (len(b.shown()), len(net.asked), b.feed().error) == (35, 4, None)


def test_only_so_many_pages_come_in_one_round_and_the_next_one_waits_for_nothing(two, monkeypatch):
    a, b, net = two
    small_pages(monkeypatch, 1)
    a.take(*(group(number) for number in range(3)))
    monkeypatch.setattr(peers, "bring", limited(peers.bring, pages=2))
    b.read(net)
    assert len(b.shown()) == 2
    with b.database.reading() as session:
        assert feeds.due(session, b.now) == [1]
    b.read(net)
    assert len(b.shown()) == 3
    with b.database.reading() as session:
        assert feeds.due(session, b.now) == []


def limited(bring, **bounds):
    return lambda *args, **how: bring(*args, **{**how, "bounds": peers.Bounds(**bounds)})


def test_a_page_and_the_place_it_reaches_are_one_deed(two, monkeypatch):
    a, b, net = two
    small_pages(monkeypatch, 10)
    a.take(*(group(number) for number in range(30)))
    note, calls = subscriptions.note_page, []

    def dies(*args):
        note(*args)
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
    monkeypatch.setattr(subscriptions, "note_page", dies)
    with pytest.raises(KeyboardInterrupt):
        b.read(net)
    assert len(b.shown()) == 10
    b.read(net)
    assert len(b.shown()) == 30


def test_of_two_rounds_at_once_one_does_nothing(two):
    a, b, net = two
    a.take(group(1), group(2))

    def slow(url, folder, **how):
        found = net(url, folder, **how)
        if len(net.asked) == 1:
            b.read(net)  # somebody else reads the whole of it meanwhile
        return found
    assert b.read(slow)["good"] == 1
    assert len(b.shown()) == 2
    with b.database.reading() as session:
        assert len([one for one in session.scalars(select(ImportRun)) if one.counts.get("added")]) == 1


@pytest.mark.sqlite  # it puts a file back
# -- starting over ---------------------------------------------------------------------------------------------------


def test_after_a_backup_was_put_back_everything_is_gone_through_anew(two, monkeypatch):
    a, b, net = two
    small_pages(monkeypatch, 10)
    a.take(*(group(number) for number in range(30)))
    a.back_up()
    a.take(group(50), group(51))
    a.edit("Group 3", name="Third")
    b.read(net)
    assert len(b.shown()) == 32
    a.restore()
    assert b.read(net)["good"] == 1
    assert net.answered.count(410) == 1
    assert sorted(b.shown()) == sorted(a.shown())
    with b.database.reading() as session:
        assert session.scalars(select(FeedRow)).all() == []


def test_going_through_everything_survives_rounds_that_are_cut_off(two, monkeypatch):
    a, b, net = two
    small_pages(monkeypatch, 10)
    a.take(*(group(number) for number in range(40)))
    b.read(net)
    with b.database.transaction() as session:
        feeds.read_anew(session, 1)
    with a.database.transaction() as session:  # so that nobody is told
        session.execute(update(Program).where(Program.name.in_(("Group 1", "Group 39"))).values(
            state="withheld", changed_version=0))
    net.broken_after = 2
    assert b.read(net)["failed"] == 1
    assert len(b.shown()) == 40
    net.broken_after = None
    a.edit("Group 5", name="Fifth")
    assert b.read(net)["good"] == 1
    assert sorted(b.shown()) == sorted(a.shown())
    assert len(b.shown()) == 38


def test_much_that_is_missing_after_starting_over_waits_for_a_steward(two):
    a, b, net = two
    a.take(*(group(number) for number in range(30)))
    b.read(net)
    with b.database.transaction() as session:
        feeds.read_anew(session, 1)
    with a.database.transaction() as session:
        session.execute(update(Program).where(Program.source_key.in_([f"g{number}" for number in range(9)])).values(
            state="withheld", changed_version=0))
    assert b.read(net)["held"] == 1
    assert (len(b.shown()), b.feed().state, b.feed().error) == (30, feeds.HELD, feeds.MANY_GONE)
    b.let_in()
    assert len(b.shown()) == 21
    assert b.read(net)["good"] == 1
    with b.database.reading() as session:
        assert session.scalars(select(FeedRow)).all() == []


def test_an_instance_that_has_nothing_any_more_takes_nothing_down(two):
    a, b, net = two
    a.take(*(group(number) for number in range(5)))
    b.read(net)
    with b.database.transaction() as session:
        feeds.read_anew(session, 1)
    net.changed = lambda body: json.dumps({**json.loads(body), "changes": []}).encode()
    assert b.read(net)["held"] == 1
    assert len(b.shown()) == 5


# -- what waits for a steward ----------------------------------------------------------------------------------------


def test_many_that_go_at_once_wait_for_a_steward_however_they_are_spread(two, monkeypatch):
    a, b, net = two
    a.take(*(group(number) for number in range(30)))
    b.read(net)
    for number in range(4):
        a.change(f"Group {number}", state="deleted")
    a.take(group(77))
    small_pages(monkeypatch, 2)
    assert b.read(net)["held"] == 1
    assert (len(b.shown()), b.feed().state, b.feed().error) == (30, feeds.HELD, feeds.MANY_GONE)
    assert b.read(net) == {"good": 0, "failed": 0, "held": 0}
    report = b.let_in()
    assert (report.gone, report.added) == (4, 1)
    assert (len(b.shown()), b.feed().state, b.feed().error) == (27, feeds.ON, None)
    assert b.read(net)["good"] == 1
    assert sorted(b.shown()) == sorted(a.shown())


def test_what_a_steward_does_not_let_go_is_asked_again(two):
    a, b, net = two
    a.take(*(group(number) for number in range(30)))
    b.read(net)
    for number in range(4):
        a.change(f"Group {number}", state="deleted")
    a.take(group(77))
    b.read(net)
    assert b.let_in(all_of_it=False).added == 1
    assert len(b.shown()) == 31
    assert b.read(net)["held"] == 1


# -- whose instance it is --------------------------------------------------------------------------------------------


def rename(instance):
    with instance.database.transaction() as session:
        session.execute(update(CatalogState).values(instance_id=uuid.uuid4()))


def test_another_instance_at_the_address_waits_for_a_steward(two):
    a, b, net = two
    a.take(group(1), group(2))
    b.read(net)
    rename(a)
    assert b.read(net)["held"] == 1
    assert (b.feed().error, len(b.shown())) == ("peer_changed", 2)
    with b.database.transaction() as session:
        feeds.resume(session, 1)
    assert b.read(net)["good"] == 1
    assert (b.feed().peer, len(b.shown())) == (a.id, 2)
    with b.database.reading() as session:
        assert set(session.scalars(select(Program.origin))) == {a.id}


def test_this_very_instance_is_not_read(two):
    a, b, net = two
    a.take(group(1))
    with a.database.transaction() as session:
        session.execute(update(CatalogState).values(instance_id=b.id))
    assert b.read(net)["held"] == 1
    assert (b.feed().error, b.shown()) == ("peer_self", {})


def test_one_instance_is_read_by_one_feed(two):
    a, b, net = two
    a.take(group(1))
    b.read(net)
    b.follow(a, name="Again", url=f"https://{a.host}/api/v1/changes")
    assert b.read(net) == {"good": 1, "failed": 0, "held": 1}
    assert (b.feed(2).error, b.shown()) == ("peer_twice", {"Group 1": "From ann"})


@pytest.mark.parametrize("body", [
    b"{", b"[]", b"{}", b"<html>Sign in</html>", b'{"instance": {}, "changes": [], "next": "a", "more": false, '
    b'"complete": true}', b'{"instance": {"id": "x"}}', b"[" * 100_000])
def test_what_is_no_page_of_changes_is_a_failure(two, body):
    a, b, net = two
    a.take(group(1))
    net.changed = lambda _: body
    assert b.read(net)["failed"] == 1
    assert b.feed().error in ("not_changes", "not_json", "too_deep")
    assert b.feed().cursor is None


@pytest.mark.parametrize("told", [
    {"more": True}, {"more": True, "changes": []}, {"next": "a" * 201}, {"next": ""}, {"next": "a b"}, {"more": 1},
    {"changes": {}}, {"complete": None}])
def test_a_page_that_leads_nowhere_is_a_failure(two, told):
    a, b, net = two
    a.take(group(1))
    b.read(net)
    cursor = b.feed().cursor
    net.changed = lambda body: json.dumps({**json.loads(body), "next": cursor, **told}).encode()
    a.edit("Group 1", name="New")
    assert b.read(net)["failed"] == 1
    assert (b.feed().error, b.feed().cursor) == ("not_changes", cursor)


def test_a_word_that_a_page_is_complete_takes_nothing_down_by_itself(two):
    a, b, net = two
    a.take(*(group(number) for number in range(5)))
    b.read(net)
    a.edit("Group 1", name="New")
    net.changed = lambda body: json.dumps({**json.loads(body), "complete": True}).encode()
    assert b.read(net)["good"] == 1
    assert len(b.shown()) == 5


# -- made-up listings ------------------------------------------------------------------------------------------------


def test_made_up_listings_stay_made_up_and_make_way(two):
    a, b, net = two
    a.take(*(group(number) for number in range(10)), source="Demonstration", demonstration=True)
    b.read(net)
    assert len(b.shown()) == 10
    assert b.app.test_client().get("/api/v1/changes").json["instance"]["demonstration"] is True
    a.take(group(50, name="Real"))
    assert list(a.shown()) == ["Real"]
    assert b.read(net)["good"] == 1
    assert list(b.shown()) == ["Real"]
    assert b.app.test_client().get("/api/v1/changes").json["instance"]["demonstration"] is False


def test_made_up_listings_are_not_shown_among_real_ones(two):
    a, b, net = two
    b.take(group(50, name="Real"))
    a.take(group(1), source="Demonstration", demonstration=True)
    b.read(net)
    assert list(b.shown()) == ["Real"]


def test_an_instance_that_calls_its_listings_made_up_all_at_once_waits_for_a_steward(two):
    a, b, net = two
    a.take(group(1), group(2))
    b.read(net)
    a.edit("Group 1", name="New")
    net.changed = lambda body: body.replace(b'"demonstration":false', b'"demonstration":true')
    assert b.read(net)["held"] == 1
    assert b.feed().error == "peer_made_up"


def test_what_nobody_foresaw_about_one_feed_keeps_no_other_from_being_read(three):
    a, b, c = three
    net = Net(*three)
    b.follow(a)
    b.follow(c)
    c.take(group(1))

    def fetch(url, folder, **how):
        if a.host in url:
            raise ZeroDivisionError
        return net(url, folder, **how)
    with pytest.raises(ZeroDivisionError):
        b.read(fetch)
    assert (list(b.shown()), b.feed(1).error, b.feed(2).error) == (["Group 1"], "unforeseen", None)


def test_where_something_could_not_be_read_nothing_is_missing(two):
    a, b, net = two
    a.take(*(group(number) for number in range(20)))
    b.read(net)
    with b.database.transaction() as session:
        feeds.read_anew(session, 1)
    net.changed = lambda body: body.replace(b'"state":"published"', b'"state":"of tomorrow"', 1)
    assert b.read(net)["good"] == 1
    assert len(b.shown()) == 20
    with b.database.transaction() as session:
        feeds.read_anew(session, 1)
    a.edit("Group 3", name="Third")
    net.changed = lambda body: body
    assert b.read(net)["good"] == 1
    assert sorted(b.shown()) == sorted(a.shown())


@pytest.mark.parametrize("anew", [False, True])
def test_an_instance_without_an_end_waits_for_a_steward(two, monkeypatch, anew):
    a, b, net = two
    small_pages(monkeypatch, 1)
    monkeypatch.setattr(peer_jobs, "MOST_WALKED", 3)
    monkeypatch.setattr(peers, "bring", limited(peers.bring, pages=2))
    a.take(group(100))
    if not anew:
        b.read(net)
    a.take(*(group(number) for number in range(9)))
    for _ in range(2):
        assert b.read(net)["good"] == 1
    assert b.read(net)["held"] == 1
    assert b.feed().error == "peer_endless"
    with b.database.transaction() as session:
        feeds.resume(session, 1)
    assert b.read(net)["good"] == 1
