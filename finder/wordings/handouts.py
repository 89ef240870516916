"""What the sheet for paper says in its own words, for two reading levels: "usual" and "plain".

Plain sentences are very short, for people who read little or in haste; where one sentence is plain enough already, it
serves both. Facts of a listing are filled in, and nothing is said of the person who holds the sheet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Literal

from finder.wordings import facts, listing_lines
from finder.wordings.language import N_, day, gettext

Words = Literal["usual", "plain"]
_Pair = tuple[str, str]  # usual, plain

_IN_PERSON = frozenset(("in_person", "hybrid"))


def _both(sentence: str) -> _Pair:
    return sentence, sentence


SHEET: Mapping[str, _Pair] = {
    "start": (N_("You can call, or just come where it says so. If one does not feel right, try the next."),
              N_("Call first. Or just come, if it says so. Is it not right for you? Then try the next.")),
    "say": (N_("“Hello, I would like to come to your group. Do you have a place? When can I start, and what does it "
               "cost?”"),
            N_("“Hi. I want to come to your group. Do you have room? When can I start? What does it cost?”")),
    "calm": (N_("You can ask to bring someone. You can just listen. You can leave at any time."),
             N_("You can just listen. You can leave when you like. Ask if you can bring a friend.")),
    "code": (N_("Point a phone at the code to open this list. It holds nothing about you."),
             N_("Point a phone at the code. It shows this list. It holds nothing about you.")),
    "later": (N_("The address is given after you get in touch."), N_("They tell you the address when you ask.")),
    "paused": (N_("This group is not meeting for now. Call before you plan on it."),
               N_("This group does not meet now. Call first.")),
    "closed": _both(N_("This group has ended.")),
    "checked": _both(N_("Facts checked on %(day)s.")),
    "old": (N_("Facts last checked on %(day)s. Please ask if they still hold."),
            N_("Facts last checked on %(day)s. Ask if they are still right.")),
    "unchecked": (N_("Facts not checked yet. Please ask first."), N_("No one has checked this yet. Ask first.")),
    "given": _both(N_("You got this sheet from: %(team)s")),
    "next": (N_("Use your own code to see what comes next, to say that you went, or to stop. Type it on this page:"),
             N_("This code is yours. It shows you what comes next. You can say that you went. You can stop it too. "
                "Type it on this page:")),
}
JOINING: Mapping[str, _Pair] = {
    "walk_in": (listing_lines.JOINING["walk_in"], N_("Just come. You do not need to sign up.")),
    "call": _both(listing_lines.JOINING["call"]),
    "register": _both(listing_lines.JOINING["register"]),
    "referral": (listing_lines.JOINING["referral"], N_("Someone has to send you, like a doctor. Ask how.")),
    "": (N_("How to join is not stated. Please ask first."), N_("We do not know how to join. Ask first.")),
}
# Facts of the listing on the way there, in the order they are said: (code, answer).
TRIP: Mapping[tuple[str, str], _Pair] = {
    ("transit", "yes"): _both(N_("A bus or train stops near it.")),
    ("transit", "no"): _both(N_("No bus or train stops near it.")),
    ("transit", "on_request"): _both(N_("Ask about a bus or train.")),
    ("ride_help", "yes"): _both(N_("They can help with a ride.")),
    ("ride_help", "no"): _both(N_("They cannot help with a ride.")),
    ("ride_help", "on_request"): _both(N_("Ask for help with a ride.")),
    ("step_free", "yes"): _both(N_("There are no steps on the way in.")),
    ("step_free", "no"): _both(N_("There are steps on the way in.")),
    ("step_free", "on_request"): _both(N_("Ask for a way in with no steps.")),
}
TRIPS: Mapping[str, _Pair] = {
    "home": (N_("No need to travel. You join from where you are."), N_("You do not have to go out. You join at home.")),
    "also_home": _both(N_("You can join from home too.")),
    "unknown": (N_("Not stated. Ask when you call."), N_("We do not know. Ask when you call.")),
    "unknown_no_phone": (N_("Not stated. Please ask."), N_("We do not know. Please ask.")),
}
ARRIVING: Mapping[str, _Pair] = {
    "in_person": _both(N_("Come ten minutes early.")),
    "hybrid": (N_("Come ten minutes early, or open the link a little before."),
               N_("Come ten minutes early. Or open the link a bit before.")),
    "online_video": _both(N_("Open the link a few minutes early.")),
    "phone": (N_("You dial in and say a first name."), N_("Call in. A first name is fine.")),
    "text_chat": (N_("Choose a name that does not tell who you are."), N_("Pick a name that is not your own.")),
    "self_paced": (N_("You start when it suits you."), N_("Start when you like.")),
}
CAMERA = _both(N_("Your camera can stay off."))
PLAIN_VISITS: Mapping[str, str] = {
    "peer_support": N_("People take turns. They talk and they listen. You can just listen."),
    "mutual_aid": N_("People will say hello. You can sit and listen. You do not have to talk."),
    "clinician_support": N_("A trained helper starts the talk. Share only what you want to."),
    "psychoed": N_("It is like a class. You listen and ask. You try things out."),
    "skills": N_("You learn one new thing at a time. You try it at home."),
    "structured_therapy": N_("You meet the therapist first. Then each week has a plan."),
    "process": N_("You meet the therapist first. Then you talk in the group."),
    "iop": N_("Staff meet you first. You make a plan. You come on some days each week. You sleep at home."),
    "php": N_("Staff meet you first. You make a plan. You come for most of the day. You sleep at home."),
    "family_peer": N_("People here care for someone too. They share what helps them. You can just listen."),
    "family_therapy": N_("A therapist meets all of you. You say what you hope for."),
    "grief_group": N_("People here lost someone too. You can cry. You can be quiet."),
    "recovery_center": N_("Someone shows you the place. Stay as long as you like. Join what you like."),
    "warmline": N_("A trained peer will listen. It is for company. It is not for an emergency."),
    "online_community": N_("Read first. Write when you want to. Someone watches over it."),
}
PLAIN_VISIT_UNKNOWN = N_("Ask what the first time is like.")


def sheet_text(name: str, words: Words, **values: object) -> str:
    """One of the sheet's own sentences, at a reading level. `name` is a key of `SHEET`."""
    return _one(SHEET[name], words, **values)


def joining(document: Mapping[str, Any], words: Words) -> str:
    """How to join, in a sentence or two."""
    how = (document.get("contact") or {}).get("how_to_join")
    walk_in = (document.get("policies") or {}).get("walk_in")
    return _one(JOINING[how or ("walk_in" if walk_in else "")], words)


def trip(document: Mapping[str, Any], words: Words, *, phone: bool) -> str:
    """How to get there, as far as the listing states it; else that it is not stated. `phone`: there is one to call."""
    formats = [one["format"] for one in document.get("sessions") or ()]
    if formats and not _IN_PERSON & set(formats):
        return _one(TRIPS["home"], words)
    stated = document.get("accessibility") or {}
    said = [_one(pair, words) for (code, answer), pair in TRIP.items() if stated.get(code) == answer]
    if not stated.get("transit") and not stated.get("ride_help"):
        said.insert(0, _one(TRIPS["unknown" if phone else "unknown_no_phone"], words))
    if set(formats) - {"in_person"}:
        said.append(_one(TRIPS["also_home"], words))
    return " ".join(said)


def first_visit(document: Mapping[str, Any], words: Words) -> str:
    """What the first time is like, by the kind of group and the way it mostly meets."""
    kind = document["group_type"]
    said = [facts.support_line(kind) if words == "usual"
            else gettext(PLAIN_VISITS.get(kind, PLAIN_VISIT_UNKNOWN))]
    formats = [one["format"] for one in document.get("sessions") or ()]
    if formats:
        said.append(_one(ARRIVING[formats[0]], words))
        if formats[0] == "online_video" and (document.get("accessibility") or {}).get("camera_optional") == "yes":
            said.append(_one(CAMERA, words))
    return " ".join(said)


def checked(on: str | None, words: Words, *, old: bool) -> str:
    """When the facts were last checked, by the day itself, for paper grows old. `old`: so long ago that one should ask.

    `on` is YYYY-MM-DD, None for never.
    """
    if on is None:
        return sheet_text("unchecked", words)
    return sheet_text("old" if old else "checked", words, day=day(date.fromisoformat(on)))


def every_sentence(words: Words) -> Iterator[str]:
    """All that the sheet can say at a reading level, in English, for those who measure it."""
    for table in (SHEET, JOINING, TRIP, TRIPS, ARRIVING, {"": CAMERA}):
        yield from (_pick(pair, words) for pair in table.values())
    yield from facts.SUPPORT_LINES.values() if words == "usual" else PLAIN_VISITS.values()
    yield facts.ASK_ABOUT_IT if words == "usual" else PLAIN_VISIT_UNKNOWN


def _one(pair: _Pair, words: Words, **values: object) -> str:
    return gettext(_pick(pair, words), **values)


def _pick(pair: _Pair, words: Words) -> str:
    return pair[words == "plain"]
