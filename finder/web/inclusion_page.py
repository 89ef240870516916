"""The published rules of inclusion: who may be listed, what is refused and why, how long it takes, how to appeal.

What stewards answer a rejected proposal with are the very sentences of this page.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask.typing import ResponseReturnValue

from finder import instance
from finder.web.blueprint import seeker
from finder.web.pages import render, services
from finder.wordings.language import N_, gettext, language

# Code -> what is refused (for the page), and the answer to whoever sent it.
REFUSED: Mapping[str, tuple[str, str]] = {
    "no_group": (N_("It is no peer support or therapy group, or people do not meet regularly."),
                 N_("We list peer support and therapy groups that meet regularly.")),
    "not_open": (N_("New people cannot join or ask to join."),
                 N_("We list groups that new people can join, or can ask to join.")),
    "paid": (N_("Somebody pays to be listed, or pays or is paid to send people to a clinic."),
             N_("We list no group that pays or is paid to send people to a clinic.")),
    "promises": (N_("It promises a cure, or tells people to stop their medicine."),
                 N_("We list no group that promises a cure or tells people to stop their medicine.")),
    "harm": (N_("It tries to change whom people love or who they are, or it is not safe to be there."),
             N_("We list no group where people come to harm.")),
    "sells": (N_("It is there to sell something else."), N_("We list no group that is there to sell something else.")),
    "unclear": (N_("It does not say who runs it, or nobody can be reached to ask."),
                N_("We could not find out who runs it, or reach anybody to ask.")),
    "double": (N_("It is in the list already."), N_("It is in the list already.")),
    "wrong": (N_("What was sent does not agree with what the group itself says."),
              N_("It does not agree with what the group itself says.")),
}
DAYS_AIM = 2  # working days until somebody has looked (design, steward's desk)
DAYS_TO_APPEAL = 30  # how long the link of an answer is good (accounts.tokens)


@seeker.get("/about/inclusion")
def inclusion() -> ResponseReturnValue:
    """Who may be listed, what is refused and why, and how to appeal"""
    return render("inclusion", refused=[(code, gettext(page)) for code, (page, _) in REFUSED.items()], days=DAYS_AIM,
                  appeal_days=DAYS_TO_APPEAL, own=_own_words())


def _own_words() -> list[str]:
    """The paragraphs that this instance adds, in the reader's language or else in English."""
    with services().database.reading() as session:
        policy = instance.newest(session).policy
    words = policy.get(language()) or policy.get("en") or next(iter(policy.values()), "")
    return [one for one in words.split("\n") if one.strip()]


def reasons() -> dict[str, str]:
    """The answers that a steward can pick, by code, in the reader's language."""
    return {code: gettext(answer) for code, (_, answer) in REFUSED.items()}
