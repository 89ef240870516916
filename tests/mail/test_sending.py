from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from finder import outbox
from finder.mail.postbox import Later, Refused, Unreachable
from finder.mail.sending import send_due
from finder.outbox import Message, Silence
from tests.mail.boxes import Failing, Kept
from tests.web.site import Site

MINUTES = [1, 5, 30, 120, 720]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    found = Site(tmp_path, [])
    with found.app.app_context():
        yield found


def write(site: Site, address: str = "joy@example.org", kind: str = "report_answer", **more: object) -> None:
    with site.database.transaction() as session:
        outbox.write(session, kind, address, {"name": "River", "answer": "It is put right.", **more}, now=site.clock())


def send(site: Site, postbox: object) -> dict[str, int]:
    return send_due(site.app, site.app.extensions["finder"], postbox, site.clock())  # type: ignore[arg-type]


def messages(site: Site) -> list[Message]:
    with site.database.reading() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def silences(site: Site) -> list[tuple[str, str, str]]:
    with site.database.reading() as session:
        return [(one.address, one.kind, one.reason) for one in session.scalars(select(Silence))]


def test_a_letter_goes_once_and_what_it_said_is_forgotten(site: Site) -> None:
    write(site, "Joy@Example.org")
    box = Kept()
    assert send(site, box) == {"sent": 1, "later": 0, "failed": 0}
    assert send(site, box)["sent"] == 0
    ((address, letter),) = box.letters
    (row,) = messages(site)
    assert address == "joy@example.org"
    assert "It is put right." in letter.get_content()
    assert (row.state, row.facts, row.message_id) == ("sent", {}, letter["Message-ID"])


def test_a_letter_that_is_not_due_waits(site: Site) -> None:
    with site.database.transaction() as session:
        outbox.write(session, "report_answer", "joy@example.org", {"name": "A", "answer": "B"}, now=site.clock(),
                     due=site.clock() + timedelta(days=1))
    assert send(site, Kept())["sent"] == 0
    site.wait(86_400)
    assert send(site, Kept())["sent"] == 1


def test_a_letter_that_fails_for_now_is_tried_after_longer_and_longer_waits_and_then_fails(site: Site) -> None:
    write(site)
    box = Failing(Later("451"))
    for minutes in MINUTES:
        assert send(site, box)["later"] == 1
        site.wait(minutes * 60 - 1)
        assert send(site, box) == {"sent": 0, "later": 0, "failed": 0}
        site.wait(1)
    assert send(site, box)["failed"] == 1
    (row,) = messages(site)
    assert (box.tries, row.state, row.error, row.facts) == (6, "failed", "451", {})
    assert silences(site) == []


def test_every_try_has_the_same_name_so_that_a_double_can_be_told(site: Site) -> None:
    write(site)
    send(site, Failing(Later("451")))
    (first,) = messages(site)
    site.wait(60)
    box = Kept()
    send(site, box)
    assert box.letters[0][1]["Message-ID"] == first.message_id


def test_an_address_where_nobody_is_gets_nothing_more_not_even_to_sign_in(site: Site) -> None:
    write(site)
    assert send(site, Failing(Refused(550, gone=True)))["failed"] == 1
    assert silences(site) == [("joy@example.org", "*", "bounced")]
    write(site, "JOY@example.org", "sign_in")
    assert send(site, Kept()) == {"sent": 0, "later": 0, "failed": 0}
    assert [one.state for one in messages(site)] == ["failed", "dropped"]


@pytest.mark.parametrize("box", [Kept(), Failing(Refused(550, gone=True)), Failing(Refused(554, gone=False))],
                         ids=["sent", "nobody there", "refused"])
def test_of_a_list_for_a_client_no_address_is_left_whatever_came_of_it(site: Site, box: object) -> None:
    with site.database.transaction() as session:
        outbox.write(session, "list", "client@home.example", {"keys": []}, now=site.clock())
    send(site, box)
    assert messages(site) == []
    assert silences(site) == []


def test_a_letter_that_is_refused_for_other_reasons_silences_nobody(site: Site) -> None:
    write(site)
    assert send(site, Failing(Refused(554, gone=False)))["failed"] == 1
    assert silences(site) == []


def test_a_server_that_is_away_is_asked_once_a_round_and_costs_one_letter_a_try(site: Site) -> None:
    for number in range(3):
        write(site, f"{number}@example.org")
    box = Failing(Unreachable("ConnectionRefusedError"))
    assert send(site, box) == {"sent": 0, "later": 1, "failed": 0}
    assert [one.tries for one in messages(site)] == [1, 0, 0]


def test_a_letter_without_words_fails_and_the_others_go(site: Site) -> None:
    write(site, kind="no_such_letter")
    write(site, kind="check", listings="not a list of listings")
    write(site)
    box = Kept()
    assert send(site, box) == {"sent": 1, "later": 0, "failed": 2}
    assert [one.state for one in messages(site)] == ["failed", "failed", "sent"]


def test_who_wants_no_reminders_still_gets_what_they_asked_for(site: Site) -> None:
    with site.database.transaction() as session:
        outbox.silence(session, "joy@example.org", "*", outbox.UNSUBSCRIBED, site.clock())
        outbox.silence(session, "sam@example.org", "check", outbox.UNSUBSCRIBED, site.clock())
        assert outbox.is_silenced(session, "joy@example.org", "report_answer")
        assert not outbox.is_silenced(session, "Joy@example.org ", "sign_in")
        assert outbox.is_silenced(session, "sam@example.org", "check")
        assert not outbox.is_silenced(session, "sam@example.org", "decision")


def test_two_workers_never_have_the_same_letter_in_hand(site: Site) -> None:
    for number in range(30):
        write(site, f"{number}@example.org")
    boxes = [Kept(), Kept(), Kept()]

    def work(box: Kept) -> None:
        with site.app.app_context():
            send(site, box)
        site.database.close()

    workers = [threading.Thread(target=work, args=(box,)) for box in boxes]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    addresses = [address for box in boxes for address, _ in box.letters]
    assert sorted(addresses) == sorted(f"{number}@example.org" for number in range(30))


def test_a_letter_whose_worker_died_is_taken_up_again(site: Site) -> None:
    write(site)
    with site.database.transaction() as session:
        assert outbox.take(session, site.clock(), "<1@example.org>") is not None
    assert send(site, Kept())["sent"] == 0
    site.wait(15 * 60)
    assert send(site, Kept())["sent"] == 1


def test_rows_of_letters_go_after_thirty_days(site: Site) -> None:
    write(site)
    send(site, Kept())
    with site.database.transaction() as session:
        outbox.forget(session, site.clock() + timedelta(days=29))
    assert len(messages(site)) == 1
    with site.database.transaction() as session:
        outbox.forget(session, site.clock() + timedelta(days=31))
    assert messages(site) == []


def test_what_is_logged_of_a_failure_holds_no_words_of_people(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    write(site, "canary@example.org", "check", listings="a canary in the facts")
    send(site, Kept())
    assert "check" in caplog.text
    assert "canary" not in caplog.text


@pytest.mark.parametrize("address", ["(1)joy@example.org", "joy@example.org,other", "x:joy@example.org"])
def test_an_address_that_is_read_as_another_one_is_not_written_to(site: Site, address: str) -> None:
    write(site, address)
    box = Kept()
    assert send(site, box) == {"sent": 0, "later": 0, "failed": 1}
    assert box.letters == []


def test_a_letter_whose_row_went_with_its_account_holds_up_no_other(site: Site) -> None:
    class Deleting(Kept):
        def post(self, message: EmailMessage, address: str) -> None:
            super().post(message, address)
            with site.database.transaction() as session:
                session.execute(delete(Message).where(Message.address == address))

    write(site)
    write(site, "kim@example.org")
    assert send(site, Deleting())["sent"] == 2
