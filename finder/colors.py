"""An instance's own color: whether people can read with it, and the shades that both themes need of it.

Contrast as in WCAG 2.2, "relative luminance" and "contrast ratio".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from finder.errors import Problem

PAPER, DARK_PAPER, WHITE, INK = "#f7f5f3", "#1c1720", "#ffffff", "#2a1530"  # of site.css, section 1
TEXT_CONTRAST = 4.5  # WCAG 2.2, 1.4.3 (AA): text
DARK_CONTRAST = 7.0  # what the design's own plum has, and more, on dark paper
STEP = 0.05  # of white that is mixed in, until a shade can be read
_HEX = re.compile(r"#[0-9a-f]{6}")
_KNEE, _LINEAR, _OFFSET, _POWER = 0.04045, 12.92, 0.055, 2.4  # of sRGB (IEC 61966-2-1)
_SHARES = (0.2126, 0.7152, 0.0722)  # of red, green and blue in luminance


def is_color(text: str) -> bool:
    """Whether a text is a color as forms send one: # and six lower-case hexadecimal digits."""
    return bool(_HEX.fullmatch(text))


def contrast(one: str, other: str) -> float:
    """The contrast of two colors, 1..21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mixed(color: str, other: str, share: float) -> str:
    """A color with a share (0..1) of another one in it."""
    parts = zip(_parts(color), _parts(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in parts)


def problem(color: str) -> Problem | None:
    """Why a color cannot be used for links and buttons: "not_a_color", or "too_pale" with the contrast it has."""
    if not is_color(color):
        return Problem("not_a_color")
    worst = min(contrast(color, PAPER), contrast(color, WHITE))
    return Problem("too_pale", contrast=round(worst, 1), needed=TEXT_CONTRAST) if worst < TEXT_CONTRAST else None


def shades(color: str) -> Mapping[str, str]:
    """The tokens of site.css for both themes: plum, plum-deep and on-plum, and the same with "dark-" before."""
    light, share = color, 0.0
    while contrast(light, DARK_PAPER) < DARK_CONTRAST or contrast(light, INK) < DARK_CONTRAST:
        share += STEP
        light = mixed(color, WHITE, min(1.0, share))
    return {"plum": color, "plum-deep": mixed(color, "#000000", 0.3), "on-plum": WHITE,
            "dark-plum": light, "dark-plum-deep": mixed(light, WHITE, 0.3), "dark-on-plum": INK}


def stylesheet(color: str) -> str:
    """The style sheet that gives an instance its color."""
    found = shades(color)
    light = "".join(f"--{name}:{value};" for name, value in found.items() if not name.startswith("dark-"))
    dark = "".join(f"--{name.removeprefix('dark-')}:{value};" for name, value in found.items()
                   if name.startswith("dark-"))
    return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def _parts(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(color: str) -> float:
    channels = (one / 255 for one in _parts(color))
    linear = (one / _LINEAR if one <= _KNEE else ((one + _OFFSET) / (1 + _OFFSET)) ** _POWER for one in channels)
    return sum(share * one for share, one in zip(_SHARES, linear, strict=True))
