from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from werkzeug import Response

from finder.listings import changes
from finder.listings.writing import Author
from finder.referrals import pace, reading
from finder.referrals.models import BY_MAIL, BY_PHONE
from finder.referrals.states import State
from finder.web.answers import Answers
from tests.web.provider.clinic import YES, Clinic


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic(tmp_path)


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """Where nothing is ever made."""
    return Clinic(tmp_path_factory.mktemp("still"))


def test_groups_are_asked_in_the_order_of_the_address(clinic: Clinic) -> None:
    clinic.refer(1, 0)
    there = clinic.the_one()
    assert [str(one.program_id) for one in there.tasks] == [clinic.site.ids[1], clinic.site.ids[0]]
    assert [one.state for one in there.tasks] == [State.SENT, State.PLANNED]


def test_the_order_can_be_changed_and_a_group_left_out_without_scripts(clinic: Clinic) -> None:
    page = clinic.form(0, 1, 2)
    choose = {f"order-{clinic.keys[0]}": "3", f"order-{clinic.keys[1]}": "out", f"order-{clinic.keys[2]}": "1"}
    assert [page.one("select", id=name)["id"] for name in choose]
    clinic.send(page, choose)
    assert [str(one.program_id) for one in clinic.the_one().tasks] == [clinic.site.ids[2], clinic.site.ids[0]]


def test_the_page_says_how_each_group_is_asked_and_how_old_its_word_on_places_is(clinic: Clinic) -> None:
    words = clinic.form(0, 4).main.text
    assert "They get a letter with a secure link" in words
    assert "You call them: 919-555-0177" in words
    assert "Places as of October 1, 2026." in words
    clinic.refer(0, 4)
    assert [one.way for one in clinic.the_one().tasks] == [BY_MAIL, BY_PHONE]


def test_a_free_code_is_proposed_and_another_may_be_typed(clinic: Clinic) -> None:
    proposed = clinic.form(0).one("input", id="code")["value"]
    assert any(one.isdigit() for one in proposed)
    page = clinic.refer(0, code="ab-12")
    assert page.heading == "Client code AB-12"


@pytest.mark.parametrize(("sent", "field"), [
    ({"code": "Mary Smith"}, "code"), ({"code": ""}, "code"), ({"confirmed": None}, "confirmed"),
    ({"way": None}, "way"), ({"until": "2026-01-01"}, "until"), ({"given_on": "2027-01-01"}, "given_on"),
    ({"given_on": "soon"}, "given_on"), ({"until": "2199-01-01"}, "until"), ({"person": "Mary"}, "person"),
    ({"level": "x"}, "level"),
    ({"suggested": "2", "level": "3"}, "reason"), ({"email": "nobody", "what": ["identity"]}, "email"),
    ({"interpreter": "xx!"}, "interpreter"), ({"note": "n" * 301}, "note"), ({"best_way": "fax"}, "best_way"),
], ids=lambda one: one if isinstance(one, str) else "-".join(one))
def test_what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost(still: Clinic, sent: dict[str, Any],
                                                                     field: str) -> None:
    page = still.form(0, 1)
    typed = {**YES, "best_time": "After 5 pm", **sent}
    form = {**page.form("/provider/refer"), **typed}
    again = still.joy.pages.post("/provider/refer", {name: one for name, one in form.items() if one is not None})
    assert again.status == 422
    assert again.title.startswith("Error:")
    (summary,) = again.of_class("errors")
    assert f"#{field}" in [link["href"] for link in summary.all("a")]
    assert again.one(id=f"{field}-error").text
    assert again.one("input", id="best_time")["value"] == "After 5 pm"
    assert [one["value"] for one in again.all("input", name="g")] == still.keys[:2]
    assert still.all() == []


def test_the_same_form_sent_twice_makes_one_referral(clinic: Clinic) -> None:
    page = clinic.form(0)
    first, again = clinic.send(page), clinic.send(page)
    assert first.path == again.path
    clinic.the_one()


def test_a_form_sent_again_about_another_person_says_so_and_can_then_be_sent(clinic: Clinic) -> None:
    page = clinic.form(0)
    clinic.send(page, {"code": "K7-41"})
    again = clinic.send(page, {"code": "B2-99"})
    assert again.status == 422
    assert "another person’s referral" in again.main.text
    clinic.send(again)
    assert sorted(one.code for one in clinic.all()) == ["B2-99", "K7-41"]


def test_a_form_sent_again_with_another_answer_says_so(clinic: Clinic) -> None:
    page = clinic.form(0)
    clinic.send(page, {"best_way": "call"})
    again = clinic.send(page, {"best_way": "text"})
    assert again.status == 422
    assert len(clinic.all()) == 1


def test_the_persons_code_is_told_after_it_was_made_and_stands_in_no_address_and_no_table(clinic: Clinic) -> None:
    page = clinic.refer(0)
    code = page.main.of_class("legend")[0].text
    assert len(code.replace("-", "")) == 12
    assert not [path for path in clinic.joy.pages.seen if code in path]
    sealed = clinic.joy.client.get_cookie("code")
    assert sealed is not None
    assert sealed.http_only
    assert sealed.same_site == "Strict"
    assert code not in sealed.value
    assert code in clinic.joy.get(page.path).source
    assert code not in clinic.sam.get(page.path).source
    clinic.site.wait(601)
    assert code not in clinic.joy.get(page.path).source


def test_care_for_substance_use_needs_a_yes_of_its_own_and_shows_the_notice_of_part_2(clinic: Clinic) -> None:
    assert "42 CFR part 2" not in clinic.form(0).main.text
    page = clinic.form(3)
    assert "42 CFR part 2 prohibits unauthorized use or disclosure of these records." in page.main.text
    refused = clinic.send(page)
    assert refused.status == 422
    assert refused.one(id="substance-error")
    made = clinic.send(refused, {"substance": "1"})
    assert made.status == 200
    assert "42 CFR part 2 prohibits unauthorized use or disclosure of these records." in made.main.text


def test_a_need_for_help_with_alcohol_needs_that_yes_too(clinic: Clinic) -> None:
    refused = clinic.refer(0, need="alcohol")
    assert refused.status == 422
    assert "42 CFR part 2" in refused.main.text
    assert clinic.send(refused, {"substance": "1"}).status == 200


def test_who_the_person_is_is_folded_away_sealed_and_needs_a_yes(clinic: Clinic) -> None:
    page = clinic.form(0)
    fold = next(one for one in page.all("details") if one.all("input", id="person"))
    assert "open" not in fold.attributes
    assert "sealed" in fold.text
    made = clinic.send(page, {"what": ["identity"], "person": "Mary Smithfield", "phone": "919-555-0123"})
    assert made.status == 200
    there = clinic.the_one()
    assert there.identity is not None
    assert b"Mary" not in there.identity


def test_the_words_of_the_consent_can_be_read_and_name_team_and_groups(still: Clinic) -> None:
    words = still.form(0, 1).main.text
    assert "Eastside Family Clinic may ask these groups for a place for me: River Circle 1 and River Circle 2." in words
    assert "I can take my yes back at any time." in words


def test_more_than_sixty_in_an_hour_are_not_sent_and_the_form_is_kept(clinic: Clinic) -> None:
    page = clinic.form(0)
    with clinic.site.database.transaction() as session:
        for _ in range(pace.REFERRALS.most):
            pace.take_turn(session, clinic.team, clinic.site.clock())
    full = clinic.send(page, {"best_time": "After 5 pm"}, clinic.joy)
    assert full.status == 429
    assert int(full.response.headers["Retry-After"]) > 0
    assert full.one("input", id="best_time")["value"] == "After 5 pm"
    assert clinic.all() == []
    clinic.site.wait(3600)
    assert clinic.send(full).status == 200


def test_a_form_that_is_refused_counts_for_nothing(clinic: Clinic) -> None:
    for _ in range(3):
        clinic.refer(0, code="")
    with clinic.site.database.transaction() as session:
        for _ in range(pace.REFERRALS.most):
            pace.take_turn(session, clinic.team, clinic.site.clock())


@pytest.mark.parametrize("address", ["/provider/refer", "/provider/refer?g=nothing", f"/provider/refer?g={'A' * 22}"])
def test_without_a_group_the_page_says_to_choose_one(still: Clinic, address: str) -> None:
    page = still.joy.get(address)
    assert page.status == 200
    assert "Choose one group or several first" in page.main.text


def test_a_group_that_is_taken_down_meanwhile_is_not_asked(clinic: Clinic) -> None:
    page = clinic.form(0, 1)
    with clinic.site.database.transaction() as session:
        there = changes.find(session, clinic.site.ids[1])
        changes.delete(session, there.id, base=there.version, author=Author("steward:1"), now=clinic.site.clock())
    again = clinic.send(page)
    assert again.status == 422
    assert "not in the list any more" in again.main.text
    assert [one["value"] for one in again.all("input", name="g")] == [clinic.keys[0]]


def test_all_groups_left_out_is_said(still: Clinic) -> None:
    page = still.send(still.form(0, 1), {f"order-{key}": "out" for key in still.keys[:2]})
    assert page.status == 422
    assert "Keep one group at least." in page.main.text
    assert [one["value"] for one in page.all("input", name="g")] == still.keys[:2]


def test_the_letter_that_goes_out_names_no_code_and_no_need(clinic: Clinic) -> None:
    clinic.refer(0, code="K7-41", need="depression")
    (letter,) = clinic.letters("referral")
    assert "K7-41" not in str(letter.facts)
    assert "depression" not in str(letter.facts)


def test_what_the_desk_knows_already_is_in_the_form_and_no_score_is_kept(clinic: Clinic) -> None:
    response = Response()
    cookie = clinic.site.app.extensions["finder_answers"]
    cookie.seal(response, Answers({
        "format": "finder-intake/1", "asked_by": "provider", "needs": ["depression"], "formats": ["online_video"],
        "formats_required": True, "scores": {"phq9": 14, "phq9_item9": 0}}), clinic.site.clock())
    clinic.joy.client.set_cookie(cookie.name, response.headers["Set-Cookie"].partition("=")[2].partition(";")[0])
    page = clinic.form(0)
    assert "The totals suggest: Medium. By PHQ-9." in page.main.text
    assert "Depression or low mood" in page.main.text
    assert "14" not in {one["value"] for one in page.all("input")}
    refused = clinic.send(page, {"level": "3"})
    assert refused.one(id="reason-error").text
    clinic.send(refused, {"level": "3", "reason": "judgment"})
    there = clinic.the_one()
    assert (there.suggested, there.level, there.override) == (2, 3, "judgment")
    assert reading.sources(there, keys=clinic.site.app.extensions["finder_referrals"]) == ["phq9"]
