from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from finder import outbox
from finder.mail import bounces
from finder.mail.sending import send_due
from finder.outbox import Silence
from tests.mail.boxes import Kept
from tests.web.site import Site

REPORT = """From: MAILER-DAEMON@mx.example.net
To: list@example.org
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I could not deliver your letter.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}

--b
Content-Type: {copy}

Message-ID: {name}
From: list@example.org

{body}
--b--
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "maildir"
    for name in ("new", "cur", "tmp"):
        (found / name).mkdir(parents=True)
    return found


@pytest.fixture
def site(tmp_path: Path, folder: Path) -> Iterator[Site]:
    found = Site(tmp_path, [], bounces=str(folder))
    with found.app.app_context():
        yield found


def sent(site: Site, address: str = "joy@example.org") -> str:
    """A letter that has gone; gives its name."""
    with site.database.transaction() as session:
        outbox.write(session, "report_answer", address, {"name": "River", "answer": "Thank you."}, now=site.clock())
    box = Kept()
    send_due(site.app, site.app.extensions["finder"], box, site.clock())
    return str(box.letters[0][1]["Message-ID"])


def take_in(site: Site) -> int:
    return bounces.take_in(site.app.extensions["finder"], site.clock())["bounced"]


def silenced(site: Site) -> list[str]:
    with site.database.reading() as session:
        return [one.address for one in session.scalars(select(Silence)) if one.reason == "bounced"]


def put(folder: Path, **facts: str) -> Path:
    words = {"address": "joy@example.org", "action": "failed", "status": "5.1.1", "name": "<other@example.org>",
             "copy": "text/rfc822-headers", "body": ""} | facts
    path = folder / "new" / "1.host"
    path.write_text(REPORT.format(**words))
    return path


@pytest.mark.parametrize("copy", ["text/rfc822-headers", "message/rfc822"])
def test_a_letter_that_came_back_for_good_silences_its_address_by_the_letters_name(site: Site, folder: Path,
                                                                                   copy: str) -> None:
    path = put(folder, name=sent(site), address="forwarded@example.net", copy=copy, body="Hello")
    assert take_in(site) == 1
    assert silenced(site) == ["joy@example.org"]
    assert not path.exists()


def test_without_the_letters_name_the_address_gets_no_more_but_what_it_asks_for(site: Site, folder: Path) -> None:
    sent(site)
    report = put(folder, name="")
    report.write_text(report.read_text().replace("Message-ID: \n", ""))
    assert take_in(site) == 1
    with site.database.reading() as session:
        assert outbox.is_silenced(session, "joy@example.org", "check")
        assert not outbox.is_silenced(session, "joy@example.org", "sign_in")  # anybody can send such a report


def test_a_report_whose_parts_lie_too_deep_in_each_other_stops_no_other(site: Site, folder: Path) -> None:
    deep = "".join(f'Content-Type: multipart/report; report-type=delivery-status; boundary="{one}"\n\n--{one}\n'
                   for one in range(3000))
    (folder / "new" / "0.host").write_text(deep)
    put(folder, name=sent(site))
    assert take_in(site) == 1
    assert [path.name for path in (folder / "cur").iterdir()] == ["0.host:2,S"]


@pytest.mark.parametrize("facts", [
    {"action": "delayed", "status": "4.4.7"}, {"status": "4.2.2"}, {"action": "delivered", "status": "2.0.0"},
    {"status": "5.7.1"}, {"name": "<someone.elses@letter>"},
], ids=["delayed", "for_now", "delivered", "policy", "not_ours"])
def test_any_other_report_silences_nobody(site: Site, folder: Path, facts: dict[str, str]) -> None:
    path = put(folder, **{"name": sent(site), **facts})
    assert take_in(site) == 0
    assert silenced(site) == []
    assert not path.exists()


@pytest.mark.parametrize("words", ["", "Subject: Out of office\n\nI am away.\n", "\xff\x00 no letter", "a" * 1_100_000],
                         ids=["empty", "reply", "noise", "large"])
def test_what_is_no_report_is_set_aside_as_seen(site: Site, folder: Path, words: str) -> None:
    (folder / "new" / "1.host").write_text(words)
    assert take_in(site) == 0
    assert not list((folder / "new").iterdir())
    assert [path.name for path in (folder / "cur").iterdir()] == ["1.host:2,S"]


def test_a_plain_folder_does_as_well(site: Site, folder: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    put(folder, name=sent(site)).rename(plain / "a.eml")
    (plain / "b.eml").write_text("Subject: Hello\n\nThanks.\n")
    services = site.app.extensions["finder"]
    elsewhere = dataclasses.replace(services, settings=dataclasses.replace(services.settings, bounces=str(plain)))
    assert bounces.take_in(elsewhere, site.clock()) == {"bounced": 1}
    assert [str(path.relative_to(plain)) for path in sorted(plain.rglob("*.eml"))] == ["seen/b.eml"]


def test_a_report_about_a_letter_of_long_ago_counts_no_more(site: Site, folder: Path) -> None:
    name = sent(site)
    with site.database.transaction() as session:
        outbox.forget(session, site.clock() + timedelta(days=31))
    put(folder, name=name)
    assert take_in(site) == 0
