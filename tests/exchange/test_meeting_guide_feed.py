from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finder.catalog.listing_schema import load
from finder.cli import sample_groups
from finder.crosswalks import crosswalk
from finder.exchange import entries, meeting_guide_feed, types, weekly
from finder.exchange.meeting_guide_feed import Feed, Words, dialed, nameless
from finder.exchange.reading import Listing
from finder.exchange.weekly import WITH_PLACE
from finder.listings import changes
from finder.listings.writing import Author
from tests.exchange import display
from tests.exchange.display import ACTIVE, DROPPED, INACTIVE, LoadingError, states
from tests.exchange.hsds.documents import documents
from tests.exchange.make import read
from tests.exchange.published import (
    CHANGED,
    SITE,
    TODAY,
    changed,
    entry,
    judge_losses,
    nights,
    seed,
    weekly_documents,
)
from tests.listings.database import NOW, make_database, take
from tests.shared import shared

WORDS = Words("The address is given after you get in touch.", "Please ask first.", "This opens the group's page.")
SILENT = Words("", "", "")
TEXT = {"type": "string", "minLength": 1}
URL = {"type": "string", "pattern": "^https?://"}
CLOCK = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}
# FIELDS.md as a schema; nothing else may be written.
SCHEMA = {
    "type": "array", "items": {
        "type": "object", "additionalProperties": False,
        "required": ["name", "slug", "day", "time", "timezone", "types", "updated", "url", "feedback_url",
                     "approximate", "attendance_option"],
        "anyOf": [{"required": [one]} for one in ("formatted_address", "address", "city", "state", "country")],
        "properties": {
            "name": {**TEXT, "maxLength": 255}, "slug": {"type": "string", "pattern": "^[a-z0-9-]{1,64}$"},
            "day": {"type": "integer", "minimum": 0, "maximum": 6}, "time": CLOCK, "end_time": CLOCK, "timezone": TEXT,
            "formatted_address": TEXT, "address": TEXT, "city": TEXT, "state": TEXT, "postal_code": TEXT,
            "country": TEXT, "latitude": {"type": "number"}, "longitude": {"type": "number"},
            "approximate": {"enum": ["yes", "no"]}, "regions": {"type": "array", "items": TEXT}, "location": TEXT,
            "group": TEXT, "group_id": TEXT, "types": {"type": "array", "items": TEXT, "uniqueItems": True},
            "notes": TEXT, "conference_url": URL, "conference_url_notes": TEXT,
            "conference_phone": {"type": "string", "pattern": "^[0-9+,*#]{10,}$"},
            "updated": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$"},
            "url": URL, "feedback_url": URL, "entity": TEXT, "entity_phone": TEXT, "entity_website_url": URL,
            "entity_url": URL, "attendance_option": {"enum": ["in_person", "hybrid", "online"]},
        },
        "dependentRequired": {one: ["entity"] for one in ("entity_phone", "entity_website_url", "entity_url")},
    }}


def fed(*documents: dict[str, Any], direct: bool = False, words: Words = WORDS) -> Feed:
    return meeting_guide_feed.write([entry(load(one)) for one in documents], site=SITE, words=words,
                                    today=TODAY, direct_links=direct)


def of_seed() -> Feed:
    return meeting_guide_feed.write(seed(), site=SITE, words=WORDS, today=TODAY)


def test_every_weekly_program_of_the_seed_is_shown_and_none_as_inactive() -> None:
    feed = of_seed()
    assert set(states(feed.meetings, feed.hosts).values()) == {ACTIVE}
    assert feed.hosts == ("finder.example",)
    there = {one["group_id"] for one in feed.meetings}
    for one in seed():
        if one.document.get("status", "active") != "active":
            continue
        for session in one.document.get("sessions") or ():
            rule = session.get("repeats") or ""
            later = one.document.get("open_group") is False and one.document.get("starts_on", "") > str(TODAY)
            always = not later and not session.get("valid_until") and "COUNT" not in rule and "INTERVAL" not in rule
            if session.get("start_time") and rule.startswith(("FREQ=WEEKLY", "FREQ=DAILY")) and always:
                assert str(one.id) in there, one.slug


def test_the_conditions_are_read_as_the_client_was_seen_to_read_them() -> None:
    feed = json.loads(shared("standards", "meeting-guide", "own-test-feed.json").read_text(encoding="utf-8"))
    found = states(feed)
    told = {"full-1": ACTIVE, "min-1": INACTIVE, "onl-1": ACTIVE, "onl-2": INACTIVE, "onl-3": DROPPED, "notz": DROPPED}
    assert {slug: found[slug] for slug in told} == told
    assert states(feed, ("meet.ourdirectory.example",), "America/New_York")["onl-2"] == ACTIVE
    assert states(feed, page_zone="America/New_York")["notz"] != DROPPED
    assert DROPPED in {state for slug, state in found.items() if slug.endswith(")")}
    for broken in ([], {}, [{"day": [1, 2]}, {"day": [3]}]):
        with pytest.raises(LoadingError):
            states(broken)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(documents(), min_size=1, max_size=4), st.booleans())
def test_any_listing_that_is_said_is_shown_and_never_as_inactive(some: list[dict[str, Any]], direct: bool) -> None:
    found = [entry(one) for one in some]
    feed = meeting_guide_feed.write(found, site=SITE, words=WORDS, today=TODAY, direct_links=direct)
    jsonschema.validate(feed.meetings, SCHEMA)
    if feed.meetings:
        # Pages of the instance, and links as whoever keeps the listing wrote them: all hosts are told.
        assert set(states(feed.meetings, feed.hosts).values()) == {ACTIVE}
        assert all(display.types(one) == one["types"] for one in feed.meetings)
    said: Counter[str] = Counter()
    days = [slot for one in found for slot in weekly.slots(one, today=TODAY, left_out=said)]
    assert (len(days), dict(said)) == (len(feed.meetings), feed.left_out)


def test_a_thousand_listings_as_directories_hold_them_are_shown_and_never_as_inactive() -> None:
    feed = meeting_guide_feed.write([entry(load(one)) for one in sample_groups.listings(1000, 7)], site=SITE,
                                    words=WORDS, today=TODAY)
    assert len(feed.meetings) > 1000
    assert set(states(feed.meetings, feed.hosts).values()) == {ACTIVE}


def test_hosts_are_told_with_their_ports_as_clients_compare_them() -> None:
    site = weekly.Site("Here", "http://127.0.0.1:8000", lambda slug: f"http://127.0.0.1:8000/programs/{slug}",
                       lambda slug: "http://127.0.0.1:8000/report")
    feed = meeting_guide_feed.write([entry(load(changed("name", "A")))], site=site, words=WORDS, today=TODAY)
    assert feed.hosts == ("127.0.0.1:8000",)
    assert set(states(feed.meetings, feed.hosts).values()) == {ACTIVE}


def test_all_sessions_of_the_seed_are_said_or_counted() -> None:
    feed = of_seed()
    jsonschema.validate(feed.meetings, SCHEMA)
    slugs = [one["slug"] for one in feed.meetings]
    assert len(set(slugs)) == len(slugs)
    said: Counter[str] = Counter()
    days = [slot for one in seed() for slot in weekly.slots(one, today=TODAY, left_out=said)]
    assert (len(days), dict(said)) == (len(slugs), feed.left_out)
    sessions = sum(len(one.document.get("sessions") or "1") if one.document.get("status", "active") == "active" else 1
                   for one in seed())
    assert len({slot.meeting.id for slot in days}) + sum(said.values()) == sessions
    assert {"paused", "monthly", "alternating", "ends", "no_time", "always_open"} <= said.keys() <= set(weekly.REASONS)


def test_only_codes_of_the_specification_are_written() -> None:
    written = {code for codes in types.WRITTEN.values() for code in codes}
    assert written <= display.codes()
    assert {code for one in of_seed().meetings for code in one["types"]} <= display.codes()


def test_every_written_code_is_read_as_what_it_was_written_for() -> None:
    for (name, ours), codes in types.WRITTEN.items():
        for code in codes:
            assert ours in crosswalk("meeting_guide").ours(name, code), (name, ours, code)


@pytest.mark.parametrize(("rule", "more", "reason"), [
    ("FREQ=MONTHLY;BYDAY=1MO", {}, "monthly"), ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", {}, "alternating"),
    ("FREQ=WEEKLY;BYDAY=MO;COUNT=8", {}, "ends"), ("FREQ=WEEKLY;BYDAY=MO;UNTIL=20270101", {}, "ends"),
    ("FREQ=WEEKLY;BYDAY=MO", {"valid_until": "2027-02-01"}, "ends"),
    ("FREQ=WEEKLY;BYDAY=MO", {"valid_from": "2026-12-07"}, "not_yet"),
    ("FREQ=YEARLY", {}, "other_rhythm"), ("FREQ=WEEKLY;BYDAY=MO;BYMONTH=6,7", {}, "other_rhythm"),
    ("FREQ=WEEKLY;BYDAY=MO", {"start_time": None}, "no_time"), (None, {}, "no_rule"),
    ("FREQ=WEEKLY;BYDAY=MO", {"timezone": None}, "no_zone"), ("FREQ=WEEKLY;BYDAY=MO", {"location": None}, "no_place"),
    (None, {"anytime": True, "start_time": None}, "always_open"),
], ids=lambda one: str(one))
def test_what_the_format_cannot_say_is_left_out_and_counted(rule: str | None, more: dict[str, Any],
                                                            reason: str) -> None:
    session = {"format": "in_person", "repeats": rule, "start_time": "18:00", "timezone": "America/New_York",
               "location": {"city": "Durham", "state": "NC"}, "valid_from": "2026-01-05", **more}
    feed = fed({**changed("name", "A"), "sessions": [session]})
    assert (feed.meetings, feed.left_out) == ([], {reason: 1})


@pytest.mark.parametrize(("rule", "days"), [
    ("FREQ=WEEKLY;BYDAY=SA,SU,MO", [0, 1, 6]), ("FREQ=DAILY", [0, 1, 2, 3, 4, 5, 6]),
    ("FREQ=DAILY;BYDAY=MO,FR", [1, 5]), ("FREQ=WEEKLY", [2])], ids=str)
def test_there_is_one_object_for_each_weekday(rule: str, days: list[int]) -> None:
    feed = fed(changed("sessions.repeats", rule))
    assert [one["day"] for one in feed.meetings][:-1] == days
    assert len({one["slug"] for one in feed.meetings}) == len(days) + 1


def test_slugs_are_unique_and_short_also_where_programs_have_long_ones_that_begin_alike() -> None:
    long = "a-very-long-name-of-a-group-that-meets-in-the-old-library-by-the-river"
    one = changed("name", "A")
    feed = meeting_guide_feed.write([entry(load({**one, "id": f"{number}"}), f"{long}-{number}") for number in "123"],
                                    site=SITE, words=WORDS, today=TODAY)
    slugs = [one["slug"] for one in feed.meetings]
    assert len(set(slugs)) == 6
    assert max(map(len, slugs)) <= 64


def test_slugs_stay_when_a_listing_is_edited(tmp_path: Path) -> None:
    database = make_database(tmp_path)
    take(database, [{**changed("name", "A"), "x": {}}])

    def slugs() -> list[str]:
        with database.reading() as session:
            feed = meeting_guide_feed.write(entries.entries(session), site=SITE, words=WORDS, today=TODAY)
        return [one["slug"] for one in feed.meetings]
    before = slugs()
    with database.transaction() as session:
        (one,) = entries.entries(session)
        there = changes.find(session, one.id)
        changes.change(session, there.id, base=there.version, author=Author("steward:1"), now=NOW,
                       document={**there.document, "description": "Tea.", "name": "Late Circle"})
    assert slugs() == before
    assert len(before) == 2


def test_an_end_past_midnight_is_left_out() -> None:
    first = fed(changed("sessions.start_time", "23:00")).meetings[0]
    assert (first["time"], "end_time" in first) == ("23:00", False)
    assert fed(changed("sessions.start_time", "22:59")).meetings[0]["end_time"] == "23:59"


def test_a_hidden_address_is_a_town_and_the_meeting_stays_an_active_one() -> None:
    first = fed(changed("sessions.location.hidden", True)).meetings[0]
    assert (first["formatted_address"], first["approximate"]) == ("Salem, OR, USA", "no")
    assert "latitude" not in first
    assert "Elm" not in json.dumps(first)
    assert first["notes"].startswith(WORDS.address_later)


def test_links_to_join_stay_behind_the_button_of_the_page_unless_direct_ones_are_wanted() -> None:
    behind, direct = fed(changed("name", "A")), fed(changed("name", "A"), direct=True)
    assert "zoom.us" not in json.dumps(behind.meetings)
    assert behind.meetings[0]["conference_url"] == "https://finder.example/programs/full"
    assert behind.meetings[0]["conference_phone"] == "+16465550100,,123#"
    assert direct.meetings[0]["conference_url"] == "https://zoom.us/j/5550100"
    assert direct.hosts == ("finder.example", "zoom.us")


@pytest.mark.parametrize(("given", "said"), [
    ("+1 (646) 555-0100", "+16465550100"), ("646-555-0100 x12", "6465550100,,12"), ("988", ""), (None, ""),
    ("646-555-0100,,1234#,,9999#", "6465550100,,1234#")])
def test_a_number_to_dial_is_one_that_a_telephone_dials(given: str | None, said: str) -> None:
    assert dialed(given) == said


@pytest.mark.parametrize(("text", "kept"), [
    ("Tea is on. Led by Maria Gomez. All are welcome.", "Tea is on. All are welcome."),
    ("Ask Dr. Smith. Bring a chair.", "Bring a chair."), ("With Jane Doe, LCSW. Free.", "Free."),
    ("Call Pat Jones or come by.", ""), ("Led by people who have been there.", "Led by people who have been there."),
    ("Hay té. Dirigido por Ángela Núñez. Venga con tiempo.", "Hay té. Venga con tiempo."),
    ("Pregunte por la Dra. Ruiz. Hay pan.", "Hay pan."), ("Call us. Run by peers.", "Call us. Run by peers."),
    ("Zoom ID: 555 0100\nBring tea.", "Bring tea.")])
def test_no_sentence_names_a_person(text: str, kept: str) -> None:
    assert nameless(text) == kept


def test_the_instant_of_change_is_told_in_sql_form_and_utc() -> None:
    assert {one["updated"] for one in fed(changed("name", "A")).meetings} == {f"{CHANGED:%Y-%m-%d %H:%M:%S}"}


@pytest.mark.parametrize("location", [
    {"address_1": "Suite 4, 12 Main St", "city": "Salem", "state": "OR", "postal_code": "97301"},
    {"address_1": "12 Main St", "city": "Toronto", "state": "ON", "postal_code": "M5V 2T6", "country": "CA"},
    {"address_1": "Plaza Mayor 1", "city": "Madrid", "country": "ES"}, {"city": "Salem", "state": "OR"}], ids=str)
def test_any_address_comes_back_part_by_part(location: dict[str, str], tmp_path: Path) -> None:
    document = changed("name", "A")
    document["sessions"] = [{**document["sessions"][0], "format": "in_person", "location": location}]
    path = tmp_path / "feed.json"
    path.write_text(json.dumps(fed(document).meetings), encoding="utf-8")
    (back,) = [one.document for one in read(path, "meeting-guide") if isinstance(one, Listing)]
    found = back["sessions"][0]["location"]
    assert {key: found.get(key) for key in location} == location


def test_the_table_of_losses_is_true() -> None:
    def said(one: Any) -> object:
        # When a listing changed, and ids, say nothing of what it says.
        feeds = [meeting_guide_feed.write([one], site=SITE, words=WORDS, today=TODAY, direct_links=direct)
                 for direct in (False, True)]
        return [{key: value for key, value in each.items() if key not in ("slug", "group_id")}
                for feed in feeds for each in feed.meetings]
    judge_losses(meeting_guide_feed.LOST, said)


LISTS = {
    "languages": st.lists(st.sampled_from(["en", "es", "fr", "ko", "de", "uk"]), min_size=1, max_size=3, unique=True),
    "gender_mix": st.sampled_from(["women", "men"]), "attendees": st.sampled_from(["person", "anyone"]),
    "populations": st.lists(st.sampled_from(["older_adults", "lgbtq", "trans_nonbinary", "healthcare_workers"]),
                            min_size=1, unique=True),
    "modalities": st.lists(st.sampled_from(["mindfulness", "peer_sharing"]), min_size=1, unique=True),
    "focus": st.just(["cooccurring"]),
    "accessibility": st.dictionaries(st.sampled_from(["step_free", "accessible_restroom", "attendance_slip"]),
                                     st.just("yes"), min_size=1),
    "description": st.sampled_from(["Tea is on.", "Bring a chair.\nAll are welcome.", "Té y pan; ñandú."]),
    "organization": st.builds(lambda phone: {"name": "River Care", "kind": "peer_run", "phone": phone,
                                             "url": "https://river.example.org"},
                              st.integers(2_000_000_000, 9_999_999_999).map(lambda one: f"+1{one}")),
}


def comes_back(document: dict[str, Any]) -> None:
    """Writes a listing, reads the feed as if it were a stranger's, and compares what the format has."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "feed.json"
        rows = fed(document, direct=True, words=SILENT).meetings
        jsonschema.validate(rows, SCHEMA)
        path.write_text(json.dumps(rows), encoding="utf-8")
        found = list(read(path, "meeting-guide"))
    back = [one.document for one in found if isinstance(one, Listing)]
    assert sum(len(one.rows) for one in found if isinstance(one, Listing)) == len(rows)
    assert nights(back) == nights([document])
    for one in back:
        assert one["name"] == document["name"]
        for name in ("description", "gender_mix", "attendees", "organization"):
            assert one.get(name) == document.get(name), name
        for name in ("languages", "modalities", "focus", "populations"):
            more = {document.get("gender_mix")} if name == "populations" else set()
            assert set(one.get(name, ())) == {*document.get(name, ()), *more} - {None}, name
        assert one.get("accessibility", {}) == document.get("accessibility", {})
        assert set(types.written(one)) == set(types.written(document))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(weekly_documents(**LISTS))
def test_a_listing_comes_back_as_it_was(document: dict[str, Any]) -> None:
    comes_back(document)


@pytest.mark.soak
@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(weekly_documents(**LISTS))
def test_a_thousand_listings_come_back_as_they_were(document: dict[str, Any]) -> None:
    comes_back(document)


def test_the_seed_written_and_read_and_written_again_is_the_same_feed(tmp_path: Path) -> None:
    rows = of_seed().meetings
    path = tmp_path / "feed.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    found = list(read(path, "meeting-guide"))
    assert sum(len(one.rows) for one in found if isinstance(one, Listing)) == len(rows)
    placed = [row for row in rows if row["attendance_option"] in WITH_PLACE]
    assert placed
    assert {row["name"] for row in rows} == {one.document["name"] for one in found if isinstance(one, Listing)}


@pytest.mark.parametrize("folder", ["tsml-nw-texas-2021", "tsml-eating-disorders-anon-2023"])
def test_a_real_feed_goes_in_and_out_and_in_again_without_a_row_that_is_refused(folder: str, tmp_path: Path) -> None:
    source = min(shared("data", folder).glob("*.json"))
    listings = [one.document for one in read(source, "meeting-guide") if isinstance(one, Listing)]
    feed = fed(*listings, direct=True)
    jsonschema.validate(feed.meetings, SCHEMA)
    assert set(states(feed.meetings, feed.hosts).values()) == {ACTIVE}
    path = tmp_path / "feed.json"
    path.write_text(json.dumps(feed.meetings), encoding="utf-8")
    back = list(read(path, "meeting-guide"))
    assert all(isinstance(one, Listing) for one in back)
    assert sum(len(one.rows) for one in back if isinstance(one, Listing)) == len(feed.meetings) > 100
