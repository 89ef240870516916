"""A BMLT server of three meetings, and asking it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from finder.catalog.listing_schema import load
from finder.exchange import bmlt_answers
from finder.exchange.bmlt_answers import Answers
from finder.exchange.bmlt_parameters import parameters
from finder.exchange.bmlt_replies import Server, reply
from finder.vocabulary import vocabulary
from tests.exchange.published import SITE, TODAY, entry
from tests.exchange.test_meeting_guide_feed import WORDS

DURHAM = {"name": "Old Mill", "address_1": "1 Elm St", "city": "Durham", "state": "NC", "postal_code": "27701",
          "latitude": 35.996, "longitude": -78.8986, "precision": "exact"}
PLACES = {"Old Mill, 1 Elm St, Durham": (35.996, -78.8986)}


def held(*documents: dict[str, Any], direct: bool = False) -> Answers:
    return bmlt_answers.answers([entry(load(one)) for one in documents], site=SITE, words=WORDS, today=TODAY,
                                direct_links=direct)


def asked(answers: Answers, query: str) -> Any:
    return reply(Server(answers, SITE, vocabulary(), PLACES.get), parameters(parse_qsl(query, keep_blank_values=True)))


def found(answers: Answers, query: str) -> list[str]:
    names: list[str] = [one["meeting_name"] for one in asked(answers, f"switcher=GetSearchResults&{query}")]
    return names


def group(name: str, **fields: Any) -> dict[str, Any]:
    session = {"format": "in_person", "repeats": "FREQ=WEEKLY;BYDAY=MO", "start_time": "18:00",
               "duration_minutes": 90, "timezone": "America/New_York", "location": DURHAM,
               **fields.pop("session", {})}
    return {"format": "finder-listing/1", "id": name.lower().replace(" ", "-"), "name": name,
            "group_type": "mutual_aid",
            "sessions": [session], **fields}


def three_meetings() -> Answers:
    return held(
        group("Early", organization={"name": "River Care", "url": "https://river.example.org"}, attendees="anyone",
              session={"start_time": "07:30", "duration_minutes": 30}),
        group("Later", languages=["es"], attendees="anyone",
              session={"repeats": "FREQ=WEEKLY;BYDAY=TH", "location": {**DURHAM, "latitude": 35.9, "city": "Cary"}}),
        group("Video", focus=["grief"], session={"format": "online_video", "location": None, "timezone": "UTC",
                                                 "repeats": "FREQ=WEEKLY;BYDAY=SU"}))


def of(answers: Answers, key: str) -> str:
    return answers.formats[key].id
