import uuid
from datetime import timedelta

import pytest
from sqlalchemy import JSON, LargeBinary, String, select, update

from finder import outbox
from finder.accounts import people
from finder.accounts.models import DISABLED, Account, ApiToken, Grant, Token
from finder.accounts.permissions import Role, Scope
from finder.outbox import Message
from finder.referrals import insight, retention
from finder.referrals.models import AnswerTally, Consent, Referral, ReferralEvent, ReferralTask
from finder.referrals.moving import RECEIVER
from finder.referrals.retention import KEPT, LAPSED
from finder.referrals.states import Move
from finder.teams.models import ENDED, REFUSED, WAITING, Member, SavedSearch, Team
from tests.listings.database import NOW
from tests.referrals.desk import Desk, day, later
from tests.referrals.samples import make_team

DAYS = 90
# Columns that are no words of anybody: what ties rows together, and codes that the rules look at.
FIXED = {"key", "id", "team_id", "referral_key", "task_key", "program_id", "account_id", "state", "hash", "subject",
         "short_code", "address", "purpose", "kind"}


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def do(desk, deed, *arguments, **how):
    with desk.database.transaction() as session:
        return deed(session, *arguments, **how)


def purge(desk, key, now):
    return do(desk, retention.purge, key, now=now, days=DAYS)


def bytes_of(desk):
    return b"".join(one.read_bytes() for one in sorted(desk.path.parent.iterdir()))


def written(desk):
    """The database and its log; the third file only says who is reading."""
    return [(one.name, one.read_bytes()) for one in sorted(desk.path.parent.iterdir()) if "-shm" not in one.name]


def put_canaries(desk, table, *where):
    """Fills every field of words in some rows, and gives what it wrote."""
    values, made = {}, []
    for column in table.__table__.columns:
        canary = f"Canary-{table.__tablename__}-{column.name}-{uuid.uuid4().hex[:8]}"
        wrap = {String: str, LargeBinary: str.encode, JSON: lambda one: {"words": one}}
        kind = next((one for one in wrap if isinstance(column.type, one)), None)
        if kind is not None and column.name not in FIXED:
            values[column.name] = wrap[kind](canary)
            made.append(canary)
    with desk.database.transaction() as session:
        assert session.execute(update(table).where(*where).values(values)).rowcount >= 1
    return made


def left(desk, canaries):
    found = bytes_of(desk)
    return [one for one in canaries if one.encode() in found]


# -- referrals -------------------------------------------------------------------------------------------------------


@pytest.mark.sqlite
def test_P11_after_a_purge_no_byte_of_a_referral_is_in_any_file(desk):
    made = desk.refer(0, 1, identity={"name": "Maria"}, consent={"what": ["identity"]})
    key = made.referral.key
    desk.do(desk.task(made), Move.RECEIVE, RECEIVER)
    desk.close(key, "other")
    with desk.database.transaction() as session:
        outbox.write(session, "referral_news", "Canary-owner@clinic.example", {"key": key, "what": "Canary-what"},
                     now=NOW, once=f"referral_news:{key}:Canary-once")
        (link,) = (facts["link"] for kind, _, facts in desk.letters("referral"))
    names = {one.key for one in desk.tasks(key)}
    canaries = [
        *put_canaries(desk, Referral, Referral.key == key), *put_canaries(desk, ReferralTask),
        *put_canaries(desk, Consent), *put_canaries(desk, ReferralEvent),
        *put_canaries(desk, Token, Token.subject.in_(names)),
        "canary-owner@clinic.example", "Canary-what", "Canary-once", link, key, *names]
    assert left(desk, canaries) == canaries  # the search finds what is there
    assert not purge(desk, key, later(DAYS) - timedelta(seconds=1))
    assert purge(desk, key, later(DAYS))
    assert desk.database.sweep()
    assert left(desk, canaries) == []
    assert [len(desk.every(one)) for one in (Referral, ReferralTask, Consent, ReferralEvent)] == [0, 0, 0, 0]


def test_what_is_not_the_purged_referrals_stays(desk):
    gone, kept = desk.refer(0), desk.refer(0, 1)
    desk.close(gone.referral.key, "other")
    before = (desk.history(kept.referral.key), desk.states(kept), desk.consents(desk.task(kept)),
              desk.open_links(desk.task(kept)))
    assert purge(desk, gone.referral.key, later(DAYS))
    assert desk.open_links(desk.task(kept)) == 1
    assert (desk.history(kept.referral.key), desk.states(kept)) == before[:2]
    assert len(desk.consents(desk.task(kept))) == len(before[2])
    assert desk.tally(0)["sent"] == 2  # counts point to nobody


def test_a_letter_that_still_waits_with_a_link_of_a_purged_referral_goes_unsent(desk):
    gone, kept = desk.refer(0), desk.refer(1)
    desk.close(gone.referral.key, "other")
    purge(desk, gone.referral.key, later(DAYS))
    assert [to for _, to, _ in desk.letters("referral")] == ["group1@groups.example"]
    assert kept.is_new


@pytest.mark.parametrize("days", [1, 90, 3650])
def test_a_closed_referral_is_over_after_the_days_of_the_setting(desk, days):
    made = desk.refer(0)
    desk.close(made.referral.key, "other")
    with desk.database.reading() as session:
        assert retention.over(session, later(days) - timedelta(seconds=1), days=days) == []
        assert retention.over(session, later(days), days=days) == [made.referral.key]


def test_an_open_referral_is_never_purged_and_one_that_was_opened_anew_neither(desk):
    made = desk.refer(0)
    assert not purge(desk, made.referral.key, later(4000))
    desk.do(desk.task(made), Move.ATTEND, desk.sender)
    desk.do(desk.task(made), Move.MISS, desk.sender)
    assert not purge(desk, made.referral.key, later(4000))
    assert not purge(desk, "A" * 22, later(4000))


def untouched(desk, now):
    with desk.database.reading() as session:
        return retention.untouched(session, now)


def test_what_nobody_touched_for_180_days_lapses_then_has_90_days_more(desk):
    made = desk.refer(0)
    desk.do(desk.task(made), Move.ASK, RECEIVER, later(1), asked=["times"])
    key = made.referral.key
    assert untouched(desk, later(181) - timedelta(seconds=1)) == []
    assert untouched(desk, later(181)) == [key]
    assert do(desk, retention.lapse, key, now=later(181))
    assert not do(desk, retention.lapse, key, now=later(181))
    referral = desk.referral(key)
    assert (referral.state, referral.outcome) == ("closed", LAPSED)
    assert desk.states(made) == ["withdrawn"]
    assert desk.told()[-1] == "lapsed"
    assert not purge(desk, key, later(181 + DAYS - 1))
    assert purge(desk, key, later(181 + DAYS))


def test_what_is_awaited_on_a_day_to_come_does_not_lapse(desk):
    made = desk.refer(0, consent={"until": day(360).isoformat()})
    desk.do(desk.task(made), Move.WAIT, RECEIVER, weeks=40)
    assert untouched(desk, later(200)) == []
    desk.tick(later(7 * 40 + 3))
    assert untouched(desk, later(7 * 40 + 3)) == [made.referral.key]


@pytest.mark.parametrize(("weeks", "until"), [(260, 360), (40, 100)], ids=["for years", "without a yes"])
def test_no_program_holds_a_referral_open_that_nobody_touches(desk, weeks, until):
    made = desk.refer(0, consent={"until": day(until).isoformat()})
    desk.do(desk.task(made), Move.WAIT, RECEIVER, weeks=weeks)
    assert untouched(desk, later(180) - timedelta(seconds=1)) == []
    assert untouched(desk, later(180)) == [made.referral.key]


@pytest.mark.parametrize("state", [ENDED, None], ids=["ended", "its last account closed"])
def test_what_a_team_had_open_in_which_nobody_is_left_is_closed(desk, state):
    made = desk.refer(0)
    with desk.database.transaction() as session:
        assert retention.unread(session) == []
        if state:
            session.get_one(Team, desk.team).state = state
        else:
            session.get_one(Account, desk.account).state = DISABLED
    with desk.database.reading() as session:
        assert retention.unread(session) == [made.referral.key]
    assert do(desk, retention.lapse, made.referral.key, now=NOW)
    with desk.database.reading() as session:
        assert retention.unread(session) == []


# -- the files -------------------------------------------------------------------------------------------------------


@pytest.mark.sqlite
def test_a_sweep_is_owed_until_it_was_done_also_by_another_worker(desk):
    made = desk.refer(0, code="ZZ9-88")
    desk.close(made.referral.key, "other")
    purge(desk, made.referral.key, later(DAYS))
    with desk.database.reading() as reader:
        reader.execute(select(Team)).all()  # an old view of the database is still in use
        assert not desk.database.sweep()
    other = type(desk.database)(desk.database.url)
    assert other.sweep()
    other.close()
    assert left(desk, ["ZZ9-88"]) == []


def test_a_sweep_that_nobody_owes_writes_nothing(desk):
    desk.refer(0)
    before = written(desk)
    assert desk.database.sweep()
    assert written(desk) == before


def test_nothing_is_owed_when_the_deed_is_taken_back(desk):
    made = desk.refer(0)
    desk.close(made.referral.key, "other")

    def purge_and_fall():
        with desk.database.transaction() as session:
            retention.purge(session, made.referral.key, now=later(DAYS), days=DAYS)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        purge_and_fall()
    before = written(desk)
    assert desk.database.sweep()
    assert written(desk) == before


@pytest.mark.parametrize("end", ["sent", "failed", "silenced", "tried too often"])
def test_a_list_for_a_client_is_forgotten_with_its_address_as_soon_as_it_went_or_failed(desk, end):
    address = "canary-client@home.example"
    with desk.database.transaction() as session:
        outbox.write(session, "list", address, {"keys": ["Canary-key"]}, now=NOW)
        outbox.write(session, "check", "other@groups.example", {}, now=later(1))
    if end == "silenced":
        do(desk, outbox.silence, address, "list", outbox.UNSUBSCRIBED, NOW)
    if end == "tried too often":
        with desk.database.transaction() as session:
            session.execute(update(Message).values(tries=len(outbox.BACK_OFF) + 1))
    taken = do(desk, outbox.take, NOW, "<1@example.org>")
    if end == "sent":
        do(desk, outbox.sent, taken.id, NOW)
    elif end == "failed":
        do(desk, outbox.give_up, taken.id, "refused 550")
    else:
        assert taken is None
    assert [to for _, to, _ in desk.letters()] == ["other@groups.example"]
    if end != "silenced":
        assert desk.database.empty_log()
        assert left(desk, [address, "Canary-key"]) == []


def test_a_list_that_may_go_later_keeps_its_address_until_then(desk):
    with desk.database.transaction() as session:
        outbox.write(session, "list", "client@home.example", {"keys": []}, now=NOW)
    taken = do(desk, outbox.take, NOW, "<1@example.org>")
    assert do(desk, outbox.put_off, taken.id, "busy", NOW)
    assert [to for _, to, _ in desk.letters()] == ["client@home.example"]


# -- what else of teams ----------------------------------------------------------------------------------------------


def test_a_search_nobody_looked_at_for_a_year_is_dropped(desk):
    def search(name, **at):
        return SavedSearch(team_id=desk.team, account_id=desk.account, name=name, intake={"words": name}, **at)

    with desk.database.transaction() as session:
        at = NOW.replace(tzinfo=None)
        session.add_all([search("Canary-old", made_at=at, looked_at=at),
                         search("Canary-never", made_at=at),
                         search("Looked at", made_at=at, looked_at=at + timedelta(1)),
                         search("New", made_at=at + timedelta(1))])
    counts = do(desk, retention.forget, NOW + KEPT["saved_search"])
    assert counts["searches"] == 2
    assert {one.name for one in desk.every(SavedSearch)} == {"Looked at", "New"}
    assert desk.database.sweep()
    assert left(desk, ["Canary-old", "Canary-never"]) == []


def test_a_token_that_ended_or_ran_out_is_dropped_after_90_days(desk):
    def token(name, ends, ended=None):
        return ApiToken(hash=name.encode(), account_id=desk.account, name=name, last="abcd", scopes=["x"],
                        made_at=NOW.replace(tzinfo=None), expires_at=later(ends).replace(tzinfo=None),
                        ended_at=later(ended).replace(tzinfo=None) if ended is not None else None)

    with desk.database.transaction() as session:
        session.add_all([token("Canary-ran out", 1), token("Canary-ended", 300, 1), token("good", 300),
                         token("ended yesterday", 300, 90), token("ran out yesterday", 90)])
    assert do(desk, retention.forget, later(91))["tokens"] == 2
    assert {one.name for one in desk.every(ApiToken)} == {"good", "ended yesterday", "ran out yesterday"}
    assert desk.database.sweep()
    assert left(desk, ["Canary-ran out", "Canary-ended"]) == []


@pytest.mark.sqlite
@pytest.mark.parametrize(("state", "days"), [(WAITING, 180), (REFUSED, 90), (ENDED, 90)])
def test_a_team_that_is_none_is_dropped_with_all_that_is_its_own(desk, state, days):
    with desk.database.transaction() as session:
        team, _ = make_team(session, "Canary-team", "canary@clinic.example")
        team.state, team.decided_at = state, NOW.replace(tzinfo=None)
        session.add(AnswerTally(team_id=team.id, program_id=desk.programs[0], month="2026-11", sent=1))
    canaries = put_canaries(desk, Team, Team.id == team.id) + put_canaries(desk, Member, Member.team_id == team.id)
    assert do(desk, retention.forget, later(days) - timedelta(seconds=1))["teams"] == 0
    assert do(desk, retention.forget, later(days))["teams"] == 1
    assert desk.database.sweep()
    assert left(desk, canaries) == []
    assert [one.id for one in desk.every(Team)] == [desk.team]
    assert {one.value for one in desk.every(Grant)} == {str(desk.team)}
    assert desk.every(AnswerTally) == []


def test_a_team_that_ended_stays_until_its_last_referral_is_gone(desk):
    made = desk.refer(0)
    with desk.database.transaction() as session:
        team = session.get_one(Team, desk.team)
        team.state, team.decided_at = ENDED, NOW.replace(tzinfo=None)
    assert do(desk, retention.forget, later(200))["teams"] == 0
    desk.close(made.referral.key, LAPSED)
    purge(desk, made.referral.key, later(200))
    assert do(desk, retention.forget, later(200))["teams"] == 1


def test_a_team_at_work_stays(desk):
    with desk.database.transaction() as session:
        account = people.find_or_make(session, "x@y.example", now=NOW)
        people.give(session, account.id, Role.OPERATOR, by="a test", now=NOW, scope=Scope.PROGRAM, value="1")
    assert do(desk, retention.forget, later(4000)) == {"searches": 0, "tokens": 0, "teams": 0, "tallies": 0}
    assert len(desk.every(Grant)) == 2


def test_counts_are_kept_as_long_as_they_are_told(desk):
    with desk.database.transaction() as session:
        for month in ("2025-10", insight.first_month(NOW.date()), "2026-11"):
            session.add(AnswerTally(team_id=desk.team, program_id=desk.programs[0], month=month, sent=1))
    assert do(desk, retention.forget, NOW)["tallies"] == 1
    assert {one.month for one in desk.every(AnswerTally)} == {"2025-12", "2026-11"}
