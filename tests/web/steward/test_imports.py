import gc
import io
import json
import shutil
import stat

import pytest

from finder.accounts.permissions import Role, Scope
from finder.catalog import queries
from finder.cli import import_jobs
from finder.exchange import uploads
from finder.exchange.fetching import Fetched, Unfetchable
from finder.listings import changes
from finder.listings.writing import Author
from tests.listings.database import take
from tests.web.people import Person
from tests.web.site import Site, group

SHEET = (b"Group,Day,Time,City,State,Zip,Phone\n"
         b"Harbor Circle,Tuesday,6:30 pm,Raleigh,NC,27601,919-555-0100\n"
         b"Lantern Circle,Friday,7 pm,Durham,NC,27701,919-555-0101\n"
         b",Friday,7 pm,Durham,NC,27701,\n")


@pytest.fixture
def site(tmp_path):
    (tmp_path / "instance").mkdir()
    return Site(tmp_path, [group(1), group(2)], instance=tmp_path / "instance")


@pytest.fixture
def steward(site):
    return Person(site, "joy@example.org", Role.STEWARD)


def body(*listings):
    return json.dumps(listings).encode()


def send(steward, content=b"", filename="list.json", **form):
    page = steward.get("/steward/imports/new")
    fields = {**page.form("/steward/imports/new"), "name": "A feed", "format": "listing", **form}
    if content or filename:
        fields["file"] = (io.BytesIO(content), filename)
    return steward.pages.post("/steward/imports/new", fields, content_type="multipart/form-data")


def names(site):
    with site.database.reading() as session:
        return sorted(one.document["name"] for one in queries.published(session))


def tally(page):
    return {one.all("dt")[0].text: int(one.all("dd")[0].text) for one in page.of_class("tally")[0].all("div")}


def press(steward, page, deed, **form):
    action = next(tag["action"] for tag in page.all("form") if tag["action"].endswith(deed))
    return steward.send(page, action, form)


def test_M5_a_file_is_shown_first_and_applied_exactly_as_shown(site, steward):
    page = send(steward, body(group(1, name="New name"), group(3), group(4, color="red"), group(2)))
    assert page.heading == "What this import would do"
    assert tally(page) == {"New listings": 1, "Changed listings": 1, "Taken down": 0, "Held back": 0,
                           "Refused rows": 1, "As before": 1}
    assert "River Circle 1" in page.main.text
    assert names(site) == ["River Circle 1", "River Circle 2"]
    done = press(steward, page, "/apply")
    assert "Done. Visitors see it now." in done.main.text
    assert names(site) == ["New name", "River Circle 2", "River Circle 3"]


def test_M5_an_import_says_who_made_it_and_is_taken_back_whole(site, steward):
    before = names(site)
    done = press(steward, send(steward, body(group(1, name="New name"), group(2), group(3))), "/apply")
    listed = steward.get("/steward/imports")
    assert "joy@example.org" in listed.main.text
    back = press(steward, done, "/undo")
    assert "Taken back" in back.main.text
    assert names(site) == before
    assert not [tag for tag in back.all("form") if tag["action"].endswith("/undo")]
    again = steward.pages.post(done.path.partition("?")[0] + "/undo", {"form_token": done.form("/undo")["form_token"]})
    assert "taken back before" in again.main.text


def test_what_changed_meanwhile_is_shown_again_instead_of_applied(site, steward):
    page = send(steward, body(group(1, name="New name"), group(2)))
    with site.database.transaction() as session:
        there = changes.find(session, site.slugs[0])
        changes.change(session, there.id, base=there.version, author=Author("operator:9"), now=site.clock(),
                       document={**there.document, "description": "A quiet room."})
    again = press(steward, page, "/apply")
    assert "Listings changed meanwhile" in again.main.text
    assert names(site) == ["River Circle 1", "River Circle 2"]
    press(steward, again, "/apply")
    assert "New name" in names(site)


def test_pressing_apply_twice_applies_once(site, steward):
    page = send(steward, body(group(1), group(2), group(3)))
    action = next(tag["action"] for tag in page.all("form") if tag["action"].endswith("/apply"))
    steward.send(page, action)
    assert steward.send(page, action).status == 409
    with site.database.reading() as session:
        assert queries.count(session) == 3


def test_a_discarded_import_changes_nothing(site, steward):
    page = send(steward, body(group(1, name="New name"), group(2)))
    assert "Nothing was changed" in press(steward, page, "/discard").main.text
    assert names(site) == ["River Circle 1", "River Circle 2"]


def test_many_that_are_missing_stay_until_a_steward_lets_them_go(site, steward):
    take(site.database, [group(number) for number in range(1, 31)])
    page = send(steward, body(*(group(number) for number in range(1, 11))))
    assert "20 listings are no longer in this source" in page.main.text
    page = press(steward, page, "/take-down")
    assert tally(page)["Taken down"] == 20
    press(steward, page, "/apply")
    assert len(names(site)) == 10


@pytest.mark.parametrize(("wanted", "said"), [
    ("changed", "New name"), ("conflicts", "As the source says"), ("added", "River Circle 9"),
    ("gone", "River Circle 2"), ("held", "So many are missing"), ("refused", "color"), ("nonsense", "New name")])
def test_every_list_is_shown_row_by_row(site, steward, wanted, said):
    take(site.database, [group(1), group(2), group(3, description="Old.")])
    with site.database.transaction() as session:
        there = next(one for one in queries.published(session) if one.document["id"] == "g3")
        changes.change(session, there.id, base=1, author=Author("operator:9"), now=site.clock(),
                       document={**there.document, "description": "Ours."})
    more = [] if wanted == "gone" else [group(2)]
    if wanted == "held":
        take(site.database, [group(number) for number in range(1, 30)])
    page = send(steward, body(group(1, name="New name"), *more, group(3, description="Theirs."), group(99, name="River "
                              "Circle 9"), group(4, color="red")))
    assert said in steward.get(f"{page.path}?list={wanted}").main.text


def test_long_lists_go_page_by_page(site, steward):
    page = send(steward, body(group(1), group(2), *(group(number) for number in range(100, 160))))
    found = [len(steward.get(f"{page.path}?list=added&page={number}").of_class("item")) for number in (0, 1, 2, 3)]
    assert found == [25, 25, 10, 0]


def test_M7_I4_refused_rows_come_as_a_table_that_no_spreadsheet_runs(site, steward):
    page = send(steward, body(group(1), group(2), {**group(5), "=cmd|' /C calc'!A0": "x", "+1": 2}))
    table = steward.client.get(f"{page.path}/refused.csv")
    assert table.mimetype == "text/csv"
    lines = table.get_data(as_text=True).splitlines()
    assert lines[0] == "\ufeffRow,Field,Rule,In words"
    assert any(line.startswith("3,'=cmd") for line in lines)
    assert any(line.startswith("3,'+1") for line in lines)


def test_a_new_listing_that_another_source_has_is_pointed_out(site, steward):
    here = {"sessions": [{"format": "in_person", "repeats": "FREQ=WEEKLY;BYDAY=TU", "start_time": "18:00",
                          "timezone": "America/New_York", "location": {"address_1": "12 Church Street", "city":
                          "Asheville", "state": "NC", "latitude": 35.6, "longitude": -82.55}}],
            "contact": {"phone": "828-555-0100"}}
    take(site.database, [group(5, name="Quiet Harbor Grief Circle", **here)], source="Another")
    page = send(steward, body(group(1), group(2), group(7, name="Quiet Harbor Grief Circle", **here)))
    assert "It may be the same as" in steward.get(f"{page.path}?list=alike").main.text


# -- spreadsheets ----------------------------------------------------------------------------------------------------


def test_a_spreadsheet_asks_what_its_columns_mean_and_guesses_most(site, steward):
    page = send(steward, SHEET, "groups.csv", format="csv", name="County")
    assert page.heading == "What the columns mean"
    chosen = page.form("/columns")
    assert [chosen[f"column-{place}"] for place in range(7)] == [
        ["name"], ["session.day"], ["session.time"], ["location.city"], ["location.state"], ["location.postal_code"],
        ["contact.phone"]]
    shown = press(steward, page, "/columns", group_type="peer_support")
    assert tally(shown)["New listings"] == 2
    press(steward, shown, "/apply")
    assert {"Harbor Circle", "Lantern Circle"} <= set(names(site))


def test_without_a_name_or_a_kind_the_choice_is_asked_again_with_nothing_lost(steward):
    page = send(steward, SHEET, "groups.csv", format="csv", name="County")
    again = press(steward, page, "/columns", **{"column-0": "", "column-6": "contact.url"})
    assert again.status == 422
    assert again.form("/columns")["column-6"] == ["contact.url"]
    assert "Choose what kind of groups these are." in again.main.text
    assert "name of the group" in again.main.text


def test_a_mapping_may_come_along(site, steward):
    plan = 'columns = {name = "Group"}\nfixed = {group_type = "peer_support"}'
    page = send(steward, SHEET, "groups.csv", format="csv", name="County", mapping=plan)
    assert tally(page)["New listings"] == 2


# -- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("form", "said"), [
    ({"name": ""}, "Write the name of the source."), ({"format": "pdf"}, "Choose how the list is written."),
    ({"filename": ""}, "Choose a file, or write the address of one."), ({"content": b""}, "This file is empty."),
    ({"mapping": "{"}, "proper JSON"), ({"mapping": 'color = "red"'}, "a key that we do not know"),
    ({"name": "x" * 300}, "too long"), ({"filename": "", "url": "ftp://example.org/a"}, "starts with https"),
    ({"filename": "", "url": "http://127.0.0.1/a"}, "not on the public internet"),
    ({"filename": "", "url": "http://example.org:8080/a"}, "port number"),
], ids=lambda one: str(one)[:40])
def test_a_form_that_does_not_fit_comes_back_with_words_and_nothing_lost(site, steward, form, said):
    content = form.pop("content", body(group(1)))
    filename = form.pop("filename", "list.json")
    page = send(steward, content if filename else b"", filename, **form)
    assert page.status == 422
    assert said in page.main.text
    for name, value in form.items():
        if name not in ("format", "mapping"):
            assert page.form("/steward/imports/new")[name] == [value]
    assert list((site.app.extensions["finder"].settings.instance / "uploads").iterdir()) == []


@pytest.mark.parametrize(("content", "said"), [
    (b"{", "not proper JSON"), (b"[]", "no listing in it"), (b'[{"id": 1}]', "no listing in it"),
    (b"\x1f\x8b\x08", "damaged")], ids=["cut off", "empty", "nothing of use", "broken gzip"])
def test_a_file_that_cannot_be_read_says_so_and_changes_nothing(site, steward, content, said):
    page = send(steward, content)
    if "cannot read" in page.main.text:
        assert said in page.main.text
    else:
        assert tally(page)["New listings"] == 0
    assert names(site) == ["River Circle 1", "River Circle 2"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the test client's own file
def test_M1_L2_this_page_takes_more_than_any_other_and_not_without_end(site, steward):
    large = body(group(1), group(2), *(group(number, description="x" * 4000) for number in range(3, 90)))
    assert len(large) > 256 * 1024
    assert send(steward, large).status == 200
    assert send(steward, b"x" * (uploads.MOST_BYTES + 300 * 1024)).status == 413
    assert steward.pages.post("/steward/imports/x/undo", {"form_token": "x" * 300_000}).status == 413
    gc.collect()


def test_S6_the_file_is_for_the_owner_of_the_process_only(site, steward):
    send(steward, body(group(1)), "../../evil name.json.gz")
    folder = site.app.extensions["finder"].settings.instance / "uploads"
    (one,) = folder.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == stat.S_IMODE(one.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in one.iterdir()} == {0o600}
    assert "source.json.gz" in {file.name for file in one.iterdir()}


@pytest.mark.parametrize("path", ["/steward/imports/none", "/steward/imports/6f1a2c1e-5d0b-5f3a-9f0e-0c6a5e7d2b11",
                                  "/steward/imports/waiting/none", "/steward/feeds/1/pause", "/steward/feeds/1/eat"])
def test_what_is_not_there_is_not_found(steward, path):
    assert steward.client.get(path).status_code in (404, 405)


@pytest.mark.parametrize("grants", [[], [(Role.STEWARD, Scope.STATE, "US:NC")], [Role.OPERATOR], [Role.PROVIDER]],
                         ids=["nobody", "a steward of one state", "an operator", "a provider"])
def test_M4_only_stewards_of_everywhere_and_administrators_import(site, grants):
    person = Person(site, "sam@example.org", *grants)
    for path in ("/steward/imports", "/steward/imports/new", "/steward/feeds", "/steward/feeds/new"):
        assert person.client.get(path).status_code == 404


def test_M5_a_source_is_not_trusted_unless_somebody_says_so(site, steward):
    checked = group(8, verified={"on": "2026-10-01", "method": "phone"})
    press(steward, send(steward, body(checked), name="Stranger"), "/apply")
    press(steward, send(steward, body(checked), name="Friend", trusted="yes"), "/apply")
    with site.database.reading() as session:
        found = [one.document.get("verified") for one in queries.published(session) if one.document["id"] == "g8"]
    assert sorted(map(bool, found)) == [False, True]


# -- in the background -----------------------------------------------------------------------------------------------


def work(site):
    return import_jobs.work_off(site.app.extensions["finder"], site.clock())


def test_large_files_are_looked_at_and_applied_in_the_background(site, steward, monkeypatch):
    monkeypatch.setattr(uploads, "AT_ONCE_BYTES", 100)
    monkeypatch.setattr(uploads, "AT_ONCE_ROWS", 2)
    page = send(steward, body(group(1), group(2), *(group(number) for number in range(3, 9))))
    assert "looked at in the background" in page.main.text
    assert work(site)["looked_at"] == 1
    page = steward.get(page.path)
    assert tally(page)["New listings"] == 6
    page = press(steward, page, "/apply")
    assert "being applied in the background" in page.main.text
    assert len(names(site)) == 2
    assert work(site)["done"] == 1
    assert len(names(site)) == 8
    page = steward.get(page.path)
    run = steward.get(next(link for link in page.links if "/imports/" in link and "waiting" not in link and
                           not link.endswith("new")))
    assert "being taken back" in press(steward, run, "/undo").main.text
    work(site)
    assert len(names(site)) == 2
    assert "Taken back" in steward.get(run.path).main.text


@pytest.mark.parametrize("lost", ["the file", "its folder"])
def test_an_import_whose_file_is_lost_ends_and_holds_up_no_other(site, steward, monkeypatch, lost):
    monkeypatch.setattr(uploads, "AT_ONCE_ROWS", 0)
    pages = [press(steward, send(steward, body(*map(group, range(1, count)))), "/apply") for count in (4, 6)]
    with site.database.reading() as session:
        first = uploads.open_ones(session, uploads.QUEUED)[0]
    folder = uploads.folder_of(site.app.extensions["finder"].settings.instance, first.id)
    shutil.rmtree(folder) if lost == "its folder" else (folder / first.path).unlink()
    work(site)
    with site.database.reading() as session:
        assert uploads.find(session, first.id).state == uploads.DISCARDED
    assert len(names(site)) in (3, 5)
    assert {steward.get(page.path).status for page in pages} == {200}
    assert work(site)["looked_at"] == 0


def test_what_nobody_applies_goes_after_a_month_with_its_files(site, steward):
    send(steward, body(group(1, name="New name")))
    site.wait(31 * 24 * 3600)
    assert work(site)["expired"] == 1
    assert work(site)["removed"] in (0, 1)
    assert list((site.app.extensions["finder"].settings.instance / "uploads").iterdir()) == []


# -- addresses -------------------------------------------------------------------------------------------------------


def fetcher(site, content=b"", wrong=None):
    def fetch(url, folder, **how):
        if wrong:
            raise Unfetchable(wrong)
        path = folder / "source.json"
        path.write_bytes(content)
        return Fetched(path, url)
    site.app.extensions["finder_fetch"] = fetch


def test_an_address_is_fetched_and_can_become_a_feed(site, steward):
    fetcher(site, body(group(1), group(2), group(3)))
    page = send(steward, filename="", url="https://example.org/list.json")
    assert tally(page)["New listings"] == 1
    feed = steward.get(next(link for link in page.links if "/feeds/new" in link))
    assert feed.form("/feeds/new")["url"] == ["https://example.org/list.json"]
    listed = steward.send(feed, "/steward/feeds/new")
    assert "https://example.org/list.json" in listed.main.text


@pytest.mark.parametrize("code", ["not_safe", "too_slow", "unknown_host", "redirects", "status", "too_large",
                                  "downgrade"])
def test_an_address_that_cannot_be_fetched_says_why(site, steward, code):
    fetcher(site, wrong=code)
    page = send(steward, filename="", url="https://example.org/list.json")
    assert page.status == 422
    assert len(page.of_class("error")) == 1


def test_addresses_are_not_fetched_without_end(site, steward):
    fetcher(site, wrong="too_slow")
    assert [send(steward, filename="", url="https://example.org/a").status for _ in range(31)][-1] == 429
