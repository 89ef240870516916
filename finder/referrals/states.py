"""Where a task of a referral can stand, who may move it where, and what the clock waits for. Pure: one table.

States follow FHIR R4 Task.status as far as it goes (requested, received, accepted, rejected, in-progress, completed,
cancelled, failed); the mapping stands in exchange.fhir_referral.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from finder.errors import Conflict


class State(StrEnum):
    """Where a task stands."""

    PLANNED = "planned"  # asked if those before it say no
    SENT = "sent"
    SEEN = "seen"  # its link was opened
    RECEIVED = "received"  # they say that they have it
    ASKED = "asked"  # they need to know more
    WAITING = "waiting"  # on their waiting list
    ACCEPTED = "accepted"  # a first date is named
    DECLINED = "declined"
    NO_ANSWER = "no_answer"  # taken back by the clock
    WITHDRAWN = "withdrawn"  # taken back by the sender or the client
    SKIPPED = "skipped"  # was planned and is not needed any more
    ATTENDED = "attended"
    MISSED = "missed"  # did not attend


class Move(StrEnum):
    """What can be done to a task."""

    SEND = "send"
    OPEN = "open"
    RECEIVE = "receive"
    ASK = "ask"
    TELL = "tell"
    WAIT = "wait"
    ACCEPT = "accept"
    DECLINE = "decline"
    ATTEND = "attend"
    MISS = "miss"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    SKIP = "skip"


class Who(StrEnum):
    """Who does it."""

    SENDER = "sender"
    RECEIVER = "receiver"
    CLIENT = "client"
    CLOCK = "clock"


_S = State
ASKABLE = frozenset((_S.SENT, _S.SEEN, _S.RECEIVED))  # nobody has said yes, no or wait
AT_RECEIVER = ASKABLE | {_S.ASKED, _S.WAITING, _S.ACCEPTED}  # the program has it before it
LIVE = AT_RECEIVER | {_S.PLANNED}
FINAL = frozenset(State) - LIVE
ANSWERED = frozenset((_S.WAITING, _S.ACCEPTED, _S.DECLINED))
# Move -> where it leads, and from where each may make it. What is not here is refused. A sender also says what a
# program told them by phone, so theirs are the receiver's moves too.
_RECEIVERS: Mapping[Move, frozenset[State]] = {
    Move.RECEIVE: frozenset((_S.SENT, _S.SEEN, _S.ASKED)),
    Move.ASK: ASKABLE,
    Move.WAIT: AT_RECEIVER,
    Move.ACCEPT: AT_RECEIVER,
    Move.DECLINE: AT_RECEIVER,
    Move.MISS: frozenset((_S.WAITING, _S.ACCEPTED)),
    Move.ATTEND: frozenset((_S.WAITING, _S.ACCEPTED, _S.MISSED)),
}
LEADS: Mapping[Move, State] = {
    Move.SEND: _S.SENT, Move.OPEN: _S.SEEN, Move.RECEIVE: _S.RECEIVED, Move.ASK: _S.ASKED, Move.TELL: _S.SENT,
    Move.WAIT: _S.WAITING, Move.ACCEPT: _S.ACCEPTED, Move.DECLINE: _S.DECLINED, Move.ATTEND: _S.ATTENDED,
    Move.MISS: _S.MISSED, Move.WITHDRAW: _S.WITHDRAWN, Move.EXPIRE: _S.NO_ANSWER, Move.SKIP: _S.SKIPPED,
}
TABLE: Mapping[Who, Mapping[Move, frozenset[State]]] = {
    Who.RECEIVER: {**_RECEIVERS, Move.OPEN: frozenset((_S.SENT,))},
    Who.SENDER: {
        **_RECEIVERS, Move.SEND: frozenset((_S.PLANNED,)), Move.TELL: frozenset((_S.ASKED,)), Move.WITHDRAW: LIVE,
        Move.ATTEND: AT_RECEIVER | {_S.MISSED}, Move.MISS: frozenset((_S.WAITING, _S.ACCEPTED, _S.ATTENDED)),
    },
    Who.CLIENT: {Move.ATTEND: AT_RECEIVER | {_S.MISSED}, Move.WITHDRAW: LIVE},
    # The clock takes back what nobody answered: after a while, or when the consent to it is over.
    Who.CLOCK: {Move.SEND: frozenset((_S.PLANNED,)), Move.EXPIRE: ASKABLE, Move.WITHDRAW: ASKABLE | {_S.ASKED},
                Move.SKIP: frozenset((_S.PLANNED,))},
}

# When the clock looks again. Five days hold three working days and a weekend at most, so that a group that meets once
# a week is not missed; twice that and the person has waited long enough to be offered the next group.
REMIND_AFTER = timedelta(days=5)
RECALL_AFTER = timedelta(days=10)
# A first date that is over: did they come? A wait that is over: is there a place?
ASK_AFTER_FIRST_DATE = timedelta(days=3)
# That somebody says they have it starts the wait anew; that a link was opened does not, for programs that look through
# mail open links too.
LOOK_AGAIN: Mapping[State, timedelta] = {_S.SENT: REMIND_AFTER, _S.RECEIVED: REMIND_AFTER}


def allowed(state: State, who: Who) -> frozenset[Move]:
    """What somebody may do to a task that stands somewhere."""
    return frozenset(move for move, sources in TABLE[who].items() if state in sources)


def after(state: State, move: Move, who: Who) -> State:
    """Where a move leads. Raises Conflict("illegal_move") with state, move and who."""
    if state not in TABLE[who].get(move, ()):
        raise Conflict("illegal_move", state=str(state), move=str(move), who=str(who))
    return LEADS[move]
