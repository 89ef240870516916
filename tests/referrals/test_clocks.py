from datetime import timedelta

import pytest

from finder import outbox
from finder.accounts import people
from finder.accounts.permissions import Role, Scope
from finder.errors import Conflict
from finder.referrals import clocks, consents, draft, letters
from finder.referrals.moving import CLOCK, RECEIVER
from finder.referrals.states import RECALL_AFTER, REMIND_AFTER, Move
from tests.listings.database import NOW
from tests.referrals.desk import CALLED, OWNER, Desk, close_account, day, later
from tests.referrals.samples import document

MOMENT = timedelta(seconds=1)


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_nothing_happens_before_its_time(desk):
    desk.refer(0)
    assert desk.tick(NOW + REMIND_AFTER - MOMENT) == []


def test_a_program_is_reminded_once_with_a_link_and_the_owner_is_told(desk):
    made = desk.refer(0)
    assert desk.tick(NOW + REMIND_AFTER) == ["reminded"]
    assert desk.tick(NOW + REMIND_AFTER + MOMENT) == []
    (reminder,) = desk.letters("referral_reminder")
    assert reminder[1] == "group0@groups.example"
    assert set(reminder[2]) == {"link", "team", "name"}
    assert desk.open_links(desk.task(made)) == 2  # the first letter's is good as well
    assert desk.told() == ["reminded"]
    (task,) = desk.tasks(made.referral.key)
    assert (task.state, task.reminders, task.due_at) == ("sent", 1, (NOW + RECALL_AFTER).replace(tzinfo=None))
    assert desk.history(made.referral.key)[-1] == "reminded"


def test_a_reminder_does_not_make_an_open_form_stale(desk):
    made = desk.refer(0)
    (before,) = desk.tasks(made.referral.key)
    desk.tick(NOW + REMIND_AFTER)
    desk.do(before.key, Move.ACCEPT, RECEIVER, NOW + REMIND_AFTER, first_on=day(7), version=before.version)
    assert desk.states(made) == ["accepted"]


def test_without_an_answer_the_question_is_taken_back_and_the_next_is_asked(desk):
    made = desk.refer(0, 1)
    desk.tick(NOW + REMIND_AFTER)
    assert desk.tick(NOW + RECALL_AFTER - MOMENT) == []
    assert desk.tick(NOW + RECALL_AFTER) == ["recalled"]
    assert desk.states(made) == ["no_answer", "sent"]
    assert desk.open_links(desk.task(made)) == 0
    assert desk.letters("referral_over")[0][1] == "group0@groups.example"
    assert desk.letters("referral")[-1][1] == "group1@groups.example"
    assert desk.letters("referral_news")[-1][2] == {
        "key": made.referral.key, "what": "no_answer", "then": letters.NEXT_ASKED}
    assert desk.tally(0) == {"sent": 1, "no_answer": 1}


def test_where_nobody_is_next_the_owner_hears_that_the_next_best_are_ready(desk):
    made = desk.refer(0)
    desk.tick(NOW + REMIND_AFTER)
    desk.tick(NOW + RECALL_AFTER)
    assert desk.letters("referral_news")[-1][1:] == (
        OWNER, {"key": made.referral.key, "what": "no_answer", "then": letters.CHOOSE_NEXT})
    assert desk.referral(made.referral.key).state == "open"


def test_after_a_worker_stood_still_a_program_still_has_time_to_answer(desk):
    made = desk.refer(0)
    assert desk.tick(later(30)) == ["reminded"]
    assert desk.tick(later(30)) == []
    assert desk.tick(later(35)) == ["recalled"]
    assert desk.states(made) == ["no_answer"]


@pytest.mark.parametrize(("what", "said"), [
    (Move.DECLINE, {"reason": "full"}), (Move.ASK, {"asked": ["times"]}), (Move.WAIT, {}),
    (Move.ACCEPT, {"first_on": day(40)})])
def test_who_answered_is_neither_reminded_nor_taken_back(desk, what, said):
    made = desk.refer(0)
    desk.do(desk.task(made), what, RECEIVER, **said)
    assert desk.tick(later(12)) == []


def test_a_group_that_is_called_gets_no_letter_and_is_never_said_not_to_have_answered(desk):
    made = desk.refer(CALLED, 0)
    assert desk.tick(NOW + REMIND_AFTER) == ["calls"]
    assert desk.told() == ["call"]
    assert desk.tick(later(60)) == []
    assert desk.states(made) == ["sent", "planned"]
    assert desk.tally(CALLED) == {"sent": 1}
    assert desk.letters("referral", "referral_reminder") == []


def test_a_group_that_letters_reach_no_more_is_called_instead_of_reminded(desk):
    made = desk.refer(0)
    with desk.database.transaction() as session:
        outbox.silence(session, "group0@groups.example", outbox.EVERY_KIND, outbox.BOUNCED, NOW)
    assert desk.tick(NOW + REMIND_AFTER) == ["calls"]
    assert desk.tasks(made.referral.key)[0].way == "phone"
    assert desk.letters("referral_reminder") == []


def test_a_new_contact_is_not_reminded_of_what_it_was_never_asked_and_the_sender_calls(desk):
    made = desk.refer(0)
    desk.change(0, contact={"email": "new@groups.example"})
    assert desk.tick(NOW + REMIND_AFTER) == ["calls"]
    assert {to for _, to, _ in desk.letters()} == {"group0@groups.example", OWNER}
    assert desk.tasks(made.referral.key)[0].way == "phone"
    assert desk.told() == ["call"]
    assert desk.open_links(desk.task(made)) == 1


def test_a_new_contact_hears_nothing_of_what_is_over_or_became_of_a_visit(desk):
    first, second = desk.refer(0), desk.refer(1)
    desk.do(desk.task(first), Move.ACCEPT, RECEIVER, first_on=day(1))
    for place in (0, 1):
        desk.change(place, contact={"email": "new@groups.example"})
    desk.do(desk.task(second), Move.WITHDRAW, desk.sender)
    assert desk.tick(later(4)) == ["asked"]
    assert "new@groups.example" not in {to for _, to, _ in desk.letters()}
    assert desk.told()[-1] == "visit"


def test_who_was_written_to_is_reminded_also_where_somebody_joined_them(desk):
    desk.refer(0)
    with desk.database.transaction() as session:
        account = people.find_or_make(session, "editor@groups.example", now=NOW)
        people.give(session, account.id, Role.OPERATOR, by="a test", now=NOW, scope=Scope.PROGRAM,
                    value=str(desk.programs[0]))
    assert desk.tick(NOW + REMIND_AFTER) == ["reminded"]
    assert [to for _, to, _ in desk.letters("referral_reminder")] == ["group0@groups.example"]


def test_nothing_is_done_for_a_team_in_which_nobody_is_left(desk):
    made = desk.refer(0, 1)
    close_account(desk)
    assert desk.tick(NOW + REMIND_AFTER) == desk.tick(NOW + RECALL_AFTER) == []
    assert desk.states(made) == ["sent", "planned"]
    assert len(desk.letters()) == 1


@pytest.mark.parametrize(("what", "said", "asked_on", "state", "told"), [
    (Move.ACCEPT, {"first_on": day(7)}, 10, "accepted", "visit"),
    (Move.WAIT, {"weeks": 2}, 17.5, "waiting", "place"),
])
def test_after_a_first_date_or_a_wait_both_sides_are_asked_once(desk, what, said, asked_on, state, told):
    made = desk.refer(0)
    desk.do(desk.task(made), what, RECEIVER, **said)
    assert desk.tick(later(asked_on - 1)) == []
    assert desk.tick(later(asked_on)) == ["asked"]
    assert desk.tick(later(asked_on + 30)) == []
    (letter,) = desk.letters("referral_came")
    assert letter[1] == "group0@groups.example"
    assert letter[2] | {"link": ""} == {"link": "", "team": "Eastside Family Clinic", "name": "River Circle 0",
                                        "state": state}
    assert desk.told()[-1] == told
    assert desk.states(made) == [state]


def test_a_wait_without_weeks_is_asked_about_never(desk):
    made = desk.refer(0)
    desk.do(desk.task(made), Move.WAIT, RECEIVER)
    assert desk.tick(later(80)) == []


# -- consents --------------------------------------------------------------------------------------------------------


def test_a_consent_is_good_on_its_last_day_and_ends_after_it(desk):
    made = desk.refer(0, consent={"until": day(3).isoformat()})
    with desk.database.reading() as session:
        assert consents.stands(session, desk.task(made), now=later(3)) is not None
        assert consents.stands(session, desk.task(made), now=later(4)) is None
    assert desk.tick(later(3)) == []
    assert desk.tick(later(4)) == ["consents"]
    assert desk.tick(later(4)) == []


def test_what_nobody_said_yes_to_is_taken_back_with_its_consent_and_nobody_is_asked_next(desk):
    made = desk.refer(0, 1, identity={"name": "Maria"},
                      consent={"until": day(3).isoformat(), "what": ["identity"]})
    assert desk.tick(later(4)) == ["consents", "consents"]
    assert desk.states(made) == ["withdrawn", "skipped"]
    assert desk.open_links(desk.task(made)) == 0
    assert desk.referral(made.referral.key).identity is None
    assert desk.referral(made.referral.key).state == "open"
    assert desk.told() == ["consent_over"]
    assert {one.ended_by for place in (0, 1) for one in desk.consents(desk.task(made, place))} == {"clock"}


@pytest.mark.parametrize(("what", "said", "state"), [
    (Move.ACCEPT, {"first_on": day(30)}, "accepted"), (Move.WAIT, {"weeks": 8}, "waiting")])
def test_a_place_that_was_promised_stays_and_only_the_telling_ends(desk, what, said, state):
    made = desk.refer(0, identity={"name": "Maria"}, consent={"until": day(9).isoformat(), "what": ["identity"]})
    desk.do(desk.task(made), what, RECEIVER, **said)
    assert desk.tick(later(10)) == ["consents"]
    assert desk.states(made) == [state]
    assert desk.open_links(desk.task(made)) == 0
    assert desk.referral(made.referral.key).identity is None
    assert desk.told() == [state, "consent_over"]
    assert desk.letters("referral_over") == []


def test_without_a_consent_only_the_sender_is_asked_what_became(desk):
    made = desk.refer(0, consent={"until": day(9).isoformat()})
    desk.do(desk.task(made), Move.ACCEPT, RECEIVER, first_on=day(20))
    desk.tick(later(10))
    assert desk.tick(later(23)) == ["asked"]
    assert desk.letters("referral_came") == []
    assert desk.told()[-1] == "visit"


def test_under_a_newer_consent_nothing_ends_but_the_old_one(desk):
    made = desk.refer(0, consent={"until": day(3).isoformat()})
    with desk.database.transaction() as session:
        consents.give(session, made.referral.key, desk.task(made), "River Circle 0",
                      draft.consent(document([])["consent"], today=NOW.date()), account_id=None, now=NOW)
    assert desk.tick(later(4)) == ["consents"]
    assert desk.states(made) == ["sent"]
    assert [one.ended_at is None for one in desk.consents(desk.task(made))] == [False, True]
    assert desk.told() == []


# -- at once ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("at", "done"), [(REMIND_AFTER, "reminded"), (RECALL_AFTER, "recalled")])
def test_of_two_workers_one_does_what_is_due(desk, at, done):
    made = desk.refer(0, 1)
    if done == "recalled":
        desk.tick(NOW + REMIND_AFTER)
    with desk.database.reading() as session:
        first, second = clocks.due(session, NOW + at), clocks.due(session, NOW + at)
    assert first == second == [desk.task(made)]
    found = []
    for (key,) in (first, second):
        with desk.database.transaction() as session:
            found.append(clocks.look(session, key, now=NOW + at))
    assert found == [done, None]
    assert len(desk.letters("referral_reminder")) == 1


def test_an_answer_in_the_moment_of_taking_back_wins(desk):
    made = desk.refer(0)
    desk.tick(NOW + REMIND_AFTER)
    (task,) = desk.tasks(made.referral.key)
    desk.do(task.key, Move.ACCEPT, RECEIVER, NOW + RECALL_AFTER, first_on=day(20))
    with pytest.raises(Conflict):
        desk.do(task.key, Move.EXPIRE, CLOCK, NOW + RECALL_AFTER, version=task.version)
    with desk.database.transaction() as session:
        assert clocks.look(session, task.key, now=NOW + RECALL_AFTER) is None
    assert desk.states(made) == ["accepted"]
