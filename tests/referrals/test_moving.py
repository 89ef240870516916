from datetime import timedelta

import pytest

from finder import outbox
from finder.errors import Conflict, Invalid, NotFound, TooOften
from finder.referrals import letters, moving, pace
from finder.referrals.moving import CLIENT, CLOCK, RECEIVER
from finder.referrals.reading import history
from finder.referrals.states import Move
from tests.listings.database import NOW
from tests.referrals.desk import CALLED, OWNER, Desk, close_account, day, later


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_a_yes_has_its_first_date_and_a_later_one_replaces_it(desk):
    made = desk.refer(0)
    key = desk.task(made)
    desk.do(key, Move.ACCEPT, RECEIVER, first_on=day(3))
    desk.do(key, Move.ACCEPT, RECEIVER, first_on=day(10))
    (task,) = desk.tasks(made.referral.key)
    assert (task.state, task.first_on, task.due_at.date()) == ("accepted", day(10), day(13))
    assert task.answered_at == NOW.replace(tzinfo=None)


@pytest.mark.parametrize(("what", "said", "field"), [
    (Move.ACCEPT, {}, "first_on"),
    (Move.ACCEPT, {"first_on": day(-2)}, "first_on"),
    (Move.ACCEPT, {"first_on": day(367)}, "first_on"),
    (Move.WAIT, {"weeks": -1}, "weeks"),
    (Move.WAIT, {"weeks": 261}, "weeks"),
    (Move.DECLINE, {}, "reason"),
    (Move.DECLINE, {"reason": "no time"}, "reason"),
    (Move.ASK, {}, "asked"),
    (Move.ASK, {"asked": ["everything"]}, "asked"),
])
def test_what_belongs_to_a_move_is_checked_and_nothing_is_changed(desk, what, said, field):
    made = desk.refer(0)
    with pytest.raises(Invalid) as refused:
        desk.do(desk.task(made), what, RECEIVER, **said)
    assert set(refused.value.errors) == {field}
    assert desk.states(made) == ["sent"]


def test_a_note_is_sealed_by_its_maker_and_checked_before():
    assert moving.checked_note(" We call on Monday.\r\nAsk for Jo. ") == "We call on Monday.\nAsk for Jo."
    with pytest.raises(Invalid):
        moving.checked_note("x" * 501)
    with pytest.raises(Invalid):
        moving.checked_note("a\0b")


def test_an_answer_over_anothers_answer_is_refused_by_the_version_that_was_read(desk):
    made = desk.refer(0)
    (task,) = desk.tasks(made.referral.key)
    desk.do(task.key, Move.ACCEPT, RECEIVER, first_on=day(3), version=task.version)
    with pytest.raises(Conflict) as refused:
        desk.do(task.key, Move.DECLINE, RECEIVER, reason="full", version=task.version)
    assert refused.value.code == "stale"
    assert desk.states(made) == ["accepted"]


def test_an_illegal_move_is_refused_and_leaves_no_trace(desk):
    made = desk.refer(0)
    before = desk.history(made.referral.key), desk.letters()
    with pytest.raises(Conflict) as refused:
        desk.do(desk.task(made), Move.TELL, desk.sender)
    assert refused.value.code == "illegal_move"
    assert (desk.history(made.referral.key), desk.letters()) == before


@pytest.mark.parametrize("key", ["A" * 22, "", "../x", "\ud800" * 22])
def test_a_task_that_is_not_there_is_not_found(desk, key):
    with pytest.raises(NotFound), desk.database.reading() as session:
        moving.find(session, key)


# -- what follows ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("what", "by", "said"), [
    (Move.DECLINE, RECEIVER, {"reason": "full"}), (Move.EXPIRE, CLOCK, {}), (Move.WITHDRAW, CLIENT, {})],
    ids=["no", "no answer", "the person does not want it"])
def test_after_a_no_the_next_in_order_is_asked_by_itself(desk, what, by, said):
    made = desk.refer(0, 1, 2)
    desk.do(desk.task(made), what, by, **said)
    assert desk.states(made)[1:] == ["sent", "planned"]
    assert [to for kind, to, _ in desk.letters() if kind == "referral"] == [
        "group0@groups.example", "group1@groups.example"]
    assert desk.letters("referral_news")[-1][2]["then"] == letters.NEXT_ASKED


def test_nobody_is_asked_by_itself_where_the_sender_wants_to_choose(desk):
    made = desk.refer(0, 1, asks_next=False)
    desk.do(desk.task(made), Move.DECLINE, RECEIVER, reason="full")
    assert desk.states(made) == ["declined", "planned"]
    assert desk.letters("referral_news")[-1][1:] == (
        OWNER, {"key": made.referral.key, "what": "declined", "then": letters.CHOOSE_NEXT})


@pytest.mark.parametrize("fields", [{"status": "paused"}, {"status": "closed"}])
def test_a_group_that_rests_is_passed_over(desk, fields):
    made = desk.refer(0, 1, 2)
    desk.change(1, **fields)
    desk.do(desk.task(made), Move.DECLINE, RECEIVER, reason="full")
    assert desk.states(made) == ["declined", "planned", "sent"]


def test_what_no_consent_covers_any_more_is_asked_by_nobody(desk):
    made = desk.refer(0, 1)
    over = later(91)
    desk.do(desk.task(made), Move.DECLINE, desk.sender, over, reason="full")
    assert desk.states(made) == ["declined", "planned"]
    with pytest.raises(Conflict) as refused:
        desk.do(desk.task(made, 1), Move.SEND, desk.sender, over)
    assert refused.value.code == "no_consent"


def test_an_answer_to_a_question_tells_the_program_again_only_under_a_consent(desk):
    made = desk.refer(0)
    desk.do(desk.task(made), Move.ASK, RECEIVER, asked=["times"])
    with pytest.raises(Conflict) as refused:
        desk.do(desk.task(made), Move.TELL, desk.sender, later(91))
    assert refused.value.code == "no_consent"
    desk.do(desk.task(made), Move.TELL, desk.sender, later(8))
    (task,) = desk.tasks(made.referral.key)
    assert (task.state, task.reminders, task.due_at) == ("sent", 0, later(13).replace(tzinfo=None))
    assert len(desk.letters("referral")) == 2


def ask_and_tell(desk, made, at, place=0):
    desk.do(desk.task(made, place), Move.ASK, RECEIVER, at, asked=["times"])
    desk.do(desk.task(made, place), Move.TELL, desk.sender, at)


def test_after_five_answers_to_questions_of_a_program_it_gets_no_more_letters(desk):
    made = desk.refer(0, 1)
    for one in range(moving.MOST_TOLD):
        ask_and_tell(desk, made, later(one))
    with pytest.raises(Conflict) as refused:
        ask_and_tell(desk, made, later(6))
    assert refused.value.code == "too_many"
    assert len(desk.letters("referral")) == 1 + moving.MOST_TOLD
    desk.do(desk.task(made), Move.DECLINE, RECEIVER, later(6), reason="full")
    ask_and_tell(desk, made, later(6), place=1)


def test_every_letter_that_a_sender_causes_takes_a_turn_of_the_teams_hour(desk):
    made = desk.refer(0, 1)
    with desk.database.transaction() as session:
        for _ in range(pace.REFERRALS.most - 2):
            pace.take_turn(session, desk.team, NOW)
    ask_and_tell(desk, made, NOW)
    desk.do(desk.task(made, 1), Move.SEND, desk.sender)
    with pytest.raises(TooOften):
        ask_and_tell(desk, made, NOW)
    desk.do(desk.task(made), Move.TELL, desk.sender, later(1 / 24))


def test_an_answer_to_a_question_goes_to_a_new_contact_and_the_history_says_so(desk):
    made = desk.refer(0)
    ask_and_tell(desk, made, NOW)
    assert "new_contact" not in desk.history(made.referral.key)
    desk.change(0, contact={"email": "new@groups.example"})
    ask_and_tell(desk, made, later(1))
    assert desk.letters("referral")[-1][1] == "new@groups.example"
    assert desk.history(made.referral.key)[-2:] == ["tell", "new_contact"]


def test_today_in_the_americas_can_be_a_first_date_while_it_is_tomorrow_in_utc(desk):
    made = desk.refer(0)
    desk.do(desk.task(made), Move.ACCEPT, RECEIVER, first_on=day(-1))
    assert desk.states(made) == ["accepted"]


def test_who_is_next_is_not_asked_for_a_team_in_which_nobody_is_left(desk):
    made = desk.refer(0, 1)
    close_account(desk)
    desk.do(desk.task(made), Move.DECLINE, RECEIVER, reason="full")
    assert desk.states(made) == ["declined", "planned"]
    assert len(desk.letters("referral")) == 1


def test_a_group_that_letters_do_not_reach_is_left_to_the_sender_to_call(desk):
    made = desk.refer(0, CALLED)
    desk.do(desk.task(made), Move.DECLINE, RECEIVER, reason="full")
    assert [(one.state, one.way) for one in desk.tasks(made.referral.key)] == [("declined", "mail"), ("sent", "phone")]
    assert desk.letters("referral_news")[-1][2]["then"] == letters.CALL_NEXT


def test_a_group_that_wants_no_more_letters_is_called_instead(desk):
    made = desk.refer(0, 1)
    with desk.database.transaction() as session:
        outbox.silence(session, "group1@groups.example", outbox.EVERY_KIND, outbox.UNSUBSCRIBED, NOW)
    desk.do(desk.task(made), Move.DECLINE, RECEIVER, reason="full")
    assert desk.tasks(made.referral.key)[1].way == "phone"
    assert len(desk.letters("referral")) == 1


@pytest.mark.parametrize(("what", "by", "said"), [
    (Move.DECLINE, RECEIVER, {"reason": "full"}), (Move.WITHDRAW, CLIENT, {}), (Move.WITHDRAW, CLOCK, {}),
    (Move.EXPIRE, CLOCK, {}), (Move.ATTEND, CLIENT, {})])
def test_when_a_task_ends_so_does_what_may_be_told_of_the_person(desk, what, by, said):
    made = desk.refer(0, identity={"name": "Maria"}, consent={"what": ["identity"]})
    assert desk.referral(made.referral.key).identity is not None
    desk.do(desk.task(made), what, by, **said)
    (consent,) = desk.consents(desk.task(made))
    assert (consent.ended_at, consent.ended_by) == (NOW.replace(tzinfo=None), by.name)
    assert desk.referral(made.referral.key).identity is None


def test_a_planned_task_that_is_taken_back_covers_nothing_any_more(desk):
    made = desk.refer(0, 1)
    desk.do(desk.task(made, 1), Move.WITHDRAW, desk.sender)
    assert desk.consents(desk.task(made, 1))[0].ended_at is not None
    assert desk.consents(desk.task(made, 0))[0].ended_at is None


def test_what_is_taken_back_is_told_to_the_program_and_its_links_end(desk):
    made = desk.refer(0)
    assert desk.open_links(desk.task(made)) == 1
    desk.do(desk.task(made), Move.WITHDRAW, desk.sender)
    assert [one[:2] for one in desk.letters("referral_over")] == [("referral_over", "group0@groups.example")]
    assert desk.open_links(desk.task(made)) == 0
    assert desk.told() == []  # the sender knows


def test_when_the_person_went_the_referral_ends_and_nobody_else_is_kept_waiting(desk):
    made = desk.refer(0, 1, 2)
    desk.do(desk.task(made, 1), Move.SEND, desk.sender)
    desk.do(desk.task(made, 0), Move.ATTEND, CLIENT, later(1))
    referral = desk.referral(made.referral.key)
    assert desk.states(made) == ["attended", "withdrawn", "skipped"]
    assert (referral.state, referral.outcome) == ("closed", "attended")
    assert referral.closed_at == later(1).replace(tzinfo=None)
    assert [to for _, to, _ in desk.letters("referral_over")] == ["group1@groups.example"]
    assert desk.told() == ["attended"]


def test_history_says_that_the_clock_took_back_what_follows_from_a_programs_word(desk):
    made = desk.refer(0, 1)
    desk.do(desk.task(made, 0), Move.ACCEPT, RECEIVER, first_on=day(0))
    desk.do(desk.task(made, 0), Move.ATTEND, RECEIVER)
    with desk.database.reading() as session:
        ends = {(one.kind, one.who) for one in history(session, made.referral.key)}
    assert {("attend", "receiver"), ("closed", "receiver"), ("skip", "clock")} <= ends


def test_that_somebody_went_can_be_taken_back_and_the_referral_goes_on(desk):
    made = desk.refer(0)
    desk.do(desk.task(made), Move.ATTEND, desk.sender)
    desk.do(desk.task(made), Move.MISS, desk.sender)
    referral = desk.referral(made.referral.key)
    assert (referral.state, referral.outcome, referral.closed_at) == ("open", None, None)
    assert desk.states(made) == ["missed"]


def test_that_somebody_went_after_all_is_noted_on_a_closed_referral_too(desk):
    made = desk.refer(0)
    desk.do(desk.task(made), Move.ACCEPT, RECEIVER, first_on=day(0))
    desk.do(desk.task(made), Move.MISS, RECEIVER)
    desk.close(made.referral.key, "withdrawn")
    desk.do(desk.task(made), Move.ATTEND, CLIENT, later(5))
    referral = desk.referral(made.referral.key)
    assert (referral.state, referral.outcome) == ("closed", "attended")
    assert referral.closed_at == NOW.replace(tzinfo=None)  # its clock goes on


def test_the_last_thing_the_person_does_not_want_ends_the_referral(desk):
    made = desk.refer(0, 1)
    desk.do(desk.task(made, 1), Move.WITHDRAW, CLIENT)
    assert desk.referral(made.referral.key).state == "open"
    desk.do(desk.task(made, 0), Move.WITHDRAW, CLIENT)
    referral = desk.referral(made.referral.key)
    assert (referral.state, referral.outcome) == ("closed", "withdrawn")


def test_closing_ends_all_and_twice_is_once(desk):
    made = desk.refer(0, 1, identity={"name": "Maria"}, consent={"what": ["identity"]})
    desk.close(made.referral.key, "other")
    desk.close(made.referral.key, "withdrawn", now=later(3))
    referral = desk.referral(made.referral.key)
    assert desk.states(made) == ["withdrawn", "skipped"]
    assert (referral.outcome, referral.closed_at, referral.identity) == ("other", NOW.replace(tzinfo=None), None)
    assert desk.history(made.referral.key).count("closed") == 1
    assert all(one.ended_at is not None for key in range(2) for one in desk.consents(desk.task(made, key)))


def test_who_did_not_come_is_still_known_to_the_program_until_the_referral_ends(desk):
    made = desk.refer(0)
    desk.do(desk.task(made), Move.ACCEPT, RECEIVER, first_on=day(0))
    desk.do(desk.task(made), Move.MISS, RECEIVER)
    assert desk.consents(desk.task(made))[0].ended_at is None
    desk.close(made.referral.key, "missed")
    assert desk.consents(desk.task(made))[0].ended_at is not None


def test_history_holds_codes_and_dates_only(desk):
    made = desk.refer(0)
    desk.do(desk.task(made), Move.ACCEPT, RECEIVER, first_on=day(3), note=b"sealed")
    with desk.database.reading() as session:
        last = history(session, made.referral.key)[-1]
    assert (last.kind, last.who, last.account_id, last.before, last.after) == (
        "accept", "receiver", None, "sent", "accepted")
    assert last.facts == {"first_on": day(3).isoformat()}


def test_that_a_link_was_opened_does_not_put_the_clock_off(desk):
    made = desk.refer(0)
    desk.do(desk.task(made), Move.OPEN, RECEIVER, later(4))
    assert desk.tasks(made.referral.key)[0].due_at == later(5).replace(tzinfo=None)
    desk.do(desk.task(made), Move.RECEIVE, RECEIVER, later(4.5))
    assert desk.tasks(made.referral.key)[0].due_at == later(9.5).replace(tzinfo=None)


def test_a_name_in_history_fits_its_column_however_many_roles_somebody_has(desk):
    made = desk.refer(0)
    long = moving.By(desk.sender.who, "administrator+operator+provider+steward:123456", desk.account)
    desk.do(desk.task(made), Move.RECEIVE, long)
    with desk.database.reading() as session:
        assert len(history(session, made.referral.key)[-1].who) == 40


def test_a_wait_of_no_weeks_is_asked_about_soon(desk):
    made = desk.refer(0)
    desk.do(desk.task(made), Move.WAIT, RECEIVER, weeks=0)
    assert desk.tasks(made.referral.key)[0].due_at == (NOW + timedelta(3)).replace(tzinfo=None)
