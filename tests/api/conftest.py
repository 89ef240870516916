from datetime import UTC, datetime

import pytest

from finder.app import create_app
from finder.config import Settings
from finder.db import Database
from finder.listings.edits import Incoming, import_listings
from finder.places import gazetteer
from finder.search.snapshot import Keeper
from finder.services import Services
from finder.vocabulary import vocabulary

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DURHAM = {"city": "Durham", "state": "NC", "latitude": 35.9940, "longitude": -78.8986, "precision": "street",
          "address_1": "12 Canary Lane"}
WEEKLY = {"repeats": "FREQ=WEEKLY;BYDAY=TU", "start_time": "18:30", "timezone": "America/New_York",
          "duration_minutes": 90}


def listing(number: int, **facts):
    return {"format": "finder-listing/1", "id": f"l{number}", "name": f"Group number {number}",
            "group_type": "peer_support", "focus": ["depression"], "languages": ["en"],
            "sessions": [{"format": "in_person", **WEEKLY, "location": DURHAM}], **facts}


LISTINGS = (
    listing(1, name="Tuesday Lamp", severity={"min": 0, "max": 3}, cost={"free": True}, led_by="peer",
            verified={"on": "2026-11-01", "method": "phone"}),
    listing(2, name="Steady Hands", group_type="structured_therapy", focus=["anxiety", "depression"],
            modalities=["CBT"], cost={"free": False, "amount": 40},
            capacity={"status": "waitlist", "wait_weeks": 4, "as_of": "2026-11-01"}),
    listing(3, name="Quiet House",
            sessions=[{"format": "in_person", **WEEKLY, "location": {**DURHAM, "hidden": True}}]),
    listing(4, name="Screen Circle",
            sessions=[{"format": "online_video", **WEEKLY}], accessibility={"captions": "yes"}),
    listing(5, name="Círculo de los lunes", languages=["es"], focus=["grief"]),
    listing(6, name="Resting Group", status="paused"),
    listing(7, name="Women Only", gender_mix="women", restricted_to=["women"]),
    listing(8, name="No Fixed Place", sessions=[], focus=[]),
)


@pytest.fixture(scope="session")
def services(tmp_path_factory):
    folder = tmp_path_factory.mktemp("instance")
    settings = Settings(instance=folder)
    database = Database(settings.database)
    database.upgrade()
    with database.transaction() as session:
        report = import_listings(session, [Incoming(one, row) for row, one in enumerate(LISTINGS, 1)],
                                 source="test", now=NOW)
        assert report.added == len(LISTINGS), report
    keeper = Keeper(database, lambda: NOW)
    yield Services(settings, database, keeper.current, gazetteer.load(), vocabulary(), lambda: NOW)
    database.close()


@pytest.fixture(scope="session")
def app(services):
    return create_app(services.settings, services=services)


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def ids(client):
    found = client.get("/api/v1/programs?per_page=100").json["programs"]
    return {one["listing"]["id"]: one["id"] for one in found}
