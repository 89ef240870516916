"""QR codes as plain SVG: no style, no size, so that the stylesheet decides and the page's policy allows it."""

from __future__ import annotations

import segno
from markupsafe import Markup

BORDER = 4  # modules of quiet zone around the code (ISO/IEC 18004, 6.3.8)


def code(address: str, *, title: str | None = None) -> Markup:
    """The code of an address. The page says beside it, in words, where it leads; a PDF needs those words as a title."""
    made = segno.make(address, error="m", micro=False)
    drawn = made.svg_inline(border=BORDER, omitsize=True, svgclass="qr", lineclass=None, dark="#000", light="#fff",
                           title=title)
    return Markup(drawn)  # noqa: S704 - shapes only: nothing of the address is in it as text
