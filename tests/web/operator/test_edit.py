from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from finder.accounts.permissions import Role, Scope
from finder.listings import changes, drafts, review
from finder.listings.models import Revision
from finder.listings.writing import Author
from finder.web.operator.form_fields import fields
from tests.catalog.test_seed import LISTINGS as SEED
from tests.web.operator.desk import HOUSE, RICH, OperatorDesk
from tests.web.people import Person
from tests.web.site import group


@pytest.fixture
def site(tmp_path: Path) -> OperatorDesk:
    return OperatorDesk(tmp_path)


def revisions(site: OperatorDesk) -> int:
    with site.database.reading() as session:
        return session.execute(select(func.count()).select_from(Revision)).scalar_one()


def test_the_form_sent_back_unchanged_changes_nothing(site: OperatorDesk) -> None:
    before, count = site.listing(), revisions(site)
    page = site.send(site.joy, {})
    assert page.heading == "Thank you"
    assert site.listing() == before
    assert revisions(site) == count


def test_a_safe_change_shows_in_the_next_request(site: OperatorDesk) -> None:
    page = site.send(site.joy, {"name": "Lantern Circle", "age.min": "21"})
    assert "shows now" in page.main.text
    public = site.pages.get(f"/programs/{site.slug}")
    assert public.heading == "Lantern Circle"
    assert "21 and older" in public.main.text


def test_a_change_says_who_and_keeps_imports_away(site: OperatorDesk) -> None:
    site.send(site.joy, {"name": "Lantern Circle"})
    there = site.listing()
    assert "name" in there.kept_fields
    with site.database.reading() as session:
        last = changes.history(session, there.id)[0]
    assert (last.kind, last.actor, last.account_id) == ("edited", f"editor:{site.joy.id}", site.joy.id)


def test_what_was_changed_counts_as_checked_today_and_the_rest_does_not(site: OperatorDesk) -> None:
    site.send(site.joy, {"name": "Lantern Circle"})
    assert site.listing().document["verified"] == {
        "on": "2026-05-01", "method": "phone", "field_dates": {"name": "2026-11-24"}}


def test_a_new_phone_waits_and_the_rest_is_shown(site: OperatorDesk) -> None:
    page = site.send(site.joy, {"contact.phone": "919-555-0199", "name": "Lantern Circle"})
    assert "A steward looks at this first" in page.main.text
    document = site.listing().document
    assert (document["name"], document["contact"]["phone"]) == ("Lantern Circle", "919-555-0142")
    assert "contact" not in document["verified"]["field_dates"]
    public = site.pages.get(f"/programs/{site.slug}")
    assert "919-555-0142" in public.main.text
    assert "919-555-0199" not in public.main.text
    with site.database.reading() as session:
        (waits,) = review.waiting(session)
    assert waits.fields == ["contact.phone"]
    assert "Waits for a steward" in site.joy.get("/operator/").main.text


def test_a_stewards_word_counts_at_once_in_their_region_only(site: OperatorDesk) -> None:
    site.send(site.steward(state="US:NC"), {"contact.phone": "919-555-0199"})
    assert site.listing().document["contact"]["phone"] == "919-555-0199"
    away = Person(site, "pat@example.org", (Role.STEWARD, Scope.STATE, "US:PA"))
    assert away.get(site.edit).status == 404


def test_others_do_not_get_the_form(site: OperatorDesk) -> None:
    assert site.joy.get(f"/operator/listings/{site.slugs[1]}/edit").status == 404
    assert Person(site, "nobody@example.org").get(site.edit).status == 404


def test_errors_stand_on_top_and_at_the_field_and_nothing_is_lost(site: OperatorDesk) -> None:
    page = site.send(site.joy, {"age.min": "old", "description": "Two\nlines", "focus": ["", "grief"]})
    assert page.status == 422
    assert page.title.startswith("Error:")
    assert "#age.min" in [tag["href"] for tag in page.of_class("errors")[0].all("a")]
    assert page.one("input", id="age.min")["aria-invalid"] == "true"
    kept = page.form(site.edit)
    assert (kept["age.min"], kept["description"], kept["focus"]) == (["old"], ["Two\nlines"], ["", "grief"])
    assert site.listing().version == 1


def test_a_number_that_costs_the_caller_is_refused_at_its_field(site: OperatorDesk) -> None:
    page = site.send(site.joy, {"contact.phone": "900-555-0100"})
    assert page.status == 422
    assert page.one("input", id="contact.phone")["aria-invalid"] == "true"


def test_a_time_is_shown_back_with_its_next_dates(site: OperatorDesk) -> None:
    page = site.send(site.joy, {"sessions.0.when": "1st and 3rd Monday, 6–7:30 pm"}, do="add")
    said = page.of_class("notice--good")[0].text
    assert "1st and 3rd Monday" in said
    assert len(page.of_class("notice--good")[0].all("li")) == 5
    assert "December 7" in said


def test_buttons_of_sessions_work_without_scripts_and_lose_nothing(site: OperatorDesk) -> None:
    page = site.send(site.joy, {"name": "Half typed"}, do="add")
    assert page.form(site.edit)["sessions"] == ["3"]
    assert page.form(site.edit)["name"] == ["Half typed"]
    page = site.joy.send(page, site.edit, {"do": "remove:0"})
    assert page.form(site.edit)["sessions"] == ["2"]
    assert page.form(site.edit)["sessions.0.join_url"] == ["https://meet.example.org/a"]
    assert site.listing().version == 1


def test_an_unchanged_session_keeps_its_exact_place_when_another_is_removed(site: OperatorDesk) -> None:
    page = site.send(site.joy, {}, do="remove:1")
    site.joy.send(page, site.edit, {"do": "publish"})
    (left,) = site.listing().document["sessions"]
    assert left["location"] == HOUSE


# -- versions --------------------------------------------------------------------------------------------------------


def test_C1_a_form_without_a_version_is_asked_for_one(site: OperatorDesk) -> None:
    form = {**site.joy.get(site.edit).form(site.edit), "do": "publish"}
    assert site.joy.pages.post(site.edit, {**form, "version": ""}).status == 428
    assert site.listing().version == 1


def test_C1_a_form_from_an_older_version_shows_both_texts_and_lets_one_choose(site: OperatorDesk) -> None:
    slow = site.joy.get(site.edit)
    quick = Person(site, "kim@example.org", (Role.OPERATOR, Scope.PROGRAM, str(site.ids[0])))
    site.send(quick, {"name": "Kim’s name", "description": "Kim’s words"})
    page = site.joy.send(slow, site.edit, {"name": "Joy’s name", "age.min": "30", "do": "publish"})
    assert page.status == 409
    assert {"Joy", "Kim"} <= {tag.text for tag in page.all("mark")}
    assert site.listing().document["name"] == "Kim’s name"
    choose = f"/operator/listings/{site.slug}/choose"
    chosen = page.form(choose)
    assert chosen["choose.name"] == ["mine"]
    assert chosen["choose.description"] == ["theirs"], "what only the other changed stays theirs"
    preview = site.joy.send(page, choose)
    assert preview.heading == "Preview: Joy’s name"
    done = site.joy.send(preview, site.preview)
    assert done.heading == "Thank you"
    document = site.listing().document
    assert (document["name"], document["description"], document["age"]) == (
        "Joy’s name", "Kim’s words", {"min": 30})


def test_choosing_theirs_leaves_the_listing_alone(site: OperatorDesk) -> None:
    slow = site.joy.get(site.edit)
    site.send(site.steward(), {"name": "Sam’s name"})
    page = site.joy.send(slow, site.edit, {"name": "Joy’s name", "do": "preview"})
    choose = f"/operator/listings/{site.slug}/choose"
    preview = site.joy.send(page, choose, {"choose.name": "theirs"})
    assert "Nothing changed so far" in preview.main.text


def test_choosing_ones_own_times_takes_no_place_for_another(site: OperatorDesk) -> None:
    slow = site.joy.get(site.edit)
    site.send(site.steward(), {"description": "Sam’s words"})
    kept = {name: one for name, one in slow.form(site.edit).items() if not name.startswith("sessions.0.")}
    page = site.joy.pages.post(site.edit, {**kept, "description": "Joy’s words", "do": "publish"})
    preview = site.joy.send(page, f"/operator/listings/{site.slug}/choose")
    assert preview.heading.startswith("Preview: ")
    site.joy.send(preview, site.preview)
    assert site.listing().document["sessions"] == RICH["sessions"][1:]


# -- preview ---------------------------------------------------------------------------------------------------------


def test_a_preview_shows_what_changes_what_waits_and_the_group_as_people_see_it(site: OperatorDesk) -> None:
    page = site.send(site.joy, {"contact.email": "new@example.org", "name": "Lantern Circle"}, do="preview")
    assert page.heading == "Preview: Lantern Circle"
    text = page.main.text
    assert "A new email address is looked at by a steward first." in text
    assert "How to join" in text
    assert site.listing().version == 1
    done = site.joy.send(page, site.preview, {"still_right": "1"})
    assert "A steward looks at this first" in done.main.text
    dates = site.listing().document["verified"]["field_dates"]
    assert dates["sessions"] == "2026-11-24"
    assert "contact" not in dates, "nobody has seen yet whether the new address is right"
    assert site.listing().document["capacity"]["as_of"] == "2026-11-24"


def test_all_that_is_still_right_is_checked_today_by_the_group_itself(site: OperatorDesk) -> None:
    page = site.send(site.joy, {"name": "Lantern Circle"}, do="preview")
    site.joy.send(page, site.preview, {"still_right": "1"})
    assert site.listing().document["verified"] == {"on": "2026-11-24", "method": "operator"}


def test_a_preview_of_an_older_draft_is_not_published_unseen(site: OperatorDesk) -> None:
    page = site.send(site.joy, {"name": "One"}, do="preview")
    site.wait(5)
    site.send(site.joy, {"name": "Two"}, do="draft")
    again = site.joy.send(page, site.preview)
    assert again.status == 409
    assert again.heading == "Preview: Two"
    assert site.listing().version == 1


def test_a_preview_needs_a_version_too(site: OperatorDesk) -> None:
    page = site.send(site.joy, {"name": "One"}, do="preview")
    assert site.joy.send(page, site.preview, {"version": ""}).status == 428


def test_the_preview_beside_the_form_comes_as_a_piece_of_a_page(site: OperatorDesk) -> None:
    form = {**site.joy.get(site.edit).form(site.edit), "name": "<b>Bold</b>", "do": "fragment"}
    answer = site.joy.client.post(site.edit, data=form, headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 200
    assert "&lt;b&gt;Bold&lt;/b&gt;" in answer.text
    assert "<html" not in answer.text
    assert site.joy.get("/operator/").main.text.count("Drafts") == 0


# -- drafts ----------------------------------------------------------------------------------------------------------


def test_a_draft_is_kept_as_it_was_typed_and_seen_by_nobody_else(site: OperatorDesk) -> None:
    site.send(site.joy, {"name": "", "age.min": "old"}, do="draft")
    assert site.joy.get("/operator/").of_class("item")
    page = site.joy.get(site.edit)
    assert "This is your draft" in page.main.text
    assert page.form(site.edit)["age.min"] == ["old"]
    assert site.steward().get(site.edit).form(site.edit)["age.min"] == [""]
    assert site.listing().version == 1


def test_a_draft_can_be_thrown_away(site: OperatorDesk) -> None:
    site.send(site.joy, {"name": "Other"}, do="draft")
    page = site.joy.get(site.edit)
    action = next(tag["action"] for tag in page.all("form") if tag["action"].endswith("/discard"))
    site.joy.send(page, action)
    assert site.joy.get(site.edit).form(site.edit)["name"] == ["River Circle 1"]


def test_publishing_ends_the_draft(site: OperatorDesk) -> None:
    site.send(site.joy, {"name": "Other"}, do="draft")
    site.send(site.joy, {})
    with site.database.reading() as session:
        assert drafts.of_account(session, site.joy.id) == []
    assert site.listing().document["name"] == "Other"


def test_a_form_is_saved_while_people_write(site: OperatorDesk) -> None:
    page = site.joy.get(site.edit)
    saved = site.joy.client.post(f"/operator/draft?slug={site.slug}", data={**page.form(site.edit), "name": "Auto"},
                                 headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"})
    assert saved.json == {"saved": True, "mark": saved.json["mark"]}
    assert site.joy.get(site.edit).form(site.edit)["name"] == ["Auto"]


@pytest.mark.parametrize("sent", [
    {"name": "Auto", "focus": ["", "grief"]}, {"name": "Auto", "age.min": "\ud800", "x": {"deep": 1}, "y": [None]},
], ids=["texts and lists", "odd values are left out"])
def test_a_form_can_be_saved_as_json(site: OperatorDesk, sent: dict[str, Any]) -> None:
    token = site.joy.get(site.edit).form(site.edit)["form_token"][0]
    saved = site.joy.client.post(f"/operator/draft?slug={site.slug}", json=sent, headers={
        "Origin": "null", "Sec-Fetch-Site": "same-origin", "X-Form-Token": token, "If-Match": '"1"'})
    assert saved.status_code == 200
    assert site.joy.get(site.edit).form(site.edit)["name"] == ["Auto"]


@pytest.mark.parametrize("where", ["slug={other}", "key=00000000-0000-0000-0000-000000000000", "key=nonsense"])
def test_nobody_saves_into_what_is_not_theirs(site: OperatorDesk, where: str) -> None:
    page = site.joy.get(site.edit)
    answer = site.joy.client.post(f"/operator/draft?{where.format(other=site.slugs[1])}", data=page.form(site.edit),
                                  headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 404


def test_a_draft_that_is_too_long_is_refused(site: OperatorDesk) -> None:
    page = site.joy.get(site.edit)
    form = {**page.form(site.edit), "description": "ü" * 130_000}
    answer = site.joy.client.post(f"/operator/draft?slug={site.slug}", data=form,
                                  headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 413


# -- anything at all -------------------------------------------------------------------------------------------------

NAMES = [name for one in fields() for name in one.kind.names(one.path)] + [
    "version", "do", "mark", "sessions", "sessions.0.when", "sessions.0.format", "sessions.0.was", "sessions.5.dial_in",
    "sessions.0.location.latitude", "sessions.0.location.hidden", "sessions.99.format", "nothing.like.it"]
VALUES = st.text(st.characters(exclude_categories=("Cs",)), max_size=20) | st.sampled_from(
    ["1", "publish", "preview", "draft", "add", "remove:0", "up:99", "fragment", "in_person", "yes", "\x00", "1e999"])


@pytest.fixture(scope="module")
def module_site(tmp_path_factory: pytest.TempPathFactory) -> tuple[OperatorDesk, dict[str, Any]]:
    site = OperatorDesk(tmp_path_factory.mktemp("garbage"))
    return site, site.joy.get(site.edit).form(site.edit)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(typed=st.dictionaries(st.sampled_from(NAMES), st.lists(VALUES, min_size=1, max_size=2), max_size=6),
       path=st.sampled_from(["edit", "preview", "choose", "said", "pause", "delete", "editors"]))
def test_no_form_makes_the_server_fail(module_site: tuple[OperatorDesk, dict[str, Any]], typed: dict[str, list[str]],
                                       path: str) -> None:
    site, form = module_site
    answer = site.joy.client.post(f"/operator/listings/{site.slug}/{path}", data={**form, **typed},
                                  headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"})
    assert answer.status_code < 500


def test_the_page_of_a_form_sends_back_what_the_listing_says(tmp_path: Path) -> None:
    site = OperatorDesk(tmp_path)
    with site.database.transaction() as session:
        added = [changes.add(session, one, author=Author("a test"), now=site.clock()) for one in SEED[::23]]
    sam = site.steward()
    for one in added:
        path = f"/operator/listings/{one.slug}/edit"
        sam.send(sam.get(path), path, {"do": "publish"})
    with site.database.reading() as session:
        assert [changes.find(session, one.id) for one in added] == added


def test_a_listing_that_says_nothing_can_be_edited(site: OperatorDesk) -> None:
    sam = site.steward()
    path = f"/operator/listings/{site.slugs[2]}/edit"
    page = sam.get(path)
    assert page.form(path)["name"] == [group(3)["name"]]
    assert sam.send(page, path, {"do": "publish", "cost.free": "yes"}).heading == "Thank you"
    assert site.listing(2).document["cost"] == {"free": True}
