"""The page for people who run a website: they choose, look at the finder as it will stand there, and copy a few lines.

Choosing changes nothing and is sent, so that the address of the page stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from markupsafe import escape

from finder import wording
from finder.colors import PAPER, WHITE
from finder.errors import Invalid, Problem
from finder.places import lookup
from finder.places.lookup import Choices
from finder.search.query_schema import MOST_TEXT
from finder.web import embed_colors, embed_headers, embed_presets, typed_place
from finder.web.browse_page import RADII, RADIUS
from finder.web.embed import SCRIPT, address, embed
from finder.web.embed_presets import Presets
from finder.web.headers import refuse_foreign_posts
from finder.web.own import own
from finder.web.pages import link, services, snapshot, topic_counts
from finder.wordings.language import N_, gettext, locale_name, ngettext

NOT_A_COLOR = N_("Write a color like #00695c: a # and six letters or digits.")
HEIGHT = 900  # pixels of a frame that no script makes as high as its page
Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Lines:
    """What a host copies: with the script, and without it."""

    script: str
    frame: str


@embed.route("/embed/about", methods=["GET", "POST"])
def about() -> ResponseReturnValue:
    """How to put the finder on a website: choose, look, copy"""
    refuse_foreign_posts()
    form = {name: request.form.get(name, "").strip() for name in (*embed_presets.NAMES, "language")}
    presets = embed_presets.read({name: [value] for name, value in form.items()}, services().gazetteer)
    language = form["language"] if form["language"] in [one.code for one in link().languages] else link().language
    errors = _errors(form, presets)
    if request.method == "GET":
        form |= {"miles": RADIUS, "language": language}
    page = render_template(
        "embed/about.html", form=form, errors=errors, demonstration=snapshot().demo, area="",
        radii=[(str(miles), ngettext("%(num)s mile", "%(num)s miles", miles)) for miles in RADII],
        languages=[(one.code, one.name) for one in link().languages],
        kinds=_choices("group_types", topic_counts().by_kind), topics=_choices("focus_areas", topic_counts().by_topic),
        lines=lines(presets, language), preview=address(presets, language), site=services().settings.address,
        notes=_notes(presets), sandbox=embed_headers.SANDBOX, chosen=request.method == "POST" and not errors)
    return page, 422 if errors else 200


def _choices(name: str, counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """The codes of a list that some group holds, with their words, by these."""
    found = [(code, wording.label(name, code)) for code in services().vocabulary.lists[name].codes if counts.get(code)]
    return sorted(found, key=lambda one: one[1].casefold())


def _errors(form: Form, presets: Presets) -> dict[str, list[str]]:
    """What was written and cannot be used. In the address of a frame it would be left out without a word."""
    found: dict[str, Sequence[str]] = {}  # in the order of the form
    if form["place"] and not presets.place:
        found["place"] = [wording.problem_text(one) for one in _unknown(form["place"])]
    found |= {name: [gettext(NOT_A_COLOR)] for name in ("color", "background")
              if form[name] and not getattr(presets, name)}
    return {name: list(words) for name, words in found.items()}


def _unknown(place: str) -> Sequence[Problem]:
    """What is wrong with a place that a frame cannot start from; it must be one that nobody need be asked about."""
    if len(place) > MOST_TEXT:
        return [Problem("too_long", max=MOST_TEXT)]
    held = services().gazetteer
    found = lookup.resolve(place, held)
    if isinstance(found, Choices) and found.why == "ambiguous":
        return [Problem("unknown_place", alike="; ".join(one.text for one in found.choices[:typed_place.MOST_ALIKE]))]
    try:
        typed_place.for_address(place, held)
    except Invalid as wrong:
        return wrong.errors["place"]
    return [Problem("unknown_place")]


def _notes(presets: Presets) -> list[str]:
    """What becomes of the colors chosen, so that everybody can read the frame."""
    if not presets.color and not presets.background:
        return []
    accent = presets.color or own().saved.color or embed_colors.PLUM
    made = embed_colors.tokens(accent, presets.background or PAPER)
    found = [gettext("Words on your buttons are white.") if made["on-fill"] == WHITE
             else gettext("Words on your buttons are black, because white could not be read.")]
    if made["plum"] != accent:
        found.append(gettext("Links take a stronger shade of your color, so that everybody can read them."))
    return found


def lines(presets: Presets, language: str) -> Lines:
    """What to copy for these choices."""
    base = services().settings.address
    with force_locale(locale_name(language)):
        title = gettext("Find a support group")
    said = {f"data-{name}": value for name, value in presets.in_address().items()}
    said = {name: f"#{value}" if name in ("data-color", "data-background") else value for name, value in said.items()}
    frame = _tag("iframe", {
        "src": address(presets, language, full=True), "title": title, "width": "100%", "height": str(HEIGHT),
        "frameborder": "0", "loading": "lazy", "referrerpolicy": "no-referrer", "sandbox": embed_headers.SANDBOX})
    script = _tag("script", {"src": f"{base}/{SCRIPT}", **said, "data-lang": language, "data-title": title,
                             "referrerpolicy": "no-referrer"}, " async")
    return Lines(f"{script}\n<noscript>{frame}</noscript>", frame)


def _tag(name: str, attributes: Mapping[str, Any], more: str = "") -> str:
    said = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{said}{more}></{name}>"
