"""Lists of HSDS services that come page by page: all of them, or nothing."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from finder.exchange import paged
from finder.exchange.fetching import Fetched, Unfetchable
from finder.exchange.files import Broken

URL = "https://directory.example/hsds/services"


def service(number, **more):
    return {"id": f"s{number}", "name": f"Grief support group {number}", "status": "active", **more}


def whole(number):
    return service(number, schedules=[], phones=[{"number": "919-555-0100"}])


class Directory:
    """A directory of some pages; `short` names its services only, `moves` changes them while they are read."""

    def __init__(self, pages=3, per_page=2, short=False, single=True, moves=()):
        self.pages, self.per_page, self.short, self.single, self.moves = pages, per_page, short, single, list(moves)
        self.asked, self.waited, self.etags = [], [], []

    def __call__(self, url, folder, *, etag=None, limits=None):
        self.asked.append(url)
        self.etags.append(etag)
        parts = urlsplit(url)
        answer = self.list(parse_qs(parts.query)) if parts.path == "/hsds/services" else self.one(parts.path)
        if etag == '"1"' and parts.path == "/hsds/services":
            return Fetched(None, url, etag)
        path = folder / "source"
        path.write_text(json.dumps(answer) if not isinstance(answer, str) else answer)
        if path.stat().st_size > limits.bytes:
            raise Unfetchable("too_large", max=1)
        return Fetched(path, url, '"1"')

    def list(self, query):
        number = int(query["page"][0])
        if self.moves and number == 2:
            self.pages += self.moves.pop()
        first = (number - 1) * self.per_page
        rows = [(service if self.short else whole)(one) for one in range(first, first + self.per_page)]
        return {"total_items": self.pages * self.per_page, "total_pages": self.pages, "page_number": number,
                "contents": rows}

    def one(self, path):
        if not self.single:
            raise Unfetchable("status", status=404)
        return whole(int(path.rpartition("/s")[2]))

    def bring(self, folder, url=URL, **how):
        bounds = paged.Bounds(**{"pause": 0.5, **how.pop("bounds", {})})
        return paged.bring(url, folder, self, bounds=bounds, wait=self.waited.append, **how)


def names(path):
    return [one["id"] for page in sorted(path.iterdir()) for one in json.loads(page.read_text())["contents"]]


def test_all_pages_come_into_one_folder_in_their_order(tmp_path):
    directory = Directory(pages=3)
    found = directory.bring(tmp_path)
    assert found.path.name == "pages"
    assert names(found.path) == [f"s{number}" for number in range(6)]
    assert directory.asked[0] == f"{URL}?full=true&per_page=100&page=1"
    assert (len(directory.asked), found.etag, directory.waited) == (3, None, [])


def test_a_list_of_one_page_is_the_file_itself_and_keeps_its_tag(tmp_path):
    directory = Directory(pages=1)
    found = directory.bring(tmp_path)
    assert (found.path.is_file(), found.etag) == (True, '"1"')
    assert directory.bring(tmp_path, etag='"1"').path is None


def test_what_was_asked_for_is_asked_for_on_every_page(tmp_path):
    directory = Directory(pages=2)
    directory.bring(tmp_path, f"{URL}?organization_id=7&per_page=20&page=9")
    assert directory.asked == [f"{URL}?full=true&per_page=20&organization_id=7&page={number}" for number in (1, 2)]


def test_any_other_address_is_taken_as_it_is(tmp_path):
    asked = []

    def fetch(url, folder, *, etag=None, limits=None):
        asked.append(url)
        path = folder / "source.zip"
        path.write_bytes(b"PK\x03\x04")
        return Fetched(path, url, '"z"')
    found = paged.bring("https://directory.example/export.zip", tmp_path, fetch, etag='"z"')
    assert (asked, found.path.name, found.etag) == (["https://directory.example/export.zip"], "source.zip", '"z"')


@pytest.mark.parametrize("url", ["https://directory.example/hsds", "https://directory.example/hsds/"])
def test_the_first_page_of_such_an_api_leads_to_its_services(tmp_path, url):
    directory = Directory(pages=2)
    directory.one = lambda path: {"version": "3.0", "profile": "https://x.example", "openapi_url": "https://x.example"}
    assert names(directory.bring(tmp_path, url).path) == ["s0", "s1", "s2", "s3"]
    assert directory.asked[1] == f"{URL}?full=true&per_page=100&page=1"


def test_services_that_are_only_named_are_asked_for_one_by_one(tmp_path):
    directory = Directory(pages=2, short=True)
    found = directory.bring(tmp_path)
    pages = [json.loads(page.read_text()) for page in sorted(found.path.iterdir())]
    assert [one for page in pages for one in page["contents"]] == [whole(number) for number in range(4)]
    assert directory.asked[2:] == [f"{URL}/s{number}" for number in range(4)]
    assert directory.waited == [0.5] * 3


def test_one_page_of_named_services_is_filled_too(tmp_path):
    found = Directory(pages=1, short=True).bring(tmp_path)
    assert names(found.path) == ["s0", "s1"]
    assert "phones" in json.loads(next(found.path.iterdir()).read_text())["contents"][0]


def test_a_directory_without_single_services_is_taken_as_it_is(tmp_path):
    directory = Directory(pages=2, short=True, single=False)
    assert names(directory.bring(tmp_path).path) == ["s0", "s1", "s2", "s3"]
    assert len(directory.asked) == 3


def test_a_single_service_that_fails_later_fails_all(tmp_path):
    directory = Directory(pages=2, short=True)
    one = directory.one

    def fails(path):
        if path.endswith("s2"):
            raise Unfetchable("status", status=404)
        return one(path)
    directory.one = fails
    with pytest.raises(Unfetchable):
        directory.bring(tmp_path)


def test_another_service_than_asked_for_fails_all(tmp_path):
    directory = Directory(pages=2, short=True)
    directory.one = lambda path: whole(0)
    with pytest.raises(Broken, match="pages_moved"):
        directory.bring(tmp_path)


@pytest.mark.parametrize("key", ["a/../../etc", "a?x=1", "a#b", "ü", "http://127.0.0.1/"])
def test_an_odd_id_leads_to_no_other_address(tmp_path, key):
    directory = Directory(pages=1, short=True)
    directory.list = lambda query: {"total_items": 1, "total_pages": 1, "page_number": 1,
                                    "contents": [{**service(0), "id": key}]}
    directory.one = lambda path: {**whole(0), "id": key}
    directory.bring(tmp_path)
    assert directory.asked[1].startswith(f"{URL}/")
    assert set(directory.asked[1][len(URL) + 1:]) <= set("abcdefghijklmnopqrstuvwxyzABCDEF0123456789%.-_")


# -- whole or not at all ---------------------------------------------------------------------------------------------


def test_a_list_that_changes_while_it_is_read_is_read_once_more(tmp_path):
    directory = Directory(pages=3, moves=[1])
    found = directory.bring(tmp_path)
    assert names(found.path) == [f"s{number}" for number in range(8)]


def test_one_that_changes_all_the_time_is_not_taken(tmp_path):
    with pytest.raises(Broken, match="pages_moved"):
        Directory(pages=3, moves=[1, 1]).bring(tmp_path)


def test_a_page_that_is_missing_is_no_page(tmp_path):
    directory = Directory(pages=3)
    list_ = directory.list
    directory.list = lambda query: {**list_(query), "contents": []} if query["page"] == ["2"] else list_(query)
    with pytest.raises(Broken, match="pages_moved"):
        directory.bring(tmp_path)


@pytest.mark.parametrize("answer", ["{", "[]", "<html>", '{"contents": 7}'])
def test_a_later_page_that_cannot_be_read_fails_all(tmp_path, answer):
    directory = Directory(pages=3)
    list_ = directory.list
    directory.list = lambda query: answer if query["page"] == ["2"] else list_(query)
    with pytest.raises(Broken, match="pages_moved"):
        directory.bring(tmp_path)


@pytest.mark.parametrize(("bounds", "wrong"), [
    ({"pages": 2}, "too_large"), ({"bytes": 300}, "too_large"), ({"seconds": -1.0}, "too_slow")])
def test_there_is_an_end_to_it(tmp_path, bounds, wrong):
    with pytest.raises((Broken, Unfetchable)) as found:
        Directory(pages=30).bring(tmp_path, bounds=bounds)
    assert found.value.code == wrong


def test_too_many_named_services_are_not_asked_for(tmp_path):
    directory = Directory(pages=3, short=True)
    with pytest.raises(Broken, match="short_list"):
        directory.bring(tmp_path, bounds={"services": 5})
    assert len(directory.asked) == 3
