from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from standardwebhooks import Webhook

from finder import outbox
from finder.catalog.models import PUBLISHED, WITHHELD
from finder.cli import hook_jobs
from finder.exchange import change_log
from finder.exchange.change_log import Place
from finder.exchange.posting import Posted, post
from finder.hooks import keeping
from finder.hooks.models import HELD, OFF, ON
from finder.outbox import LEASE
from tests.hooks.receiver import served
from tests.hooks.site import URL, HookSite
from tests.listings.database import take
from tests.web.site import group

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
MINUTES = [1, 5, 30, 120, 300, 600, 720, 720]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[HookSite]:
    found = HookSite(tmp_path)
    with found.app.app_context():
        yield found


def done(**counts: int) -> dict[str, int]:
    return {"written": 0, "sent": 0, "later": 0, "failed": 0, **counts}


def test_a_hook_is_told_once_when_listings_change(site: HookSite) -> None:
    assert site.round() == done()
    site.bring(2)
    assert site.round() == done(written=1, sent=1)
    assert site.round(MINUTE) == done()
    assert site.see().told == site.database.catalog_version()
    assert site.see().good_at == (site.clock() - MINUTE).replace(tzinfo=None)
    assert site.receiver.urls == [(URL, False)]


def test_what_it_is_told_names_listings_by_number_and_leads_to_the_changes(site: HookSite) -> None:
    site.bring(2)
    site.round()
    (call,) = site.receiver.calls
    said = call.said
    with site.database.reading() as session:
        state = change_log.state(session)
        assert change_log.place_of(session, said["after"], state) == Place(1)
        (change,) = change_log.after(session, Place(1), state, 10).changes
    assert said == {
        "type": "listings.changed", "timestamp": "2026-11-24T12:00:00Z",
        "instance": {"id": str(state.instance), "name": "Open Seat", "address": "http://127.0.0.1:8000"},
        "after": said["after"], "changes_url": f"http://127.0.0.1:8000/api/v1/changes?after={said['after']}",
        "changes": [{"id": str(change.id), "slug": change.slug, "state": "published"}], "more": False}
    assert "River" not in call.body.decode()


def test_a_large_import_is_one_message_that_names_a_hundred(site: HookSite) -> None:
    site.bring(*range(2, 400))
    assert site.round() == done(written=1, sent=1)
    (call,) = site.receiver.calls
    assert (len(call.said["changes"]), call.said["more"]) == (100, True)
    assert len(call.body) < 20_000  # what Standard Webhooks asks for
    assert site.round(MINUTE) == done()


def test_listings_that_are_gone_or_hidden_are_told_as_gone_and_what_was_never_shown_is_not(site: HookSite) -> None:
    site.state(0, WITHHELD)
    take(site.database, [group(9)], source="Other", publish=False)
    site.round()
    assert [one["state"] for one in site.receiver.calls[0].said["changes"]] == ["gone"]
    site.state(0, PUBLISHED)
    site.round(MINUTE)
    assert [one["state"] for one in site.receiver.calls[1].said["changes"]] == ["published"]


def test_nothing_is_told_when_nothing_changed_that_anybody_sees(site: HookSite) -> None:
    with site.database.transaction() as session:
        session.execute(text("UPDATE catalog_state SET version = version + 1"))
    assert site.round() == done()
    assert site.see().told == site.database.catalog_version()


def test_the_name_that_stewards_gave_the_site_is_told(site: HookSite) -> None:
    site.bring(2)
    here = hook_jobs.here(site.app.extensions["finder"])
    assert (here.name, here.address) == ("Open Seat", "http://127.0.0.1:8000")


def test_rows_of_messages_keep_nothing_of_what_was_told(site: HookSite) -> None:
    site.bring(2)
    site.round()
    (row,) = site.messages()
    assert (row.state, row.facts, row.address) == ("sent", {}, str(site.hook.id))


# -- as it goes over the network -------------------------------------------------------------------------------------


def test_a_server_gets_the_message_and_the_library_of_the_standard_verifies_it(tmp_path: Path) -> None:
    site = HookSite(tmp_path)
    site.clock.at = datetime.now(UTC)
    with served() as (url, calls), site.app.app_context():
        _, secret = site.add("Near", url, anywhere=True)
        site.bring(2)
        assert hook_jobs.look_after(site.app.extensions["finder"], site.clock(),
                                    lambda url, *rest, **how: Posted(204) if url == URL else post(url, *rest, **how)
                                    ) == done(written=2, sent=2)
    (call,) = calls
    assert Webhook(secret).verify(call.body, dict(call.headers))["type"] == "listings.changed"
    assert call.headers["content-type"] == "application/json"
    assert call.headers["webhook-id"].startswith("msg_")


def test_an_address_inside_is_not_called_where_nobody_allowed_it(tmp_path: Path) -> None:
    site = HookSite(tmp_path)
    with served() as (url, calls), site.app.app_context():
        near, _ = site.add("Near", url, anywhere=True)
        with site.database.transaction() as session:
            hook = keeping.find(session, str(near.id))
            hook.anywhere = False
            keeping.remove(session, keeping.find(session, str(site.hook.id)))
        site.bring(2)
        assert hook_jobs.look_after(site.app.extensions["finder"], site.clock()) == done(written=1, later=1)
        with site.database.reading() as session:
            assert keeping.find(session, str(near.id)).error == "port"
    assert calls == []


# -- what goes wrong -------------------------------------------------------------------------------------------------


def test_a_message_that_fails_is_tried_again_later_and_later_by_the_same_name_and_with_the_same_words(
        site: HookSite) -> None:
    site.bring(2)
    site.receiver.answer = Posted(500)
    assert site.round() == done(written=1, later=1)
    for minutes in MINUTES:
        assert site.round(timedelta(minutes=minutes) - timedelta(seconds=1)) == done()
        assert site.round(timedelta(seconds=1)) == done(later=1)
    site.receiver.answer = Posted(200)
    assert site.round(timedelta(hours=12)) == done(sent=1)
    assert len({(call.name, call.body) for call in site.receiver.calls}) == 1
    stamps = [call.headers["webhook-timestamp"] for call in site.receiver.calls]
    assert stamps == sorted(set(stamps))
    assert (site.see().told, site.see().error) == (site.database.catalog_version(), None)


def test_while_one_message_waits_no_second_one_is_written_and_what_changed_meanwhile_is_told_after_it(
        site: HookSite) -> None:
    site.bring(2)
    site.receiver.answer = "unreachable"
    site.round()
    for number in range(3, 8):
        site.bring(*range(2, number))
        site.round(MINUTE)
    assert len(site.messages()) == 1
    site.receiver.answer = Posted(204)
    assert site.round(timedelta(minutes=30)) == done(sent=1)
    assert site.round(MINUTE) == done(written=1, sent=1)
    first, last = site.receiver.calls[-2:]
    assert [len(one.said["changes"]) for one in (first, last)] == [1, 4]
    assert site.round(MINUTE) == done()


@pytest.mark.parametrize(("answer", "error"), [
    (Posted(503), "status 503"), (Posted(301), "status 301"), (Posted(404), "status 404"), ("too_slow", "too_slow"),
    ("private_address", "private_address"), ("not_safe", "not_safe")], ids=str)
def test_why_it_failed_is_kept_as_a_code(site: HookSite, answer: Posted | str, error: str) -> None:
    site.bring(2)
    site.receiver.answer = answer
    site.round()
    there = site.see()
    assert (there.state, there.error, there.good_at) == (ON, error, None)
    assert there.tried_at == site.clock().replace(tzinfo=None)


def test_a_server_that_wants_to_be_left_alone_is(site: HookSite) -> None:
    site.bring(2)
    site.receiver.answer = Posted(429, 3600)
    site.round()
    assert site.round(timedelta(minutes=59)) == done()
    assert site.round(MINUTE) == done(later=1)


def test_one_that_fails_or_breaks_holds_up_no_other(site: HookSite) -> None:
    site.add("Other", "https://example.com/in")
    site.bring(2)
    broken = threading.Event()

    def breaks() -> None:
        if not broken.is_set():
            broken.set()
            raise RuntimeError("a canary")

    site.receiver.before = breaks
    assert site.round() == done(written=2, sent=1, later=1)
    with site.database.reading() as session:
        assert sorted(str(one.error) for one in keeping.every(session)) == ["None", "broken RuntimeError"]


def test_slow_servers_are_waited_for_at_the_same_time(site: HookSite) -> None:
    for number in range(5):
        site.add(f"Line {number}", f"{URL}/{number}")
    site.bring(2)
    together = threading.Barrier(6, timeout=20)
    site.receiver.before = lambda: together.wait() and None
    assert site.round() == done(written=6, sent=6)


def test_after_three_days_stewards_of_everywhere_get_a_letter_and_after_two_weeks_it_is_held(site: HookSite) -> None:
    site.bring(2)
    site.receiver.answer = Posted(500)
    while site.see().state == ON and site.clock() < site.hook.made_at.replace(tzinfo=UTC) + 20 * DAY:
        site.round(timedelta(hours=6))
    since = (site.hook.made_at + timedelta(hours=6)).date().isoformat()
    letters = site.messages("hook_warning")
    assert [(one.address, one.facts["what"], one.facts["since"]) for one in letters] == [
        ("joy@example.org", "failing", since), ("joy@example.org", "held", since)]
    days = [one.made_at - site.hook.made_at for one in letters]
    assert 3 * DAY <= days[0] < 4 * DAY
    assert 14 * DAY <= days[1] < 15 * DAY
    assert site.see().state == HELD
    tries = len(site.receiver.calls)
    assert site.round(30 * DAY) == done()
    assert len(site.receiver.calls) == tries
    assert site.messages()[-1].facts == {}


def test_switched_on_again_it_is_told_from_where_it_stood_with_one_message(site: HookSite) -> None:
    site.bring(2)
    site.receiver.answer = Posted(500)
    while site.see().state == ON:
        site.round(timedelta(hours=12))
    site.bring(2, 3)
    with site.database.transaction() as session:
        keeping.resume(session, keeping.find(session, str(site.hook.id)))
    site.receiver.answer = Posted(204)
    site.receiver.calls.clear()
    assert site.round(MINUTE) == done(written=1, sent=1)
    (call,) = site.receiver.calls
    assert len(call.said["changes"]) == 2
    assert site.round(MINUTE) == done()


def test_switched_on_again_it_has_three_days_and_two_weeks_anew(site: HookSite) -> None:
    site.bring(2)
    site.receiver.answer = Posted(500)
    while site.see().state == ON:
        site.round(timedelta(hours=12))
    with site.database.transaction() as session:
        keeping.resume(session, keeping.find(session, str(site.hook.id)))
    assert site.round(MINUTE) == done(written=1, later=1)
    assert site.see().state == ON


def test_a_hook_that_had_nothing_to_hear_for_weeks_is_not_in_trouble_at_its_first_failure(site: HookSite) -> None:
    site.clock.at += 100 * DAY
    site.bring(2)
    site.receiver.answer = Posted(500)
    assert site.round() == done(written=1, later=1)
    assert (site.see().state, site.messages("hook_warning")) == (ON, [])


def test_the_other_side_can_say_that_it_wants_no_more(site: HookSite) -> None:
    site.bring(2)
    site.receiver.answer = Posted(410)
    assert site.round() == done(written=1, failed=1)
    assert (site.see().state, site.see().error) == (OFF, "status 410")
    (letter,) = site.messages("hook_warning")
    assert letter.facts == {"name": "County line", "since": site.clock().date().isoformat(), "what": "gone"}
    site.bring(2, 3)
    assert site.round(DAY) == done()


def test_a_secret_that_cannot_be_opened_is_a_failure_like_others(site: HookSite) -> None:
    with site.database.transaction() as session:
        keeping.find(session, str(site.hook.id)).secret = b"of another instance"
    site.bring(2)
    assert site.round() == done(written=1, later=1)
    assert (site.see().error, site.receiver.calls) == ("sealed", [])


# -- workers that end, and several at once ---------------------------------------------------------------------------


class Killed(BaseException):
    """As if the process had ended: nothing is noted."""


def test_a_worker_that_ends_between_sending_and_noting_sends_again_by_the_same_name(
        site: HookSite, monkeypatch: pytest.MonkeyPatch) -> None:
    site.bring(2)
    with monkeypatch.context() as ending:
        def end(*_: Any, **__: Any) -> str:
            raise Killed

        ending.setattr("finder.hooks.telling.note", end)
        with pytest.raises(Killed):
            site.round()
    assert len(site.receiver.calls) == 1
    assert site.see().told < site.database.catalog_version()
    assert site.round(LEASE - timedelta(seconds=1)) == done()  # nobody else takes it while its worker may be at it
    assert site.round(timedelta(seconds=1)) == done(sent=1)
    first, second = site.receiver.calls
    assert (first.name, first.body) == (second.name, second.body)
    assert site.see().told == site.database.catalog_version()


def test_a_worker_that_ends_before_it_writes_loses_nothing(site: HookSite, monkeypatch: pytest.MonkeyPatch) -> None:
    site.bring(2)
    with monkeypatch.context() as ending:
        def end(*_: Any, **__: Any) -> None:
            raise Killed

        ending.setattr("finder.outbox.write", end)
        with pytest.raises(Killed):
            site.round()
    assert site.messages() == []
    assert site.round() == done(written=1, sent=1)


def test_workers_at_the_same_time_send_each_message_once(site: HookSite) -> None:
    for number in range(9):
        site.add(f"Line {number}", f"{URL}/{number}")
    site.bring(2)
    begin = threading.Barrier(3)
    counts: list[Mapping[str, int]] = []

    def work() -> None:
        with site.app.app_context():
            begin.wait()
            counts.append(site.round())
        site.database.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sorted(url for url, _ in site.receiver.urls) == sorted([URL, *(f"{URL}/{one}" for one in range(9))])
    assert len({call.name for call in site.receiver.calls}) == 10
    assert sum(one["sent"] for one in counts) == sum(one["written"] for one in counts) == 10


@pytest.mark.parametrize("answer", [Posted(204), Posted(500), Posted(410)], ids=["taken", "failed", "gone"])
@pytest.mark.parametrize("deed", [keeping.pause, keeping.remove], ids=["paused", "removed"])
def test_a_hook_that_is_paused_or_removed_while_it_is_called_stays_so(site: HookSite, deed: Any,
                                                                     answer: Posted) -> None:
    site.bring(2)

    def act() -> None:
        with site.database.transaction() as session:
            deed(session, keeping.find(session, str(site.hook.id)))

    site.receiver.before, site.receiver.answer = act, answer
    site.round()
    with site.database.reading() as session:
        assert [one.state for one in keeping.every(session)] == ([OFF] if deed is keeping.pause else [])
    assert site.messages()[0].state != "waiting"
    assert site.messages("hook_warning") == []
    assert site.round(DAY) == done()


def test_a_try_that_ends_after_somebody_began_anew_changes_nothing(site: HookSite) -> None:
    site.bring(2)
    site.receiver.answer = Posted(500)
    site.round()

    def resume() -> None:
        with site.database.transaction() as session:
            keeping.resume(session, keeping.find(session, str(site.hook.id)))

    site.receiver.before = resume
    site.round(13 * DAY)
    site.receiver.before = lambda: None
    assert (site.see().state, site.see().error) == (ON, None)
    site.receiver.answer = Posted(204)
    assert site.round(MINUTE) == done(written=1, sent=1)


def test_letters_and_calls_take_their_own_rows(site: HookSite) -> None:
    site.bring(2)
    with site.database.transaction() as session:
        outbox.write(session, "report_answer", "joy@example.org", {}, now=site.clock())
    site.receiver.answer = Posted(500)
    site.round()
    with site.database.transaction() as session:
        letter = outbox.take(session, site.clock() + DAY, "<1@example.org>")
        assert letter is not None
        assert letter.kind == "report_answer"
        assert outbox.take(session, site.clock() + DAY, "<2@example.org>") is None
        call = outbox.take(session, site.clock() + DAY, "msg_2", hooks=True)
        assert call is not None
        assert call.message_id == site.receiver.calls[0].name


def test_a_letter_that_came_back_says_nothing_of_a_hook(site: HookSite) -> None:
    site.bring(2)
    site.receiver.answer = Posted(500)
    site.round()
    with site.database.transaction() as session:
        assert not outbox.came_back(session, None, str(site.hook.id), site.clock())
        assert not outbox.came_back(session, site.receiver.calls[0].name, None, site.clock())
