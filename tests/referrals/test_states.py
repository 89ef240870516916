from itertools import product

import pytest

from finder.errors import Conflict
from finder.referrals.states import AT_RECEIVER, FINAL, LIVE, Move, State, Who, after, allowed

# Written by hand from the rules, not from the code: who may do what where. A line that is missing allows nothing.
LEGAL = """
sender   planned   send withdraw
sender   sent      receive ask wait accept decline attend withdraw
sender   seen      receive ask wait accept decline attend withdraw
sender   received  ask wait accept decline attend withdraw
sender   asked     receive tell wait accept decline attend withdraw
sender   waiting   wait accept decline attend miss withdraw
sender   accepted  wait accept decline attend miss withdraw
sender   missed    attend
sender   attended  miss
receiver sent      open receive ask wait accept decline
receiver seen      receive ask wait accept decline
receiver received  ask wait accept decline
receiver asked     receive wait accept decline
receiver waiting   wait accept decline attend miss
receiver accepted  wait accept decline attend miss
receiver missed    attend
client   planned   withdraw
client   sent      attend withdraw
client   seen      attend withdraw
client   received  attend withdraw
client   asked     attend withdraw
client   waiting   attend withdraw
client   accepted  attend withdraw
client   missed    attend
clock    planned   send skip
clock    sent      expire withdraw
clock    seen      expire withdraw
clock    received  expire withdraw
clock    asked     withdraw
"""
LEADS = {"send": "sent", "open": "seen", "receive": "received", "ask": "asked", "tell": "sent", "wait": "waiting",
         "accept": "accepted", "decline": "declined", "attend": "attended", "miss": "missed", "withdraw": "withdrawn",
         "expire": "no_answer", "skip": "skipped"}
MAY = {(who, state): set(moves) for who, state, *moves in map(str.split, LEGAL.strip().splitlines())}


@pytest.mark.parametrize(("who", "state"), list(product(Who, State)), ids=lambda one: str(one))
def test_everybody_may_do_what_the_table_says_and_nothing_else(who, state):
    legal = MAY.get((who, state), set())
    assert allowed(state, who) == legal
    for move in Move:
        if move in legal:
            assert after(state, move, who) == LEADS[move]
        else:
            with pytest.raises(Conflict) as refused:
                after(state, move, who)
            assert refused.value.code == "illegal_move"
            assert refused.value.values == {"state": state, "move": move, "who": who}


def test_the_hand_written_table_names_only_what_there_is():
    assert {who for who, _ in MAY} == set(Who)
    assert {state for _, state in MAY} <= set(State)
    assert set().union(*MAY.values()) == set(LEADS) == set(Move)


def test_states_are_live_or_final_and_a_program_has_no_planned_one_before_it():
    assert {"sent", "seen", "received", "asked", "waiting", "accepted"} == AT_RECEIVER
    assert {*AT_RECEIVER, "planned"} == LIVE
    assert {"declined", "no_answer", "withdrawn", "skipped", "attended", "missed"} == FINAL


def test_from_a_final_state_leads_only_a_correction_of_whether_they_came():
    out = {(state, move) for (who, state), moves in MAY.items() if state in FINAL for move in moves}
    assert out == {("missed", "attend"), ("attended", "miss")}
