import csv
import gzip
import io
import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from finder.db import Database
from finder.exchange.tables import MARK
from tests.api.conftest import LISTINGS
from tests.api.feeds.publishing import Publisher
from tests.listings.database import take
from tests.web.site import Site, group

PATHS = ("/data/listings.csv", "/data/listings.jsonl")


def rows(client):
    return list(csv.DictReader(io.StringIO(client.get("/data/listings.csv").text.removeprefix(MARK), newline="")))


def documents(client):
    return [json.loads(line) for line in client.get("/data/listings.jsonl").text.splitlines()]


def test_both_hold_every_published_listing(client):
    wanted = {one["id"] for one in LISTINGS}
    assert {one["listing_id"] for one in rows(client)} == wanted
    assert {one["id"] for one in documents(client)} == wanted


def test_both_name_the_pages_of_this_instance(client):
    for one in documents(client):
        published = one["x"]["published"]
        assert published["url"] == f"http://127.0.0.1:8000/programs/{published['slug']}"
    assert {one["url"] for one in rows(client)} == {one["x"]["published"]["url"] for one in documents(client)}


def test_an_address_that_is_given_after_contact_is_in_neither(client):
    for path in PATHS:
        text = client.get(path).text
        assert "12 Canary Lane" in text
    (quiet,) = [one for one in rows(client) if one["name"] == "Quiet House"]
    assert (quiet["session.location.city"], quiet["session.location.address_1"]) == ("Durham", "")


def test_a_license_that_nobody_stated_is_said_to_be_not_stated(client):
    assert {one["license"] for one in rows(client)} == {"not stated"}
    assert {one["x"]["published"]["license"] for one in documents(client)} == {"not stated"}
    assert {one["as_of"] for one in rows(client)} == {"2026-11-24T12:00:00Z"}


@pytest.mark.parametrize("path", PATHS)
def test_a_file_is_for_everybody_and_is_not_sent_twice(client, path):
    found = client.get(path, headers={"Accept-Encoding": "gzip", "Host": "elsewhere.example"})
    assert found.headers["Access-Control-Allow-Origin"] == "*"
    assert "attachment" in found.headers["Content-Disposition"]
    assert "Set-Cookie" not in found.headers
    assert b"elsewhere" not in gzip.decompress(found.data)
    assert client.get(path, headers={"If-None-Match": found.headers["ETag"]}).status_code == 304
    assert client.get(f"{path}?format=xlsx").status_code == 422
    assert client.post(path).status_code == 405


def test_a_file_follows_a_change_of_the_list_and_of_the_license(tmp_path):
    site = Site(tmp_path, [group(1)], instance=tmp_path)
    client = site.app.test_client()
    before = client.get(PATHS[1])
    other = Site(tmp_path, [group(1), group(2)], instance=tmp_path, data_license="CC0-1.0").app.test_client()
    after = other.get(PATHS[1], headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert [one["x"]["published"]["license"] for one in documents(other)] == ["CC0-1.0"] * 2
    assert after.headers["ETag"] != before.headers["ETag"]


@pytest.mark.sqlite
def test_after_a_backup_was_put_back_no_file_of_the_days_since_is_given_out(tmp_path):
    kept, here = tmp_path / "kept.db", tmp_path / "finder.db"
    publisher = Publisher(tmp_path, [group(1)])
    publisher.database.close()
    shutil.copyfile(here, kept)
    said = []
    for number, name in ((2, "forgotten"), (3, "afterwards")):  # each is the next change after the backup
        publisher.database = Database(f"sqlite:///{here}")
        publisher.client = publisher.with_settings().test_client()
        take(publisher.database, [group(number, name=name)], source="Another feed")
        said.append(publisher.get("/data/listings.jsonl"))
        publisher.database.close()
        shutil.copyfile(kept, here)
    assert "forgotten" in said[0].text
    assert "forgotten" not in said[1].text
    assert "afterwards" in said[1].text
    assert said[0].headers["ETag"] != said[1].headers["ETag"]


def test_the_license_that_stewards_set_comes_before_that_of_the_environment(tmp_path):
    site = Site(tmp_path, [group(1)], instance=tmp_path, data_license="CC0-1.0")
    client = site.app.test_client()
    assert {one["license"] for one in rows(client)} == {"CC0-1.0"}
    set_license(site, "ODbL-1.0")
    assert {one["license"] for one in rows(client)} == {"ODbL-1.0"}


def set_license(site, name):
    from finder import instance
    from finder.catalog import queries

    with site.database.transaction() as session:
        instance.save(session, {"name": "Harbor Groups", "license": name}, base=0, account_id=None, now=site.clock(),
                      known_languages=("en", "es"))
        queries.raise_version(session)


def test_many_who_ask_at_once_get_the_same_file(tmp_path):
    site = Site(tmp_path, [group(number) for number in range(40)], instance=tmp_path)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: site.app.test_client().get(PATHS[0]).data, range(16)))
    assert len(set(found)) == 1
    assert found[0].count(b"\r\n") == 41


def test_an_empty_list_is_a_table_with_its_heads_and_no_lines(tmp_path):
    client = Site(tmp_path, [], instance=tmp_path).app.test_client()
    assert client.get(PATHS[0]).data.count(b"\r\n") == 1
    assert client.get(PATHS[1]).data == b""
