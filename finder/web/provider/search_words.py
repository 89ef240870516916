"""What a kept search asks for, in a few words each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from finder import wording
from finder.wordings import facts
from finder.wordings.language import N_, capital, gettext, money
from finder.wordings.topics import PAYERS, named

AGES: Mapping[int, str] = {15: N_("Under 18"), 21: N_("18 to 25"), 40: N_("26 to 59"), 70: N_("60 and older")}
LEADERS: Mapping[str, str] = {"peer": N_("Led by peers"), "professional": N_("Led by a professional")}
COSTS: Mapping[str, str] = {"free_only": N_("Free only"), "insurance": N_("Covered by insurance")}
TRAVELS: Mapping[str, str] = {"car": N_("by car"), "transit": N_("by bus or train"), "walk": N_("on foot")}
_ANY = "any"


def asked(kept: Mapping[str, Any]) -> list[str]:
    """The parts of a kept search in words, the needs first."""
    return [one for one in _parts(kept) if one]


def _parts(kept: Mapping[str, Any]) -> Iterator[str]:
    for code in kept.get("needs") or ():
        yield wording.label("focus_areas", code)
    if kept.get("attending_as") == "relative":
        yield gettext("For family or friends")
    yield _of(AGES, kept.get("age"))
    yield _place(kept)
    yield from _listed(kept, "formats", lambda code: wording.facet_value_text("formats", code))
    yield from _listed(kept, "times", lambda code: wording.facet_value_text("times", code))
    if kept.get("languages"):
        yield wording.listed((wording.label("languages", one) for one in kept["languages"]), either=True)
    if kept.get("stated_level") is not None:
        yield gettext("Support: %(level)s", level=facts.level(kept["stated_level"]))
    yield from _money(kept)
    yield from _listed(kept, "access", lambda code: wording.label("accessibility", code))
    yield _of(LEADERS, kept.get("led_by"))
    yield gettext("Women only") if kept.get("women_only") else ""
    if kept.get("avoid"):
        yield gettext("Without: %(kinds)s", kinds=wording.listed(_avoided(kept["avoid"])))


def _place(kept: Mapping[str, Any]) -> str:
    near, radius = kept.get("near"), kept.get("radius_miles")
    if not near:
        return ""
    name = near.get("text") or f"{near['latitude']:.2f}, {near['longitude']:.2f}"
    place = gettext("Up to %(miles)s from %(place)s", miles=wording.reach_text(radius), place=name) if radius \
        else gettext("Near %(place)s", place=name)
    travel = _of(TRAVELS, kept.get("travel"))
    return f"{place}, {travel}" if travel else place


def _of(table: Mapping[Any, str], code: Any) -> str:
    """The words of a code, "" for one without."""
    words = table.get(code)
    return gettext(words) if words else ""


def _listed(kept: Mapping[str, Any], name: str, label: Any) -> Iterator[str]:
    """Wishes, with those marked that are musts."""
    wished: Sequence[str] = kept.get(name) or ()
    stated = kept.get(f"{name}_required")
    musts = wished if stated is True else stated or ()
    for code in dict.fromkeys([*wished, *musts]):
        if code != _ANY:
            yield gettext("%(wish)s (must)", wish=label(code)) if code in musts else label(code)


def _money(kept: Mapping[str, Any]) -> Iterator[str]:
    cost = kept.get("cost") or {}
    if cost.get("kind") == "up_to" and cost.get("amount") is not None:
        yield gettext("Up to %(price)s", price=money(cost["amount"]))
    yield _of(COSTS, cost.get("kind"))
    payers = [one for one in kept.get("insurance") or () if one in PAYERS]
    yield capital(named(PAYERS, payers, either=True)) if payers else ""


def _avoided(codes: Iterable[str]) -> Iterator[str]:
    """Labels of codes that may stand in one of three lists."""
    for code in codes:
        labels = (wording.label(name, code) for name in ("group_types", "modalities", "populations"))
        yield next((one for one in labels if one != code), code)
