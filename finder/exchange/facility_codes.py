"""What SAMHSA's service codes state: kinds of group, payment, age, language, people, and who runs the place.

Source: "Service Code Reference" of the National Directory of Mental Health Treatment Facilities 2022. What a code means
in our lists is in the crosswalk table `samhsa`, in the dictionary's own words: "clients who have experienced trauma"
names no kind of trauma, and a sign language SERVICE is not a signed group.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from finder.crosswalks import crosswalk


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of group: what its program says beyond the facility's facts. `setting`: codes of which one is needed."""

    group_type: str
    name: str
    words: str
    codes: tuple[str, ...]
    setting: tuple[str, ...] = ("OP", "OIT", "ORT", "PHDT")
    focus: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    attendees: str | None = None
    led_by: str | None = None
    couples: bool = False


# A code counts when the edition's own dictionary names it in these words, so that another code book with the same
# letters is not misread (quirk 13); without a dictionary the 2022 codes count.
# gt: "groups of usually 4 to 12 people who ... meet regularly with a therapist. The therapist uses the emotional
# interactions of the group's members" is our `process`; the therapist is stated.
# peer: "Mentoring/peer support"; leader not described, so not stated.
# fpsy: "Helps consumers and their families and supporters"; cft: "sessions facilitated by a therapist to help couples
# and family members". php and iop are settings of care.
KINDS: Mapping[str, Kind] = {
    "gt": Kind("process", "Group therapy", r"group (?:therapy|counseling)", ("GT",), ("OP", "OIT", "ORT"),
               modalities=("interpersonal_process",), led_by="licensed_clinician"),
    "peer": Kind("peer_support", "Peer support", r"peer support", ("PEER",)),
    "fpsy": Kind("psychoed", "Family psychoeducation", r"family psychoeducation", ("FPSY",),
                 focus=("family_of_mi",), modalities=("family_psychoeducation",), attendees="anyone"),
    "iop": Kind("iop", "Intensive outpatient program", r"intensive outpatient", ("OIT",), ("OIT",)),
    "php": Kind("php", "Partial hospital or day program", r"partial hospitali[sz]ation|day treatment", ("PHDT",),
                ("PHDT",)),
    "cft": Kind("family_therapy", "Family and couples therapy", r"family (?:therapy|counseling)", ("CFT",),
                ("OP", "OIT", "ORT"), focus=("relationships",), attendees="anyone", led_by="licensed_clinician",
                couples=True),
}
# Facility types (category FT) and the like name whole houses, not groups.
_NOT_GROUPS = frozenset(("PH",))

# Type of care (category TC), widest first: what the facility treats is what its groups are about.
CARE = ("MH", "SA", "SUMH")
PAYERS = ("medicaid", "medicare", "private", "military_ins", "va", "ihs", "state_insurance", "justice_funds", "grant")
# Category PAY, complete: with one of these the facility says that treatment is paid for.
PAYMENT = frozenset("CLF CMHG CSBG FG ITU MC MD MI OSF PI PCF SCJJ SEF SF SI SMHA SWFS VAF".split())
# Category AGE: the years in the dictionary's own words; "Children/adolescents" reaches to 17 by its name.
AGES = {"CHLD": (None, 17), "YAD": (18, 25), "ADLT": (26, 64), "SNR": (65, None)}


def kinds_of(codes: Iterable[str], dictionary: Mapping[str, str]) -> tuple[list[str], str]:
    """Keys of KINDS that the codes state, and why there is none: `no_group_stated` or `not_outpatient`."""
    there = frozenset(codes)
    stated = [key for key, kind in KINDS.items() if _states(kind, there, dictionary)]
    kinds = [key for key in stated if there & frozenset(KINDS[key].setting)]
    return kinds, "" if kinds else "not_outpatient" if stated else "no_group_stated"


def _states(kind: Kind, codes: frozenset[str], dictionary: Mapping[str, str]) -> bool:
    if not dictionary:
        return any(code in codes for code in kind.codes)
    return any(_named(kind.words, dictionary.get(code, "")) for code in codes - _NOT_GROUPS)


def _named(words: str, name: str) -> bool:
    return bool(re.search(words, name, re.I))


def facility_facts(codes: list[str]) -> dict[str, Any]:
    """Fields that hold for every program of a facility: focus, populations, languages, age, cost, accessibility, kind.

    Nothing is added to what the codes say: no severity, no capacity, no limits beyond the ages accepted.
    """
    table = crosswalk("samhsa")
    focus = [ours for code in CARE if code in codes for ours in table.ours("focus_areas", code)]
    populations: list[str] = []
    languages: list[str] = []
    for code in codes:
        focus += table.ours("focus_areas", code)
        populations += table.ours("populations", code)
        languages += table.ours("languages", code)
    access = {"asl": "on_request"} if "AH" in codes else {}
    if "SMON" in codes:
        access["smoke_free"] = "yes"
    kind = next((row.ours for row in table.rows if row.list_name == "organization_kinds" and row.theirs in codes), None)
    if kind == "veterans":
        populations.insert(0, "veterans")
    return {"focus": list(dict.fromkeys(focus)), "populations": list(dict.fromkeys(populations)),
            # The directory is about care in English; "staff counselors provide treatment in" adds the others.
            "languages": list(dict.fromkeys(("en", *languages))) if languages else [],
            "age": _age(codes), "cost": _cost(codes), "accessibility": access, "kind": kind}


def _age(codes: list[str]) -> dict[str, int] | None:
    """The limits of all age groups accepted together; None when there are none or they leave a gap."""
    groups = list(AGES)
    taken = [place for place, code in enumerate(groups) if code in codes]
    if not taken or taken[-1] - taken[0] + 1 != len(taken):
        return None
    low, high = AGES[groups[taken[0]]][0], AGES[groups[taken[-1]]][1]
    found = ({"min": low} if low is not None else {}) | ({"max": high} if high is not None else {})
    return found or None


def _cost(codes: list[str]) -> dict[str, Any] | None:
    """Payers and help with the fee, when any code of the payment category is stated. Amounts never are."""
    if not PAYMENT & frozenset(codes):
        return None
    ours = [one for code in codes for one in crosswalk("samhsa").ours("cost_payment", code)]
    payers = [one for one in dict.fromkeys(ours) if one in PAYERS]
    found: dict[str, Any] = {"free": False}
    if payers:
        found["insurance"] = payers
    if "sliding" in ours or "assistance" in ours:
        found["sliding_scale"] = True
    return found
