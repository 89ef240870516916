import pytest

from finder.accounts.permissions import Role, Scope
from finder.listings import changes
from finder.listings.writing import Author
from tests.listings.database import take
from tests.web.people import Person
from tests.web.site import Site, group


@pytest.fixture
def site(tmp_path):
    site = Site(tmp_path, [group(1, description="Old."), group(2)])
    edit(site, description="By the group.", contact={"phone": "919-555-0100"})
    take(site.database, [group(1, description="By the feed.", contact={"phone": "919-555-0111"}), group(2)])
    return site


@pytest.fixture
def steward(site):
    return Person(site, "joy@example.org", Role.STEWARD)


def edit(site, **fields):
    with site.database.transaction() as session:
        there = changes.find(session, site.slugs[0])
        changes.change(session, there.id, base=there.version, author=Author("operator:9"), now=site.clock(),
                       document={**there.document, **fields})


def document(site):
    with site.database.reading() as session:
        return changes.find(session, site.slugs[0]).document


def settle(site, steward, **form):
    return steward.send(steward.get("/steward/conflicts"), f"/steward/conflicts/{site.slugs[0]}", form)


def test_both_sides_stand_beside_each_other_and_ours_is_chosen(steward):
    page = steward.get("/steward/conflicts")
    told = {one.text.replace(" .", ".") for one in page.all("del", "ins")}
    assert {"By the group.", "By the feed."} <= told
    chosen = [tag["value"] for tag in page.all("input", type="radio") if "checked" in tag.attributes]
    assert chosen == ["ours", "ours"]


def test_a_field_is_taken_from_the_source_and_the_other_stays(site, steward):
    page = settle(site, steward, **{"field-description": "theirs"})
    assert "Saved." in page.main.text
    assert (document(site)["description"], document(site)["contact"]["phone"]) == ("By the feed.", "919-555-0100")
    assert "No source disagrees" in page.main.text


def test_the_whole_listing_is_taken_from_the_source_by_one_button(site, steward):
    settle(site, steward, all="theirs")
    assert (document(site)["description"], document(site)["contact"]["phone"]) == ("By the feed.", "919-555-0111")


def test_keeping_ours_changes_nothing_and_is_not_asked_again(site, steward):
    before = document(site)
    assert "No source disagrees" in settle(site, steward).main.text
    assert document(site) == before


def test_who_chooses_on_an_older_page_is_told(site, steward):
    page = steward.get("/steward/conflicts")
    edit(site, description="Newer words.")
    answer = steward.send(page, f"/steward/conflicts/{site.slugs[0]}", {"field-description": "theirs"})
    assert answer.status == 409
    assert document(site)["description"] == "Newer words."


def test_without_a_version_nothing_is_done(site, steward):
    page = steward.get("/steward/conflicts")
    assert steward.send(page, f"/steward/conflicts/{site.slugs[0]}", {"version": ""}).status == 428


def test_a_steward_of_another_state_neither_sees_nor_settles_it(site):
    other = Person(site, "sam@example.org", (Role.STEWARD, Scope.STATE, "US:NC"))
    page = other.get("/steward/conflicts")
    assert "By the group." not in page.main.text
    token = page.form("/account/sign-out")["form_token"]
    path = f"/steward/conflicts/{site.slugs[0]}"
    assert other.pages.post(path, {"form_token": token, "version": "3", "all": "theirs"}).status == 404
