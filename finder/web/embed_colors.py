"""A host's two colors to the style of an embedded finder in which everything can be read, whatever they are.

The accent stands as the host wrote it wherever it fills something; words on it are white or black, and links take as
much of the ink as they need. Contrast as WCAG 2.2 asks for it: 4.5 for words (1.4.3), 3 for edges (1.4.11).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from finder.colors import TEXT_CONTRAST, WHITE, contrast, mixed

EDGE_CONTRAST = 3.0  # WCAG 2.2, 1.4.11: what shows where a box or a button is
BLACK = "#000000"
PLUM = "#5a2f66"  # of site.css: the accent where nobody chose one
_INK = {False: "#2a2030", True: "#f2edf1"}  # on light and on dark, as site.css has them
_LAMP = {False: {"lamp-wash": "#fcf0d4", "lamp-line": "#dfb55a", "lamp-ink": "#2a2030"},
         True: {"lamp-wash": "#3a2c15", "lamp-line": "#7a5f26", "lamp-ink": "#f2edf1"}}
_SIGNS = {False: {"ochre": "#7d5300", "brick": "#a02c2a"}, True: {"ochre": "#e8c074", "brick": "#f3a8a1"}}
_LIGHTER, _COMFORT = 0.06, 7.0  # cards on dark are so much lighter, where words on them stay well readable
_STEP = 0.05


def stylesheet(accent: str, background: str) -> str:
    """The tokens of embed.css for a host's colors, and which of the two schemes its form controls take."""
    scheme = "dark" if _is_dark(background) else "light"
    said = "".join(f"--{name}:{value};" for name, value in tokens(accent, background).items())
    return f":root{{color-scheme:{scheme};{said}}}"


def tokens(accent: str, background: str) -> Mapping[str, str]:
    """Every color that embed.css names. Both arguments as `colors.is_color` takes them."""
    dark = _is_dark(background)
    ink = _ink(background, dark)
    sheet = _sheet(background, ink, dark)
    tint = _first([mixed(background, ink, _LIGHTER), background], ink, TEXT_CONTRAST, [ink])
    surfaces = (background, sheet, tint)
    on_fill = WHITE if contrast(accent, WHITE) >= TEXT_CONTRAST else BLACK
    plum = _readable(accent, ink, surfaces, TEXT_CONTRAST)
    edge = _readable(mixed(background, ink, 0.5), ink, surfaces, EDGE_CONTRAST)
    return {
        "paper": background, "sheet": sheet, "tint": tint, "line": mixed(background, ink, 0.18), "edge": edge,
        "ink": ink, "soft": _readable(mixed(background, ink, 0.72), ink, surfaces, TEXT_CONTRAST),
        "plum": plum, "plum-deep": _readable(mixed(plum, ink, 0.35), ink, surfaces, TEXT_CONTRAST),
        "fill": accent, "on-fill": on_fill, "fill-deep": mixed(accent, BLACK if on_fill == WHITE else WHITE, 0.2),
        "fill-edge": accent if min(contrast(accent, one) for one in surfaces) >= EDGE_CONTRAST else edge,
        **{name: _readable(color, ink, surfaces, TEXT_CONTRAST) for name, color in _SIGNS[dark].items()},
        **_LAMP[dark],
    }


def _is_dark(background: str) -> bool:
    return contrast(background, WHITE) > contrast(background, BLACK)


def _ink(background: str, dark: bool) -> str:
    """The design's own ink where it can be read, else the plain one, which always can (4.58 at worst)."""
    return _first([_INK[dark]], WHITE if dark else BLACK, TEXT_CONTRAST, [background])


def _sheet(background: str, ink: str, dark: bool) -> str:
    """What cards are drawn on: lighter than the page, on dark only as far as the words allow."""
    if not dark:
        return mixed(background, WHITE, 0.75)
    return _first([mixed(background, WHITE, _LIGHTER)], mixed(background, BLACK, 0.12), _COMFORT, [ink])


def _first(tried: Sequence[str], otherwise: str, least: float, against: Sequence[str]) -> str:
    return next((one for one in tried if min(contrast(one, other) for other in against) >= least), otherwise)


def _readable(color: str, ink: str, surfaces: Sequence[str], least: float) -> str:
    """The color with as much ink in it as it needs to stand out from all surfaces."""
    shares = (step * _STEP for step in range(round(1 / _STEP) + 1))
    return _first([mixed(color, ink, min(1.0, share)) for share in shares], ink, least, surfaces)
