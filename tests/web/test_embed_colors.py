from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finder import colors
from finder.web import embed_colors
from tests.shared import ROOT

STYLE = (ROOT / "finder" / "static" / "embed.css").read_text(encoding="utf-8")
COLORS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
SURFACES = ("paper", "sheet", "tint")
WORDS = ("ink", "soft", "plum", "plum-deep", "ochre", "brick")


@settings(deadline=None)
@given(accent=COLORS, background=COLORS)
def test_everything_can_be_read_whatever_a_host_chooses(accent: str, background: str) -> None:
    made = embed_colors.tokens(accent, background)
    assert all(colors.is_color(value) for value in made.values())
    for surface in SURFACES:
        for name in WORDS:
            assert colors.contrast(made[name], made[surface]) >= colors.TEXT_CONTRAST, (name, surface)
        for name in ("edge", "fill-edge"):
            assert colors.contrast(made[name], made[surface]) >= embed_colors.EDGE_CONTRAST, (name, surface)
    for fill in ("fill", "fill-deep"):
        assert colors.contrast(made["on-fill"], made[fill]) >= colors.TEXT_CONTRAST
    assert colors.contrast(made["lamp-ink"], made["lamp-wash"]) >= colors.TEXT_CONTRAST


@settings(deadline=None)
@given(accent=COLORS, background=COLORS)
def test_the_colors_of_the_host_stand_as_they_were_written(accent: str, background: str) -> None:
    made = embed_colors.tokens(accent, background)
    assert (made["fill"], made["paper"]) == (accent, background)
    assert made["on-fill"] in ("#ffffff", "#000000")


@pytest.mark.parametrize(("accent", "words"), [("#00695c", "#ffffff"), ("#ffcc00", "#000000"), ("#ffffff", "#000000"),
                                               ("#000000", "#ffffff"), ("#767676", "#ffffff"), ("#777777", "#000000")])
def test_words_on_a_button_are_white_where_they_can_be(accent: str, words: str) -> None:
    assert embed_colors.tokens(accent, "#ffffff")["on-fill"] == words


def test_a_color_that_can_be_read_stays_as_it_is_for_links_too() -> None:
    made = embed_colors.tokens("#00695c", "#ffffff")
    assert made["plum"] == "#00695c"
    assert embed_colors.tokens("#ffcc00", "#ffffff")["plum"] != "#ffcc00"


@pytest.mark.parametrize(("background", "scheme"), [("#ffffff", "light"), ("#101820", "dark"), ("#757575", "dark"),
                                                    ("#f7f5f3", "light")])
def test_controls_follow_the_background(background: str, scheme: str) -> None:
    assert embed_colors.stylesheet("#00695c", background).startswith(f":root{{color-scheme:{scheme};")


def test_every_color_of_the_sheet_is_set_and_none_besides() -> None:
    made = set(embed_colors.tokens("#00695c", "#ffffff"))
    used = set(re.findall(r"var\(--([a-z-]+)\)", STYLE)) - {"serif", "sans", "s"}
    assert used - made == {"on-plum", "lamp"}  # the first only stands for `on-fill` where nothing is chosen
    assert made <= used


def test_the_sheet_by_itself_can_be_read_in_both_themes() -> None:
    before, _, after = STYLE.partition("/* 2 ")[0].partition("prefers-color-scheme")
    light, dark = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", part)) for part in (before, after))
    for theme in (light, {**light, **dark}):
        held = {name: value if len(value) == 7 else "#" + "".join(sign * 2 for sign in value[1:])
                for name, value in theme.items()}
        for surface in SURFACES:
            assert min(colors.contrast(held[name], held[surface]) for name in WORDS) >= colors.TEXT_CONTRAST
            assert colors.contrast(held["edge"], held[surface]) >= embed_colors.EDGE_CONTRAST
        assert colors.contrast(held["on-plum"], held["plum"]) >= colors.TEXT_CONTRAST
        assert colors.contrast(held["lamp-ink"], held["lamp-wash"]) >= colors.TEXT_CONTRAST
