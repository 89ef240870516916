import gzip
import xml.etree.ElementTree as ET
from datetime import timedelta

import feedparser
import pytest

from finder.exchange import atom
from tests.api.feeds.test_tables import set_license
from tests.listings.database import take
from tests.web.sample import LISTINGS
from tests.web.site import Site, group

PATH = "/feeds/changes.atom"
STONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


def read(client, path=PATH):
    found = feedparser.parse(client.get(path).data)
    assert not found.bozo, found.get("bozo_exception")
    return found


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path, [dict(one) for one in LISTINGS], instance=tmp_path, base_url="https://finder.example")


def client_of(site):
    client = site.app.test_client()
    client.environ_base["HTTP_HOST"] = "finder.example"
    return client


def test_a_reader_from_outside_finds_every_listing_that_changed(site):
    found = read(client_of(site))
    assert {one.id for one in found.entries} == {f"urn:uuid:{one}" for one in site.ids}
    assert {one.link for one in found.entries} == {f"https://finder.example/programs/{one}" for one in site.slugs}
    assert found.feed.id == f"https://finder.example{PATH}"
    assert {one.href for one in found.feed.links if one.rel == "self"} == {found.feed.id}


def test_no_name_no_topic_and_no_organization_stands_in_the_feed(site):
    text = client_of(site).get(PATH).text
    for word in ("Lantern", "Low Mood", "Grief", "Alder", "Steps", "veterans", "Neighbors"):
        assert word not in text
    assert "Group in Durham" in text


def test_the_feed_speaks_the_language_asked_for_and_leads_to_its_pages(site):
    found = read(client_of(site), f"{PATH}?lang=es")
    assert "Grupo en Durham" in {one.title for one in found.entries}
    assert all(one.link.startswith("https://finder.example/es/programs/") for one in found.entries)
    assert found.feed.language == "es"
    assert {one.id for one in found.entries} == {one.id for one in read(client_of(site)).entries}


def test_a_listing_that_was_taken_off_leaves_a_tombstone(tmp_path):
    site = Site(tmp_path, [group(number) for number in range(1, 5)], instance=tmp_path)
    gone = next(key for key, slug in zip(site.ids, site.slugs, strict=True)
                if "River Circle 4" in site.app.test_client().get(f"/programs/{slug}").text)
    before = site.app.test_client().get(PATH)
    take(site.database, [group(number) for number in range(1, 4)])
    after = site.app.test_client().get(PATH, headers={"If-None-Match": before.headers["ETag"]})
    assert [one.get("ref") for one in ET.fromstring(after.data).iter(STONE)] == [f"urn:uuid:{gone}"]
    assert f"urn:uuid:{gone}" not in {one.id for one in feedparser.parse(after.data).entries}


def test_only_the_newest_changes_are_in_it(tmp_path):
    site = Site(tmp_path, [group(number) for number in range(atom.MOST + 5)], instance=tmp_path)
    assert len(read(site.app.test_client()).entries) == atom.MOST


def test_the_license_stands_in_the_feed_where_one_is_stated(site):
    assert "rights" not in read(client_of(site)).feed
    set_license(site, "CC-BY-4.0")
    found = read(client_of(site)).feed
    assert (found.rights, found.author) == ("CC-BY-4.0", "Harbor Groups")


def test_the_feed_is_for_everybody_squeezed_and_not_sent_twice(site):
    client = client_of(site)
    found = client.get(PATH, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(found.data) == client.get(PATH).data
    assert found.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in found.headers
    site.clock.at += timedelta(days=3)
    assert client.get(PATH, headers={"If-None-Match": found.headers["ETag"]}).status_code == 304
    assert client.get(f"{PATH}?lang=es", headers={"If-None-Match": found.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize("query", ["lang=xx", "page=2", "lang=en&lang=es"])
def test_what_cannot_be_asked_is_named(site, query):
    assert client_of(site).get(f"{PATH}?{query}").status_code == 422


def test_a_feed_of_no_listings_is_a_feed(tmp_path):
    assert read(Site(tmp_path, [], instance=tmp_path).app.test_client()).entries == []
