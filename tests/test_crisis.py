import re
from dataclasses import replace

import pytest

from finder import crisis
from finder.crisis import Line, Way, Words, line, load_local, national
from finder.errors import Invalid
from finder.intake.notices import ORDER

# Whoever changes a number changes this too, and a reviewer reads both. Sources stand with each line.
PINNED = "abfb3b4db52b2d8d437d7049ab6a7b204eead99d9c1154638b85446a5d21f3f3"
EVERY = (*national.NATIONAL, *national.ELSEWHERE)


def ids(found):
    return [one.id for one in found]


def ways(found, kind):
    return [way.to for way in found.ways if way.kind == kind]


def by_id(name):
    return next(one for one in EVERY if one.id == name)


def test_Y2_the_national_lines_are_those_that_were_reviewed():
    assert crisis.sha256() == PINNED == crisis.REVIEWED
    assert crisis.is_reviewed()


def test_Y2_a_changed_digit_changes_the_fingerprint(monkeypatch):
    changed = replace(national.NATIONAL[0], ways=(Way("call", "989"),))
    crisis.sha256.cache_clear()
    monkeypatch.setattr(crisis, "NATIONAL", (changed, *national.NATIONAL[1:]))
    try:
        assert crisis.sha256() != PINNED
    finally:
        crisis.sha256.cache_clear()


def test_the_lines_of_the_united_states_in_the_order_of_a_help_page():
    assert ids(crisis.lines("US")) == [
        "us-988", "us-emergency", "us-crisis-text", "us-veterans", "us-trevor", "us-violence", "us-sexual-assault",
        "us-poison", "us-samhsa"]


@pytest.mark.parametrize(
    ("name", "call", "text"),
    [
        ("us-988", ["988"], ["988"]), ("us-crisis-text", [], ["741741"]), ("us-veterans", ["988"], ["838255"]),
        ("us-trevor", ["1-866-488-7386"], ["678678"]), ("us-emergency", ["911"], []),
        ("us-violence", ["1-800-799-7233"], ["88788"]), ("us-sexual-assault", ["1-800-656-4673"], []),
        ("us-poison", ["1-800-222-1222"], []), ("us-samhsa", ["1-800-662-4357"], []), ("ca-988", ["988"], ["988"]),
        ("ca-emergency", ["911"], []), ("gb-samaritans", ["116 123"], []), ("gb-emergency", ["999"], []),
        ("ie-samaritans", ["116 123"], []), ("ie-emergency", ["112"], []), ("au-lifeline", ["13 11 14"],
                                                                            ["0477 13 11 14"]),
        ("au-emergency", ["000"], []), ("nz-1737", ["1737"], ["1737"]), ("nz-emergency", ["111"], []),
        ("mx-vida", ["800 911 2000"], []), ("mx-emergency", ["911"], []),
    ],
)
def test_a_line_has_the_numbers_its_source_states(name, call, text):
    assert ways(by_id(name), "call") == call
    assert ways(by_id(name), "text") == text


def test_options_after_the_call_and_words_to_text_are_said_in_both_languages():
    first, text_line, veterans = (by_id(name) for name in ("us-988", "us-crisis-text", "us-veterans"))
    assert (first.ways[0].then.of("en"), first.ways[0].then.of("es")) == ("", "y oprima 2 para español")
    assert first.ways[1].keyword == Words("", "AYUDA")
    assert text_line.ways[0].keyword == Words("HOME", "AYUDA")
    assert veterans.ways[0].then.of("en") == "then press 1"
    assert [by_id(name).ways[1].keyword.en for name in ("us-violence", "us-trevor")] == ["START", "START"]


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.id)
def test_every_line_is_complete(one):
    assert one.id.startswith(f"{one.country.lower()}-")
    assert all(words.en.strip() and words.es.strip() for words in (one.name, one.about))
    assert one.topics
    assert set(one.topics) <= set(line.TOPICS)
    assert one.ways or one.country == "ZZ"
    assert one.source.startswith("https://")
    assert re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", one.stated)
    assert not one.local
    for way in one.ways:
        assert way.kind in line.KINDS
        assert re.fullmatch(r"tel:\+?[0-9]{3,15}|sms:\+?[0-9]{3,15}(\?&body=[A-Z]+)?|https://[^\s\"<>]+",
                            way.href("es"))


def test_ids_are_unique():
    assert len({one.id for one in EVERY}) == len(EVERY)


@pytest.mark.parametrize(
    ("way", "href"),
    [
        (Way("call", "988"), "tel:988"), (Way("call", "1-800-799-7233"), "tel:+18007997233"),
        (Way("call", "+44 116 123"), "tel:+44116123"), (Way("call", "13 11 14"), "tel:131114"),
        (Way("text", "988"), "sms:988"), (Way("text", "741741", Words("HOME", "AYUDA")), "sms:741741?&body=HOME"),
        (Way("chat", "https://chat.example/"), "https://chat.example/"),
        (Way("web", "https://web.example/"), "https://web.example/"),
    ],
    ids=str,
)
def test_Y1_a_way_has_an_address_that_a_phone_understands(way, href):
    assert way.href("en") == href


def test_a_text_carries_the_word_of_the_reader_s_language():
    assert by_id("us-988").ways[1].href("es") == "sms:988?&body=AYUDA"
    assert by_id("us-988").ways[1].href("en") == "sms:988"


# --- panels

PANELS = {
    "US": {
        "crisis_panel_first": ["us-988", "us-emergency", "us-crisis-text", "us-veterans", "us-trevor"],
        "medical_urgent_first": ["us-emergency", "us-poison", "us-samhsa"],
        "safety_dv_first": ["us-violence", "us-sexual-assault", "us-emergency", "us-988"],
        "urgent_assessment_first": ["us-988", "us-emergency"],
        "offer_panel": ["us-988", "us-crisis-text", "us-veterans", "us-trevor"],
        "see_clinician_soon": ["us-samhsa", "us-988"],
        "standing_line_only": ["us-988", "us-emergency"],
    },
    "GB": {
        "crisis_panel_first": ["gb-samaritans", "gb-emergency", "gb-shout"],
        "medical_urgent_first": ["gb-emergency", "gb-111"],
        "safety_dv_first": ["gb-violence", "gb-emergency", "gb-samaritans"],
        "urgent_assessment_first": ["gb-111", "gb-emergency"],
        "see_clinician_soon": ["gb-111"],
    },
    "MX": {
        "crisis_panel_first": ["mx-vida", "mx-emergency"],
        "medical_urgent_first": ["mx-emergency", "mx-vida"],
        "safety_dv_first": ["mx-vida", "mx-emergency"],
    },
    "ZZ": {
        "crisis_panel_first": ["zz-findahelpline", "zz-emergency"],
        "medical_urgent_first": ["zz-emergency", "zz-findahelpline"],
    },
}


@pytest.mark.parametrize(("country", "notice", "expected"),
                         [(country, notice, found) for country, row in PANELS.items() for notice, found in row.items()])
def test_each_notice_shows_its_lines_in_order(country, notice, expected):
    assert ids(crisis.panel([notice], country)) == expected


def test_every_notice_of_the_contract_has_a_panel():
    assert tuple(crisis.PANELS) == ORDER


@pytest.mark.parametrize("country", [*crisis.COUNTRIES, "FR", ""])
@pytest.mark.parametrize("notice", ORDER)
def test_no_panel_is_ever_empty(country, notice):
    found = crisis.panel([notice], country)
    assert found
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("country", crisis.COUNTRIES)
def test_Y1_every_country_has_somebody_to_talk_to_and_an_emergency_number(country):
    topics = {topic for one in crisis.lines(country) for topic in one.topics}
    assert {"suicide", "emergency", "mental", "violence"} <= topics
    assert crisis.panel(["crisis_panel_first"], country)[0].topics[0] == "suicide"
    assert "emergency" in crisis.panel(["crisis_panel_first"], country)[1].topics


def test_several_notices_show_the_lines_of_the_first_one_first_and_each_line_once():
    found = ids(crisis.panel(("medical_urgent_first", "safety_dv_first"), "US"))
    assert found == ["us-emergency", "us-poison", "us-samhsa", "us-violence", "us-sexual-assault", "us-988"]


def test_a_country_without_lines_gets_a_pointer_and_the_local_emergency_number():
    found = crisis.lines("FR")
    assert ids(found) == ["zz-findahelpline", "zz-emergency"]
    assert found[0].ways[0].href() == "https://findahelpline.com/"
    assert found[1].name.of("en") == "Your local emergency number"
    assert found[1].ways == ()


# --- the operator's own lines

ONE = """
reviewed_by = ["Ana Example", "Bo Example"]

[[line]]
id = "county-team"
name = "County mobile crisis team"
name_es = "Equipo móvil del condado"
about = "Comes to you."
topics = ["mental", "suicide"]
call = "919-555-0100"
text = "555-0101"
keyword = "HELP"
chat = "https://county.example/chat"
hours = "8 am to midnight"
languages = ["en", "es"]
source = "https://county.example/crisis"
stated = "2026-11-02"
"""


@pytest.fixture
def read(tmp_path):
    def write_and_read(body):
        path = tmp_path / "crisis.toml"
        path.write_bytes(body.encode() if isinstance(body, str) else body)
        return load_local(path)

    return write_and_read


def problems(read, body):
    with pytest.raises(Invalid) as caught:
        read(body)
    return {field: [one.code for one in found] for field, found in caught.value.errors.items()}


def test_a_local_line_is_read_with_everything_it_says(read):
    assert read(ONE) == (Line(
        "county-team", "", Words("County mobile crisis team", "Equipo móvil del condado"),
        Words("Comes to you.", "Comes to you."),
        (Way("call", "919-555-0100"), Way("text", "555-0101", Words("HELP", "HELP")),
         Way("chat", "https://county.example/chat")),
        ("mental", "suicide"), ("en", "es"), "https://county.example/crisis", "2026-11-02",
        Words("8 am to midnight", "8 am to midnight"), True),)


def test_Y2_local_lines_stand_behind_the_national_ones_and_remove_none(read):
    local = read(ONE)
    assert crisis.lines("US", local) == crisis.lines("US") + local
    for notice in ORDER:
        national_ones = ids(crisis.panel([notice], "US"))
        assert [one for one in ids(crisis.panel([notice], "US", local)) if one != "county-team"] == national_ones
    assert ids(crisis.panel(["crisis_panel_first"], "US", local))[:3] == ["us-988", "county-team", "us-emergency"]
    assert ids(crisis.lines("FR", local)) == ["zz-findahelpline", "zz-emergency", "county-team"]


def test_a_file_without_lines_adds_none(read):
    assert read('reviewed_by = ["Ana Example", "Bo Example"]') == ()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('reviewed_by = ["Ana Example", "Bo Example"]', "", {"reviewed_by": ["required"]}),
        ('"Bo Example"', '"ana example "', {"reviewed_by": ["too_few"]}),
        ('["Ana Example", "Bo Example"]', '["Ana Example"]', {"reviewed_by": ["too_few"]}),
        ('["Ana Example", "Bo Example"]', '"Ana and Bo"', {"reviewed_by": ["required"]}),
        ("[[line]]", "[line]", {"line": ["wrong_type"]}),
        ("reviewed_by", "remove = ['us-988']\nreviewed_by", {"remove": ["unknown_key"]}),
        ('id = "county-team"', "", {"line.0.id": ["required"]}),
        ('"county-team"', '"us-988"', {"line.0.id": ["repeated"]}),
        ('"county-team"', '"County Team"', {"line.0.id": ["not_an_id"]}),
        ('name = "County mobile crisis team"', 'name = " "', {"line.0.name": ["too_short"]}),
        ('name = "County mobile crisis team"', "name = 5", {"line.0.name": ["wrong_type"]}),
        ("County mobile", "C" * 200, {"line.0.name": ["too_long"]}),
        ("Comes to you.", "Comes\\u0000", {"line.0.about": ["bad_text"]}),
        ('["mental", "suicide"]', "[]", {"line.0.topics": ["required"]}),
        ('["mental", "suicide"]', '["weather"]', {"line.0.topics": ["not_a_code"]}),
        ('["mental", "suicide"]', '"mental"', {"line.0.topics": ["wrong_type"]}),
        ("919-555-0100", "call us", {"line.0.call": ["not_a_phone"]}),
        ("919-555-0100", "919-555-0100\\n", {"line.0.call": ["bad_text"]}),
        ('"555-0101"', '"SHORT"', {"line.0.text": ["not_a_phone"]}),
        ('"HELP"', '"HELP&x=1"', {"line.0.keyword": ["bad_text"]}),
        ('text = "555-0101"', "", {"line.0.text": ["required"]}),
        ("https://county.example/chat", "javascript:alert(1)", {"line.0.chat": ["not_a_url"]}),
        ("https://county.example/chat", "http://county.example/chat", {"line.0.chat": ["not_a_url"]}),
        ("https://county.example/crisis", "a leaflet", {"line.0.source": ["not_a_url"]}),
        ("2026-11-02", "last fall", {"line.0.stated": ["not_a_date"]}),
        ('["en", "es"]', '["English"]', {"line.0.languages": ["not_a_code"]}),
        ("hours", "opening", {"line.0.opening": ["unknown_key"]}),
        ('id = "county-team"', 'id = "county-team', {"": ["bad_toml"]}),
    ],
)
def test_what_is_wrong_in_the_file_is_named(read, old, new, expected):
    assert old in ONE
    assert problems(read, ONE.replace(old, new, 1)) == expected


def test_a_line_that_cannot_be_reached_is_refused(read):
    body = re.sub(r"^(call|text|keyword|chat) = .*$", "", ONE, flags=re.MULTILINE)
    assert problems(read, body) == {"line.0.call": ["required"]}


def test_two_lines_may_not_share_an_id(read):
    assert problems(read, ONE + ONE[ONE.index("[[line]]"):]) == {"line.1.id": ["repeated"]}


def test_more_than_twenty_local_lines_are_refused(read):
    again = ONE[ONE.index("[[line]]"):]
    body = ONE + "".join(again.replace("county-team", f"team-{number}") for number in range(20))
    assert problems(read, body) == {"line": ["too_many"]}


@pytest.mark.parametrize("body", [b"\xff\xfe", b"[[[", b"a = " + b"[" * 5000])
def test_a_file_that_is_not_toml_is_refused(read, body):
    assert problems(read, body) == {"": ["bad_toml"]}


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Invalid) as caught:
        load_local(tmp_path / "none.toml")
    assert caught.value.errors[""][0].code == "not_readable"


def test_the_emergency_number_stands_right_after_those_to_talk_to():
    for country in crisis.COUNTRIES:
        topics = [line.topics for line in crisis.lines(country)]
        assert "suicide" in topics[0]
        first = next(place for place, of_line in enumerate(topics) if "emergency" in of_line)
        assert all("suicide" in of_line for of_line in topics[:first])
