import uuid
from datetime import date

import pytest

from finder.referrals import insight
from finder.referrals.insight import ALL, TEAM, Answers, Poor, first_month, is_poor
from finder.referrals.models import AnswerTally
from tests.referrals.desk import Desk
from tests.referrals.samples import make_team

TODAY = date(2026, 11, 24)
ID = uuid.UUID(int=1)


def counts(**more):
    names = ("asked", "answered", "accepted", "waiting", "declined", "no_answer", "attended", "missed", "hours")
    return Answers(ID, **(dict.fromkeys(names, 0) | more))


@pytest.mark.parametrize(("given", "answered", "accepted", "no_answer", "hours", "unsettled"), [
    (counts(), None, None, None, None, 0),
    (counts(asked=1), None, None, None, None, 1),
    (counts(asked=1, no_answer=1), 0.0, 0.0, 1.0, None, 0),
    (counts(asked=2, answered=1, accepted=1, no_answer=1, hours=9), 0.5, 0.5, 0.5, 9.0, 0),
    (counts(asked=9, answered=3, accepted=2, declined=1, no_answer=1, hours=7), 0.75, 0.5, 0.25, 7 / 3, 5),
    (counts(asked=4, answered=4, waiting=4, hours=0), 1.0, 0.0, 0.0, 0.0, 0),
], ids=["nothing", "still open", "never answered", "one of two", "open ones count for nobody", "all wait"])
def test_shares_are_of_what_is_settled(given, answered, accepted, no_answer, hours, unsettled):
    assert (given.answered_share, given.accepted_share, given.no_answer_share) == (answered, accepted, no_answer)
    assert (given.mean_hours, given.unsettled) == (hours, unsettled)


@pytest.mark.parametrize(("attended", "missed", "came"), [(0, 0, None), (1, 1, None), (2, 1, (2, 3)), (0, 3, (0, 3))])
def test_who_came_is_told_of_three_or_more_only(attended, missed, came):
    assert counts(asked=9, attended=attended, missed=missed).came == came


@pytest.mark.parametrize(("settled", "no_answer", "poor"), [
    (0, 0, False), (2, 2, False), (3, 1, False), (3, 2, True), (4, 2, True), (4, 1, False), (5, 2, False),
    (5, 3, True), (100, 50, True), (100, 49, False)])
def test_half_of_three_or_more_without_an_answer_is_poor(settled, no_answer, poor):
    assert is_poor(settled, no_answer, insight.FEWEST_OF_TEAM) is poor


@pytest.mark.parametrize(("today", "month"), [
    (date(2026, 11, 24), "2025-12"), (date(2026, 12, 31), "2026-01"), (date(2026, 1, 1), "2025-02")])
def test_twelve_months_are_this_one_and_the_eleven_before(today, month):
    assert first_month(today) == month


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def keep(desk, place, month="2026-11", team=None, **counts):
    with desk.database.transaction() as session:
        session.add(AnswerTally(team_id=team or desk.team, program_id=desk.programs[place], month=month, **counts))


def other_team(desk):
    with desk.database.transaction() as session:
        return make_team(session, "Another clinic")[0].id


def test_answers_are_a_teams_own_of_twelve_months_most_asked_first(desk):
    keep(desk, 0, sent=2, answered=1, accepted=1, hours=10)
    keep(desk, 0, "2025-12", sent=3, answered=3, declined=3, hours=30, attended=0)
    keep(desk, 0, "2025-11", sent=50, no_answer=50)
    keep(desk, 1, sent=9, answered=2, accepted=2, attended=1, missed=1, hours=4)
    keep(desk, 2, team=other_team(desk), sent=99)
    with desk.database.reading() as session:
        found = insight.answers(session, desk.team, today=TODAY)
    assert [desk.programs.index(one.program_id) for one in found] == [1, 0]
    assert (found[1].asked, found[1].answered, found[1].accepted, found[1].declined, found[1].mean_hours) == (
        5, 4, 1, 3, 10.0)
    assert (found[0].attended, found[0].missed, found[0].unsettled) == (1, 1, 7)


def poor(desk, team=None):
    with desk.database.reading() as session:
        found = insight.poor(session, desk.programs, team or desk.team, today=TODAY)
    return {desk.programs.index(key): one for key, one in found.items()}


def test_what_a_team_saw_itself_is_told_with_its_counts(desk):
    keep(desk, 0, sent=4, answered=1, no_answer=2)
    keep(desk, 1, sent=9, answered=1, no_answer=1)
    assert poor(desk) == {0: Poor(TEAM, 3, 2)}


def test_P8_what_all_teams_saw_is_told_from_eleven_on_and_without_counts(desk):
    other = other_team(desk)
    keep(desk, 0, team=other, sent=10, answered=5, no_answer=5)
    keep(desk, 1, team=other, sent=11, answered=5, no_answer=6)
    keep(desk, 2, team=other, sent=30, answered=20, no_answer=10)
    keep(desk, 3, "2025-11", team=other, sent=30, no_answer=30)
    assert poor(desk) == {1: Poor(ALL)}
    keep(desk, 0, sent=1, no_answer=1)  # with this team's own it is the eleventh
    assert poor(desk) == {0: Poor(ALL), 1: Poor(ALL)}


def test_only_the_programs_asked_about_are_told(desk):
    keep(desk, 0, sent=5, no_answer=5)
    with desk.database.reading() as session:
        assert insight.poor(session, [desk.programs[1]], desk.team, today=TODAY) == {}
        assert insight.poor(session, [], desk.team, today=TODAY) == {}
