import json
import re
from collections import Counter
from datetime import date
from statistics import median
from urllib.parse import urlsplit

import jsonschema
import pyphen
import pytest
import zipcodes

from finder.catalog.listing_schema import load
from finder.places.distance import distance_miles
from finder.schedules.recurrence import Rule, is_over, occurrences
from finder.vocabulary import vocabulary
from tests.shared import ROOT, shared

WRITTEN = date(2026, 11, 15)
LINES = (ROOT / "seed_data" / "listings.jsonl").read_bytes().splitlines()
LISTINGS = [json.loads(line) for line in LINES]
SESSIONS = [session for listing in LISTINGS for session in listing.get("sessions", ())]
IDS = [listing["id"] for listing in LISTINGS]
SYLLABLES = pyphen.Pyphen(lang="en_US")
# Words that hurt (safe messaging, person-first language) or that name means.
HURTFUL = re.compile(r"\b(addicts?|alcoholics?|junkies?|clean|dirty|committed suicide|abusers?|victims?|suffer(s|ing)?|"
                     r"crazy|insane|schizophrenics?|psychotics?|the homeless|felons?|cutting|wheelchair-bound)\b",
                     re.IGNORECASE)


def every(key, within=None):
    values = [(listing.get(within) or {}).get(key) if within else listing.get(key) for listing in LISTINGS]
    return {one for value in values if value is not None for one in (value if isinstance(value, list) else [value])}


def texts(value):
    if isinstance(value, dict):
        return [text for one in value.values() for text in texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in texts(one)]
    return [value] if isinstance(value, str) else []


def grade(text):
    # Flesch-Kincaid grade level (Kincaid and others 1975): .39 words/sentence + 11.8 syllables/word - 15.59.
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text)
    sentences = max(1, len(re.findall(r"[.!?](?:\s|$)", text)))
    syllables = sum(len(SYLLABLES.positions(word)) + 1 for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


def kind(session):
    if session.get("anytime"):
        return "anytime"
    repeats = session.get("repeats")
    if repeats is None:
        return "single date" if session.get("valid_from") else "unknown"
    if "INTERVAL=2" in repeats:
        return "every other week"
    if "FREQ=DAILY" in repeats:
        return "daily"
    if "BYMONTHDAY" in repeats:
        return "month day"
    if "FREQ=MONTHLY" in repeats:
        return "last weekday" if "-1" in repeats else "nth weekday"
    if "COUNT" in repeats:
        return "counted cohort"
    return "dated cohort" if session.get("valid_from") and session.get("valid_until") else "weekly"


@pytest.mark.parametrize("listing", LISTINGS, ids=IDS)
def test_each_listing_is_valid_and_already_canonical(listing):
    assert json.dumps(load(listing)) == json.dumps(listing)


def test_the_published_schema_accepts_each_listing():
    schema = json.loads(shared("contract", "listing.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    assert {listing["id"]: [error.message for error in validator.iter_errors(listing)] for listing in LISTINGS
            if not validator.is_valid(listing)} == {}


def test_ids_and_names_are_unique():
    assert [one for one, count in Counter(IDS).items() if count > 1] == []
    assert [one for one, count in Counter(listing["name"] for listing in LISTINGS).items() if count > 1] == []


def test_no_line_is_longer_than_four_thousand_bytes():
    assert max(len(line) for line in LINES) <= 4000


def test_keys_stand_in_the_order_of_the_contract():
    schema = json.loads(shared("contract", "listing.schema.json").read_text(encoding="utf-8"))
    order = list(schema["properties"])
    assert [listing["id"] for listing in LISTINGS if list(listing) != sorted(listing, key=order.index)] == []


def test_telephone_numbers_are_fictional():
    numbers = every("phone", "contact") | every("phone", "organization") | {
        session["dial_in"] for session in SESSIONS if "dial_in" in session}
    numbers |= {url.removeprefix("tel:+1-") for url in every("url", "contact") if url.startswith("tel:")}
    assert len(numbers) > 50
    assert [one for one in numbers if not re.fullmatch(r"[2-9]\d\d-555-01\d\d", one)] == []
    loose = [text for text in texts(LISTINGS) if re.search(r"\d{3}[-. ]?\d{4}", text) and "555-01" not in text]
    assert loose == []


def test_web_and_mail_addresses_are_example_domains():
    urls = every("url", "organization") | every("url", "contact") | {
        session["join_url"] for session in SESSIONS if "join_url" in session}
    hosts = {urlsplit(url).hostname for url in urls if url.startswith("http")}
    hosts |= {address.rsplit("@", 1)[1] for address in every("email", "contact") | every("email", "organization")}
    hosts |= {url.rsplit("@", 1)[1] for url in urls if url.startswith("mailto:")}
    assert len(hosts) > 50
    assert [host for host in hosts if not re.fullmatch(r"([a-z0-9-]+\.)?example\.(org|com)", host)] == []


@pytest.mark.parametrize(
    ("name", "used"),
    [
        ("group_types", every("group_type")),
        ("focus_areas", every("focus")),
        ("modalities", every("modalities")),
        ("facilitator_types", every("led_by")),
        ("populations", every("populations")),
        ("languages", every("languages")),
        ("session_formats", {session["format"] for session in SESSIONS}),
        ("accessibility", {code for listing in LISTINGS for code in listing.get("accessibility", ())}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_code_of_a_vocabulary_is_used(name, used):
    assert set(vocabulary().lists[name].codes) - used == set()


def test_every_kind_of_payment_is_used():
    costs = [listing["cost"] for listing in LISTINGS if "cost" in listing]
    free = [cost for cost in costs if cost["free"]]
    payers = {payer for cost in costs for payer in cost.get("insurance", ())}
    used = payers | ({"free"} if free else set())
    used |= {"donation" for cost in free if "basket" in cost.get("note", "")}
    used |= {"sliding" for cost in costs if cost.get("sliding_scale")}
    used |= {"assistance" for cost in costs if "help with the fee" in cost.get("note", "").lower()}
    used |= {"self_pay" for cost in costs if cost.get("amount") and cost.get("insurance") == []}
    assert set(vocabulary().lists["cost_payment"].codes) - used == set()
    assert len(costs) < len(LISTINGS)


def test_every_severity_range_is_used_and_some_state_none():
    ranges = {(listing["severity"]["min"], listing["severity"]["max"]) for listing in LISTINGS if "severity" in listing}
    assert ranges == {(low, high) for low in range(5) for high in range(low, 5)}
    assert sum("severity" not in listing for listing in LISTINGS) >= 20


def test_every_kind_of_schedule_is_used():
    assert {kind(session) for session in SESSIONS} == {
        "weekly", "daily", "every other week", "nth weekday", "last weekday", "month day", "dated cohort",
        "counted cohort", "single date", "anytime", "unknown"}
    assert any(len(listing.get("sessions", ())) > 1 for listing in LISTINGS)
    assert any("sessions" not in listing for listing in LISTINGS)
    assert any(session.get("except_dates") for session in SESSIONS)
    assert any("start_time" not in session and not session.get("anytime") for session in SESSIONS)
    minutes = [60 * int(one["start_time"][:2]) + int(one["start_time"][3:]) + one.get("duration_minutes", 0)
               for one in SESSIONS if "start_time" in one]
    assert sum(end > 24 * 60 for end in minutes) >= 3


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (every("kind", "organization"), {"peer_run", "nonprofit", "public", "health_system", "private_practice",
                                         "faith", "school", "employer", "tribal", "veterans", "library", "other"}),
        (every("attendees"), {"person", "relatives", "anyone"}),
        (every("gender_mix"), {"women", "men", "mixed"}),
        (every("interpreter"), {"yes", "on_request", "no"}),
        (every("status", "capacity"), {"open", "waitlist", "full", "assessment_first"}),
        (every("how_to_join", "contact"), {"walk_in", "call", "register", "referral"}),
        (every("recovery_medication", "policies"), {"welcome", "refused"}),
        (every("moderation_goal", "policies"), {"welcome", "refused"}),
        (every("moderated", "policies"), {True, False}),
        (every("open_group"), {True, False}),
        (every("status"), {"paused"}),
        ({one for listing in LISTINGS for one in listing.get("accessibility", {}).values()},
         {"yes", "no", "on_request"}),
        ({session["location"].get("precision") for session in SESSIONS if "location" in session},
         {"exact", "street", "postal_code", "city"}),
        ({key for listing in LISTINGS for key in listing.get("coverage", ())},
         {"countries", "states", "counties", "postal_codes"}),
        ({key for listing in LISTINGS for key in listing.get("policies", ())} - {"recovery_medication", "moderated",
                                                                                 "moderation_goal"},
         {"excludes", "min_days_sober", "court_ordered_only", "partners_welcome", "one_to_one", "walk_in",
          "hours_per_week", "group_size"}),
    ],
    ids=["organization kind", "attendees", "gender mix", "interpreter", "capacity", "joining", "medication",
         "moderation", "moderated", "open group", "status", "accessibility", "precision", "coverage", "policies"],
)
def test_every_value_of_a_short_list_is_used(values, expected):
    assert values == expected


def test_forty_cities_in_twenty_five_states_have_three_programs_or_more():
    cities = Counter()
    for listing in LISTINGS:
        cities.update({(session["location"]["city"], session["location"]["state"])
                       for session in listing.get("sessions", ()) if "location" in session})
    assert len(cities) >= 40
    assert len({state for _, state in cities}) >= 25
    assert {city: count for city, count in cities.items() if count < 3} == {}


def test_about_sixty_programs_need_no_travel():
    assert sum(all("location" not in session for session in listing["sessions"])
               for listing in LISTINGS if "sessions" in listing) >= 60


def test_each_place_lies_near_its_postal_code():
    for session in SESSIONS:
        place = session.get("location")
        if place is None or place.get("hidden"):
            continue
        (found, *_) = zipcodes.matching(place["postal_code"])
        assert found["state"] == place["state"]
        assert place["city"] in (found["city"], *found["acceptable_cities"])
        assert distance_miles(place["latitude"], place["longitude"], float(found["lat"]), float(found["long"])) < 15
        assert session.get("timezone") in (None, found["timezone"])


def test_each_hidden_place_lies_near_its_city_and_publishes_no_address():
    hidden = [session["location"] for session in SESSIONS if session.get("location", {}).get("hidden")]
    assert len(hidden) >= 3
    for place in hidden:
        assert set(place) == {"city", "state", "latitude", "longitude", "precision", "hidden"}
        assert min(distance_miles(place["latitude"], place["longitude"], float(one["lat"]), float(one["long"]))
                   for one in zipcodes.filter_by(city=place["city"], state=place["state"])) < 15


def test_dates_make_sense_on_the_day_of_writing():
    last_week = 0
    for listing in LISTINGS:
        seen = (listing.get("verified") or {}).get("on")
        assert seen is None or "2023-11-15" <= seen <= WRITTEN.isoformat()
        last_week += seen is not None and (WRITTEN - date.fromisoformat(seen)).days <= 7
        starts = listing.get("starts_on")
        assert starts is None or WRITTEN.isoformat() < starts < "2027-05-01"
        assert "capacity" not in listing or listing["capacity"]["as_of"] <= WRITTEN.isoformat()
    assert last_week >= 3
    assert sum("verified" not in listing for listing in LISTINGS) >= 10
    assert min(listing["verified"]["on"] for listing in LISTINGS if "verified" in listing) < "2023-12-31"


def test_most_capacities_are_fresh_and_some_are_stale():
    ages = [(WRITTEN - date.fromisoformat(listing["capacity"]["as_of"])).days
            for listing in LISTINGS if "capacity" in listing]
    assert 2 <= sum(age > 90 for age in ages) <= len(ages) / 10


def test_every_rule_meets_on_its_own_dates_and_is_not_over():
    for listing in LISTINGS:
        for session in listing.get("sessions", ()):
            rule = Rule.of(session)
            assert not is_over(rule, WRITTEN), listing["id"]
            assert "UNTIL" not in session.get("repeats", "")
            named = [session[key] for key in ("valid_from", "valid_until") if key in session]
            plain = Rule.of({**session, "except_dates": []})
            for day in map(date.fromisoformat, [*named, *session.get("except_dates", ())]):
                assert [one.date() for one in occurrences(plain, day, 1)] == [day], (listing["id"], day)


def test_a_program_that_starts_later_says_the_day_of_its_first_session():
    for listing in LISTINGS:
        if "starts_on" in listing:
            rules = [Rule.of(session) for session in listing["sessions"]]
            starts = date.fromisoformat(listing["starts_on"])
            assert any(occurrences(rule, starts, 1)[0].date() == starts for rule in rules), listing["id"]


def test_combinations_are_plausible():
    for listing in LISTINGS:
        group, cost = listing["group_type"], listing.get("cost", {})
        if group in ("php", "iop"):
            assert listing["severity"]["min"] >= 3
            assert cost["free"] is False
            session = listing["sessions"][0]
            days = session["repeats"].split("BYDAY=")[1].count(",") + 1
            assert listing["policies"]["hours_per_week"] == days * session["duration_minutes"] / 60
            assert (listing["policies"]["hours_per_week"] >= 20) == (group == "php")
        if group in ("peer_support", "mutual_aid"):
            assert listing["led_by"] in ("peer", "certified_peer", "trained_facilitator", "chaplain")
        if group in ("structured_therapy", "process", "family_therapy"):
            assert listing["led_by"] in ("licensed_clinician", "trainee", "co_led")
        if group == "family_peer":
            assert listing["attendees"] in ("relatives", "anyone")


def test_a_group_for_survivors_asks_for_a_call_first_and_never_invites_couples():
    for listing in LISTINGS:
        if "domestic_violence" in listing.get("focus", ()):
            assert not listing.get("policies", {}).get("partners_welcome")
            assert listing["contact"]["how_to_join"] == "call"


def test_Y6_descriptions_differ_and_read_easily():
    described = [listing["description"] for listing in LISTINGS]
    assert len(set(described)) == len(LISTINGS)
    english = [grade(listing["description"]) for listing in LISTINGS if listing.get("languages") != ["es"]]
    assert median(english) <= 8
    assert max(english) <= 10


def test_spanish_groups_are_described_in_spanish():
    spanish = [listing["description"] for listing in LISTINGS if listing.get("languages") == ["es"]]
    assert len(spanish) >= 10
    assert [text for text in spanish if not re.search(r"\b(para|que|los|una?|de)\b", text)] == []


def test_Y6_words_are_kind():
    said = [text for listing in LISTINGS for text in (listing["name"], listing["description"])]
    assert [text for text in said if HURTFUL.search(text)] == []
