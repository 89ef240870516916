import pytest

from tests.make import HERE, make_listing, make_session, run

PHILADELPHIA = {"latitude": 39.95, "longitude": -75.16}
TRENTON = {"latitude": 40.22, "longitude": -74.76}  # 28 miles away
OVER = make_session(repeats="FREQ=WEEKLY;BYDAY=MO", start_time="18:00", timezone="America/New_York",
                    valid_until="2026-11-23")
MONDAY_EVENING = {"repeats": "FREQ=WEEKLY;BYDAY=MO", "start_time": "18:00", "timezone": "America/New_York"}


def hidden_reasons(listing, intake, place=None):
    found = run([make_listing(**listing)], intake, place=place)
    assert len(found.rows) == (0 if found.hidden else 1)
    assert set(found.hidden.values()) <= {1}
    return set(found.hidden)


def rule(sentence, listing, intake, *reasons, place=None):
    return pytest.param(listing, intake, set(reasons), place, id=sentence)


def open_to(way, **what_matters):
    return {"sessions": [make_session(format=way, **what_matters)]}


PROGRAM = [
    rule("a paused program is closed", {"status": "paused"}, {}, "program_closed"),
    rule("an ended program is closed", {"status": "closed"}, {}, "program_closed"),
    rule("a program whose sessions are all over is closed", {"sessions": [OVER]}, {}, "program_closed"),
    rule("a program with one session left is not closed", {"sessions": [OVER, make_session()]}, {}),
    rule("a program that starts again today is not closed", {"sessions": [OVER], "starts_on": "2026-11-24"}, {}),
    rule("a program that started yesterday and is over is closed", {"sessions": [OVER], "starts_on": "2026-11-23"}, {},
         "program_closed"),
    rule("a program without sessions is not closed", {"sessions": []}, {}),
    rule("a full program is left out", {"capacity": {"status": "full", "as_of": "2026-11-01"}}, {}, "full_no_waitlist"),
    rule("full 90 days ago still counts", {"capacity": {"status": "full", "as_of": "2026-08-26"}}, {},
         "full_no_waitlist"),
    rule("full 91 days ago no longer counts", {"capacity": {"status": "full", "as_of": "2026-08-25"}}, {}),
    rule("a waiting list hides nothing", {"capacity": {"status": "waitlist", "as_of": "2026-11-01"}}, {}),
    rule("a program hides under every reason that holds",
         {"status": "closed", "age": {"min": 18}, "attendees": "relatives"}, {"age": 17, "attending_as": "person"},
         "program_closed", "age", "role"),
]
PERSON = [
    rule("too young", {"age": {"min": 18}}, {"age": 17}, "age"),
    rule("too old", {"age": {"max": 25}}, {"age": 26}, "age"),
    rule("both ends of the age limits are included, low", {"age": {"min": 18, "max": 25}}, {"age": 18}),
    rule("both ends of the age limits are included, high", {"age": {"min": 18, "max": 25}}, {"age": 25}),
    rule("an age that was not given excludes nowhere", {"age": {"min": 18}}, {}),
    rule("under 18 no unmoderated text space", {**open_to("text_chat"), "policies": {"moderated": False}}, {"age": 17},
         "age"),
    rule("too young twice over counts once",
         {**open_to("text_chat"), "policies": {"moderated": False}, "age": {"min": 18}}, {"age": 17}, "age"),
    rule("too young twice over counts once, whatever else it offers",
         {"sessions": [make_session(format="text_chat"), make_session(location=TRENTON),
                       make_session(location=PHILADELPHIA)],
          "policies": {"moderated": False}, "age": {"min": 18}},
         {"age": 17, "formats": ["text_chat"], "formats_required": True}, "age"),
    rule("from 18 on an unmoderated text space is open", {**open_to("text_chat"), "policies": {"moderated": False}},
         {"age": 18}),
    rule("a text space that says nothing of moderators is open to the young", open_to("text_chat"), {"age": 17}),
    rule("unmoderated says nothing of a video group", {**open_to("online_video"), "policies": {"moderated": False}},
         {"age": 17}),
    rule("only for groups the person is not in", {"restricted_to": ["veterans", "black"]},
         {"not_identities": ["veterans", "black"]}, "restricted_population"),
    rule("one group of the list may still be the person's", {"restricted_to": ["veterans", "black"]},
         {"not_identities": ["veterans"]}),
    rule("a group nobody asked about never excludes", {"restricted_to": ["veterans"]}, {}),
    rule("a women's group and a man", {"gender_mix": "women"}, {"gender": "man"}, "restricted_population"),
    rule("a women's group and a nonbinary person", {"gender_mix": "women"}, {"gender": "nonbinary"}),
    rule("a women's group and a gender not given", {"gender_mix": "women"}, {}),
    rule("women and men are told by gender, not by what was ruled out", {"restricted_to": ["women"]},
         {"not_identities": ["women"]}),
    rule("women veterans need both, and this woman is no veteran",
         {"gender_mix": "women", "restricted_to": ["veterans"]},
         {"gender": "woman", "not_identities": ["veterans"]}, "restricted_population"),
    rule("no men wished and men attend", {"gender_mix": "mixed"}, {"women_only": True}, "restricted_population"),
    rule("no men wished and it is not stated who attends", {}, {"women_only": True}),
    rule("for children, and 13", {"restricted_to": ["children"]}, {"age": 13}, "restricted_population"),
    rule("for children, and 12", {"restricted_to": ["children"]}, {"age": 12}),
    rule("for teens, and 11", {"restricted_to": ["teens"]}, {"age": 11}, "restricted_population"),
    rule("for teens, and 12", {"restricted_to": ["teens"]}, {"age": 12}),
    rule("for teens, and 19", {"restricted_to": ["teens"]}, {"age": 19}),
    rule("for teens, and 20", {"restricted_to": ["teens"]}, {"age": 20}, "restricted_population"),
    rule("for young adults, and 15", {"restricted_to": ["young_adults"]}, {"age": 15}, "restricted_population"),
    rule("for young adults, and 16", {"restricted_to": ["young_adults"]}, {"age": 16}),
    rule("for young adults, and 30", {"restricted_to": ["young_adults"]}, {"age": 30}),
    rule("for young adults, and 31", {"restricted_to": ["young_adults"]}, {"age": 31}, "restricted_population"),
    rule("for older adults, and 49", {"restricted_to": ["older_adults"]}, {"age": 49}, "restricted_population"),
    rule("for older adults, and 50", {"restricted_to": ["older_adults"]}, {"age": 50}),
    rule("for relatives, and the person attends", {"attendees": "relatives"}, {"attending_as": "person"}, "role"),
    rule("for the person, and a relative attends", {"attendees": "person"}, {"attending_as": "relative"}, "role"),
    rule("for anyone, and a relative attends", {"attendees": "anyone"}, {"attending_as": "relative"}),
    rule("for relatives, and nobody said who attends", {"attendees": "relatives"}, {}),
]
LANGUAGE = [
    rule("no shared language and an interpreter not stated", {"languages": ["es"]}, {"languages": ["en"]}, "language"),
    rule("no shared language and no interpreter", {"languages": ["es"], "interpreter": "no"}, {"languages": ["en"]},
         "language"),
    rule("an interpreter on request", {"languages": ["es"], "interpreter": "on_request"}, {"languages": ["en"]}),
    rule("one shared language is enough", {"languages": ["es", "en"]}, {"languages": ["en", "vi"]}),
    rule("Dari and Persian understand each other", {"languages": ["prs"]}, {"languages": ["fa"]}),
    rule("languages not stated", {}, {"languages": ["vi"]}),
    rule("a signer where signing is not stated", {"languages": ["en"]}, {"languages": ["asl"]}),
    rule("a signer where nobody signs", {"languages": ["en"], "accessibility": {"asl": "no"}}, {"languages": ["asl"]},
         "language"),
    rule("a signer by phone without captions", open_to("phone"), {"languages": ["asl"]}, "format"),
    rule("a signer by phone with captions on request",
         {**open_to("phone"), "accessibility": {"captions": "on_request"}}, {"languages": ["asl"]}, "format"),
    rule("a signer by phone with captions", {**open_to("phone"), "accessibility": {"captions": "yes"}},
         {"languages": ["asl"]}),
    rule("one who signs and speaks may be phoned", open_to("phone"), {"languages": ["asl", "en"]}),
]
PLACE = [
    rule("farther than the radius", open_to("in_person", location=TRENTON), {"radius_miles": 20}, "distance",
         place=HERE),
    rule("within the radius", open_to("in_person", location=TRENTON), {"radius_miles": 30}, place=HERE),
    rule("a hundredth beyond the radius is let through", open_to("in_person", location=TRENTON),
         {"radius_miles": 28}, place=HERE),
    rule("two hundredths beyond the radius is not", open_to("in_person", location=TRENTON), {"radius_miles": 27.6},
         "distance", place=HERE),
    rule("no radius, no limit", open_to("in_person", location=TRENTON), {}, place=HERE),
    rule("a place nobody knows", open_to("in_person"), {"radius_miles": 1}, place=HERE),
    rule("distance says nothing of video", open_to("online_video", location=TRENTON), {"radius_miles": 1}, place=HERE),
    rule("licensed elsewhere, by video", {**open_to("online_video"), "licensed_states": ["NJ"]}, {}, "state_licence",
         place=HERE),
    rule("licensed elsewhere, by text", {**open_to("text_chat"), "licensed_states": ["NJ"]}, {}, "state_licence",
         place=HERE),
    rule("licensed elsewhere, in person", {**open_to("in_person"), "licensed_states": ["NJ"]}, {}, place=HERE),
    rule("licensed elsewhere, at one's own pace", {**open_to("self_paced"), "licensed_states": ["NJ"]}, {}, place=HERE),
    rule("licensed here", {**open_to("phone"), "licensed_states": ["PA", "NJ"]}, {}, place=HERE),
    rule("a state not given", {**open_to("phone"), "licensed_states": ["NJ"]}, {}),
    rule("serves another county", {"coverage": {"counties": ["PA:Montgomery"]}}, {}, "outside_area", place=HERE),
    rule("inside one of the areas is enough",
         {"coverage": {"counties": ["PA:Montgomery"], "postal_codes": ["19103"]}}, {}, place=HERE),
    rule("outside each of the areas", {"coverage": {"states": ["NJ"], "postal_codes": ["08601"]}}, {}, "outside_area",
         place=HERE),
    rule("an area, and the place is not known", {"coverage": {"states": ["NJ"]}}, {}),
]
MONEY = [
    rule("a fee, and it must be free", {"cost": {"free": False, "amount": 40}}, {"cost": {"kind": "free_only"}},
         "cost"),
    rule("a fee of nothing", {"cost": {"free": False, "amount": 0}}, {"cost": {"kind": "free_only"}}),
    rule("help with the fee", {"cost": {"free": False, "amount": 40, "sliding_scale": True}},
         {"cost": {"kind": "free_only"}}),
    rule("takes no insurance", {"cost": {"free": False, "insurance": []}}, {"cost": {"kind": "free_only"}}, "cost"),
    rule("cost and insurance not stated", {"cost": {"free": False}}, {"cost": {"kind": "free_only"}}),
    rule("nothing said of cost", {}, {"cost": {"kind": "free_only"}}),
    rule("covered", {"cost": {"free": False, "amount": 40, "insurance": ["medicaid"]}},
         {"cost": {"kind": "free_only"}, "insurance": ["medicaid"]}),
    rule("not covered", {"cost": {"free": False, "insurance": ["private"]}},
         {"cost": {"kind": "free_only"}, "insurance": ["medicaid"]}, "cost"),
    rule("not covered, for one without insurance", {"cost": {"free": False, "insurance": ["private"]}},
         {"cost": {"kind": "free_only"}, "insurance": ["none"]}, "cost"),
    rule("insurance taken, and the person's is not known", {"cost": {"free": False, "insurance": ["private"]}},
         {"cost": {"kind": "free_only"}, "insurance": ["unknown"]}),
    rule("a limit is a wish", {"cost": {"free": False, "amount": 90}}, {"cost": {"kind": "up_to", "amount": 20}}),
]
POLICIES = [
    rule("turns away active thoughts of suicide", {"policies": {"excludes": ["active_suicidal_crisis"]}},
         {"safety": "active"}, "program_exclusion"),
    rule("turns away active thoughts only", {"policies": {"excludes": ["active_suicidal_crisis"]}},
         {"safety": "passive"}),
    rule("a week sober asked of one who uses", {"policies": {"min_days_sober": 7}}, {"recently_using": True},
         "program_exclusion"),
    rule("six days sober asked", {"policies": {"min_days_sober": 6}}, {"recently_using": True}),
    rule("a week sober asked, and nobody asked about using", {"policies": {"min_days_sober": 7}}, {}),
    rule("sent by a court only", {"policies": {"court_ordered_only": True}}, {}, "program_exclusion"),
    rule("sent by a court only, and the person is", {"policies": {"court_ordered_only": True}},
         {"identities": ["justice"]}),
    rule("violence, and partners come along to talk of the relationship",
         {"policies": {"partners_welcome": True}, "focus": ["relationships"]}, {"urgent": ["violence"]},
         "program_exclusion"),
    rule("a need for safety from a partner counts like violence",
         {"policies": {"partners_welcome": True}, "focus": ["relationships"]}, {"needs": ["domestic_violence"]},
         "program_exclusion"),
    rule("violence, and partners come along for something else",
         {"policies": {"partners_welcome": True}, "focus": ["alcohol"]}, {"urgent": ["violence"]}),
    rule("refuses recovery medication", {"policies": {"recovery_medication": "refused"}},
         {"takes_recovery_medication": True}, "rejects_medication"),
    rule("refuses recovery medication, and none is taken", {"policies": {"recovery_medication": "refused"}},
         {"takes_recovery_medication": False}),
    rule("refuses the wish to drink less", {"policies": {"moderation_goal": "refused"}}, {"goal": "moderation"},
         "goal_conflict"),
    rule("refuses the wish to drink less of one who is unsure", {"policies": {"moderation_goal": "refused"}},
         {"goal": "unsure"}),
]
MUST = {"formats": ["in_person"], "formats_required": True}
MORNINGS = {"times": ["early"], "times_required": True}
WAYS = [
    rule("a format that must be", open_to("online_video"), MUST, "format"),
    rule("a format that is only wished", open_to("online_video"), {"formats": ["in_person"]}),
    rule("hybrid meets in person", open_to("hybrid"), MUST),
    rule("hybrid is what must be", open_to("hybrid"), {"formats": ["hybrid"], "formats_required": True}),
    rule("in person alone is not hybrid", open_to("in_person"), {"formats": ["hybrid"], "formats_required": True},
         "format"),
    rule("one of the formats that must be is enough", open_to("phone"),
         {"formats": ["in_person", "phone"], "formats_required": ["in_person", "phone"]}),
    rule("a time that must be", open_to("in_person", **MONDAY_EVENING), MORNINGS, "schedule"),
    rule("a time that is only wished", open_to("in_person", **MONDAY_EVENING), {"times": ["early"]}),
    rule("any time will do", open_to("in_person", **MONDAY_EVENING),
         {"times": ["early", "any"], "times_required": ["early"]}),
    rule("a time not stated", open_to("in_person"), MORNINGS),
    rule("always open", open_to("phone", anytime=True), MORNINGS),
    rule("six in the evening in Denver is eight here",
         open_to("online_video", **{**MONDAY_EVENING, "timezone": "America/Denver"}),
         {"times": ["evening"], "times_required": True}, place=HERE),
    rule("six in the evening in Kolkata is early here",
         open_to("online_video", **{**MONDAY_EVENING, "timezone": "Asia/Kolkata"}), MORNINGS, place=HERE),
    rule("a feature that must be is missing", {**open_to("phone"), "accessibility": {"captions": "no"}},
         {"access": ["captions"], "access_required": True}, "accessibility"),
    rule("a feature that must be can be asked for", {**open_to("phone"), "accessibility": {"captions": "on_request"}},
         {"access": ["captions"], "access_required": True}),
    rule("a feature that must be is not stated", open_to("phone"), {"access": ["captions"], "access_required": True}),
    rule("steps at the door do not matter by video", {**open_to("online_video"), "accessibility": {"step_free": "no"}},
         {"access": ["step_free"], "access_required": True}),
    rule("steps at the door matter in person", {**open_to("in_person"), "accessibility": {"step_free": "no"}},
         {"access": ["step_free"], "access_required": True}, "accessibility"),
    rule("hybrid leaves the way without steps", {**open_to("hybrid"), "accessibility": {"step_free": "no"}},
         {"access": ["step_free"], "access_required": True}),
    rule("a group in sign language has sign language",
         {**open_to("in_person"), "languages": ["asl"], "accessibility": {"asl": "no"}},
         {"access": ["asl"], "access_required": True}),
    rule("no session, nothing fails", {"accessibility": {"captions": "no"}},
         {**MUST, **MORNINGS, "access": ["captions"], "access_required": True}),
    rule("one passing way keeps the program",
         {"sessions": [make_session(format="online_video"), make_session(**MONDAY_EVENING)]}, MUST),
    rule("reasons that all ways share",
         {"sessions": [make_session(format="phone", **MONDAY_EVENING), make_session(**MONDAY_EVENING)]},
         {**MUST, **MORNINGS}, "schedule"),
    rule("sharing none, those of the way with fewest",
         {"sessions": [make_session(format="phone", **MONDAY_EVENING), make_session(location=TRENTON)]},
         {**MUST, **MORNINGS, "radius_miles": 5}, "distance", place=HERE),
    rule("sharing none and equally many, those of the first way",
         {"sessions": [make_session(format="phone"), make_session(location=TRENTON)]}, {**MUST, "radius_miles": 5},
         "format", place=HERE),
    rule("a session that is over is no way", {"sessions": [{**OVER, "format": "in_person"},
                                                           make_session(format="phone")]}, MUST, "format"),
    rule("a closed group is judged from its next start",
         {**open_to("in_person", repeats="FREQ=DAILY", start_time="18:00", timezone="America/New_York",
                    valid_until="2026-11-29"), "starts_on": "2026-11-28", "open_group": False},
         {"times": ["evening"], "times_required": True}, "schedule"),
    rule("an open group is judged from today",
         {**open_to("in_person", repeats="FREQ=DAILY", start_time="18:00", timezone="America/New_York",
                    valid_until="2026-11-29"), "starts_on": "2026-11-28", "open_group": True},
         {"times": ["evening"], "times_required": True}),
]


@pytest.mark.parametrize(("listing", "intake", "reasons", "place"),
                         [*PROGRAM, *PERSON, *LANGUAGE, *PLACE, *MONEY, *POLICIES, *WAYS])
def test_program_is_hidden_exactly_when(listing, intake, reasons, place):
    assert hidden_reasons(listing, intake, place) == reasons


@pytest.mark.parametrize(("listing", "intake", "offer"), [
    pytest.param(open_to("phone"), MUST, "formats_any", id="any format would add it"),
    pytest.param(open_to("in_person", location=TRENTON), {"radius_miles": 20}, "radius_wider", id="half as far again"),
    pytest.param(open_to("in_person", **MONDAY_EVENING), MORNINGS, "times_any", id="any time would add it"),
    pytest.param({"cost": {"free": False, "amount": 5}}, {"cost": {"kind": "free_only"}}, "cost_any", id="a fee would"),
    pytest.param({**open_to("phone"), "accessibility": {"captions": "no"}},
                 {"access": ["captions"], "access_required": True}, "access_any", id="going without would"),
])
def test_letting_go_of_one_must_is_offered_with_what_it_adds(listing, intake, offer):
    listings = [make_listing(**listing), make_listing(**listing), make_listing(**listing, status="closed")]
    assert run(listings, intake, place=HERE).relax == {offer: 2}


def test_offers_stand_in_the_order_of_the_contract_and_each_works_alone():
    must = {**MUST, **MORNINGS, "radius_miles": 20, "cost": {"kind": "free_only"}, "access": ["step_free"],
            "access_required": True}
    near = {"location": PHILADELPHIA}
    listings = [
        make_listing(accessibility={"step_free": "no"}, **open_to("in_person")),
        make_listing(cost={"free": False, "amount": 5}, **open_to("in_person", **near)),
        make_listing(**open_to("in_person", **MONDAY_EVENING)),
        make_listing(**open_to("in_person", location=TRENTON)),
        make_listing(**open_to("phone")),
        make_listing(cost={"free": False, "amount": 5}, **open_to("phone")),
    ]
    found = run(listings, must, place=HERE)
    assert list(found.relax.items()) == [
        ("formats_any", 1), ("radius_wider", 1), ("times_any", 1), ("cost_any", 1), ("access_any", 1)]


@pytest.mark.parametrize(("listing", "intake"), [
    ({"age": {"min": 18}}, {"age": 17}), ({"attendees": "relatives"}, {"attending_as": "person"}),
    ({**open_to("phone"), "licensed_states": ["NJ"]}, {}), ({"coverage": {"states": ["NJ"]}}, {}),
    ({"gender_mix": "women"}, {"gender": "man"}), ({"policies": {"court_ordered_only": True}}, {}),
], ids=["age", "role", "licence", "area", "restriction", "exclusion"])
def test_nothing_is_offered_for_what_a_person_cannot_change(listing, intake):
    assert run([make_listing(**listing)], intake, place=HERE).relax == {}


def test_a_radius_of_a_thousand_miles_grows_no_further():
    found = run([make_listing(**open_to("in_person", location={"latitude": 20.0, "longitude": -75.16}))],
                {"radius_miles": 1000}, place=HERE)
    assert (found.hidden, found.relax) == ({"distance": 1}, {})
