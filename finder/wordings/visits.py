"""What a first visit is like and who hears what you say, by how a group meets and who leads it. Plain sentences.

What a law asks of a therapist, and what a group can only promise, is told with its sources in the lesson on privacy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finder.wordings.language import N_, gettext

ARRIVING: Mapping[str, str] = {
    "in_person": N_("Come ten minutes early, so that somebody can show you around. You can sit near the door, and you "
                    "can leave at any time."),
    "hybrid": N_("In the room, come ten minutes early. Online, open the link a few minutes before. You can leave at "
                 "any time."),
    "online_video": N_("Open the link a few minutes early. A first name is often enough. Ask if the camera can stay "
                       "off. You can leave at any time."),
    "phone": N_("You dial in and say a first name. You can hang up at any time."),
    "text_chat": N_("You read first, and write when you like. Choose a name that does not tell who you are."),
    "self_paced": N_("You start when it suits you, and stop when you like."),
}
_BY_LAW = N_("A therapist must keep what you say private by law, with a few limits. The other people in the group "
             "promise to.")
_PROMISE = N_("The people in it promise one another to keep what is said private. It is a promise and not a law.")
_READ_BY_ALL = N_("Every member can read what you write, and it may stay there.")
_ON_THE_LINE = N_("The person who answers keeps what you say private. You can ask what they write down.")
_NOT_STATED = N_("How private it is, is not stated. Ask: “Who will know that I am here? What do you write down?”")
# Who leads a group says more than its kind; the kind speaks where nobody is named (contract, facilitator_types).
_LED_BY: Mapping[str, str] = {
    "licensed_clinician": _BY_LAW, "medical": _BY_LAW, "co_led": _BY_LAW, "trainee": _BY_LAW,
    "peer": _PROMISE, "certified_peer": _PROMISE, "trained_facilitator": _PROMISE,
}
_KINDS: Mapping[str, str] = {
    "warmline": _ON_THE_LINE, "online_community": _READ_BY_ALL, "peer_support": _PROMISE, "mutual_aid": _PROMISE,
    "family_peer": _PROMISE, "recovery_center": _PROMISE, "clinician_support": _BY_LAW, "structured_therapy": _BY_LAW,
    "process": _BY_LAW, "iop": _BY_LAW, "php": _BY_LAW, "family_therapy": _BY_LAW,
}
_ALONE = frozenset(("warmline", "online_community"))  # kinds where it is not the group that listens


def arriving(formats: list[str]) -> str:
    """What to do the first time, by how a group mostly meets; empty when that is not stated."""
    return gettext(ARRIVING[formats[0]]) if formats else ""


def privacy(document: Mapping[str, Any]) -> list[str]:
    """Who hears what is said in a group, in sentences; at least one."""
    kind, leader = document["group_type"], document.get("led_by") or ""
    lines = [gettext(_KINDS[kind] if kind in _ALONE else _LED_BY.get(leader) or _KINDS.get(kind, _NOT_STATED))]
    if (document.get("accessibility") or {}).get("anonymous") == "yes":
        lines.append(gettext("You need no ID and no real name."))
    if any(session["format"] in ("online_video", "hybrid", "phone") for session in document.get("sessions") or ()):
        lines.append(gettext("From home, sit where nobody listens in. Headphones help."))
    if (document.get("organization") or {}).get("kind") == "employer":
        lines.append(gettext("An employer runs it. Ask who there can learn that you came."))
    return lines
