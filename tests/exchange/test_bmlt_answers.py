from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from finder.exchange import bmlt_answers, bmlt_formats
from finder.exchange.bmlt_answers import FIELDS, Answers
from finder.exchange.reading import Listing
from finder.vocabulary import vocabulary
from tests.exchange.bmlt_made import asked, group, held, three_meetings
from tests.exchange.make import read
from tests.exchange.published import FULL, SITE, TODAY, changed, entry, judge_losses, nights, seed, weekly_documents
from tests.exchange.test_meeting_guide_feed import LISTS, SILENT, WORDS


@pytest.fixture(scope="module")
def three() -> Answers:
    return three_meetings()


def test_every_value_is_text_and_sunday_is_one(three: Answers) -> None:
    rows = asked(three, "switcher=GetSearchResults")
    assert {type(value) for one in rows for value in one.values()} == {str}
    assert {one["meeting_name"]: one["weekday_tinyint"] for one in rows} == {"Video": "1", "Early": "2", "Later": "5"}
    assert {len({one["id_bigint"] for one in rows}), len(rows)} == {3}
    assert all(set(one) == set(FIELDS) for one in rows)
    assert (rows[1]["start_time"], rows[1]["duration_time"]) == ("07:30:00", "00:30:00")


def test_the_same_group_has_one_number_on_all_its_days() -> None:
    rows = held(group("Often", session={"repeats": "FREQ=DAILY"}), group("Once")).meetings
    assert len({one["shared_group_id_bigint"] for one in rows}) == 2
    assert len({one["id_bigint"] for one in rows}) == 8


def test_answers_written_down_and_read_are_the_same(three: Answers) -> None:
    back = bmlt_answers.read(json.loads(json.dumps(bmlt_answers.plain(three))))
    assert back == three


def test_an_organization_keeps_its_number_when_its_telephone_changes() -> None:
    first = {"name": "River Care", "url": "https://river.example.org", "phone": "+15035550100"}
    others = ({**first, "phone": "+15035550199"}, {**first, "name": "RIVER CARE", "url": "https://www.river.example.org/"},
              {**first, "url": "https://other.example.org"})
    numbers = [held(group("A", organization=one)).bodies[1]["id"] for one in (first, *others)]
    assert numbers[0] == numbers[1] == numbers[2] != numbers[3]


def test_no_two_formats_or_meetings_of_the_seed_share_a_number() -> None:
    answers = bmlt_answers.answers(seed(), site=SITE, words=WORDS, today=TODAY)
    assert len({one.id for one in answers.formats.values()}) == len(answers.formats)
    assert len({one["id_bigint"] for one in answers.meetings}) == len(answers.meetings) > 300
    assert all(int(one["id_bigint"]) < 2**53 for one in answers.meetings)


def test_all_codes_there_are_make_formats_with_keys_and_numbers_of_their_own() -> None:
    lists = vocabulary().lists
    made = bmlt_formats.formats({"group_type": "iop"}) + [
        one for name, field in (("focus_areas", "focus"), ("modalities", "modalities"), ("populations", "populations"),
                                ("languages", "languages"))
        for one in bmlt_formats.formats({"group_type": "iop", field: lists[name].codes})]
    made += bmlt_formats.formats({"group_type": "iop", "accessibility": dict.fromkeys(lists["accessibility"].codes,
                                                                                      "yes")})
    kinds = {(one.key, one.kind) for one in made if one.key not in ("ASL", "A", "iop")}
    assert len({key for key, _ in kinds}) == len(kinds)
    assert len({one.id for one in made}) == len({one.key for one in made})
    assert all(bmlt_formats.definition(one, vocabulary(), "es", SITE)["name_string"] for one in made)


def test_links_to_join_and_hidden_addresses_are_kept() -> None:
    first = held(changed("sessions.location.hidden", True)).meetings[0]
    assert first["virtual_meeting_link"] == "https://finder.example/programs/full"
    assert (first["location_street"], first["latitude"], first["location_municipality"]) == ("", "0", "Salem")
    assert held(FULL, direct=True).meetings[0]["virtual_meeting_link"] == "https://zoom.us/j/5550100"


def test_the_table_of_losses_is_true() -> None:
    ids = ("id_bigint", "shared_group_id_bigint", "service_body_bigint")

    def said(one: Any) -> object:
        answers = [bmlt_answers.answers([one], site=SITE, words=WORDS, today=TODAY, direct_links=direct)
                   for direct in (False, True)]
        bodies = [{key: value for key, value in body.items() if key != "id"} for body in answers[0].bodies]
        return bodies, [{key: value for key, value in each.items() if key not in ids}
                        for each in (*answers[0].meetings, *answers[1].meetings)]
    judge_losses(bmlt_answers.LOST, said)


# What our own importer of BMLT makes of formats; the rest stays with it under its key.
def comes_back(document: dict[str, Any]) -> None:
    answers = bmlt_answers.answers([entry(document)], site=SITE, words=SILENT, today=TODAY, direct_links=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, query in (("a", "switcher=GetSearchResults&get_used_formats=1"), ("b", "switcher=GetServiceBodies")):
            (Path(folder) / f"{name}.json").write_text(json.dumps(asked(answers, query)), encoding="utf-8")
        back = [one.document for one in read(Path(folder), "bmlt") if isinstance(one, Listing)]
    assert nights(back, past_midnight=True) == nights([document], past_midnight=True)
    for one in back:
        assert one["name"] == document["name"]
        for name in ("description", "gender_mix", "attendees"):
            assert one.get(name) == document.get(name), name
        assert set(one.get("languages", ())) == set(document.get("languages", ()))
        assert set(document.get("focus", ())) <= set(one["focus"])
        assert set(document.get("modalities", ())) <= set(one["modalities"])
        assert set(document.get("populations", ())) <= set(one.get("populations", ()))
        assert one.get("accessibility", {}) == document.get("accessibility", {})
        if document.get("organization"):
            wanted = {**document["organization"], "phone": None}
            assert one["organization"] == {key: value for key, value in wanted.items() if value}


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(weekly_documents(**LISTS))
def test_a_listing_comes_back_as_it_was(document: dict[str, Any]) -> None:
    comes_back(document)


@pytest.mark.soak
@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))
@given(weekly_documents(**LISTS))
def test_a_thousand_listings_come_back_as_they_were(document: dict[str, Any]) -> None:
    comes_back(document)
