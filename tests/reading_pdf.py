"""PDFs as people and screen readers get them: the words of each page, and the sizes that letters have on paper."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import unicodedata

import pikepdf
import pytest

# Marks of direction, which a reader puts around words that run the other way.
_MARKS = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))


def opened(made: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(made))


def pages(made: bytes) -> list[str]:
    """The words of each page, single spaces. Needs pdftotext (poppler), which a check of a change must have."""
    if shutil.which("pdftotext") is None:
        assert not os.environ.get("CI"), "pdftotext is not installed"
        pytest.skip("pdftotext is not installed")
    text = subprocess.run(["pdftotext", "-enc", "UTF-8", "-", "-"], input=made, capture_output=True,  # noqa: S607
                          check=True).stdout.decode()
    return [" ".join(unicodedata.normalize("NFC", one).translate(_MARKS).split())
            for one in text.removesuffix("\f").split("\f")]


def points(made: bytes) -> set[float]:
    """Every size of letters on the pages, in points."""
    found = set()
    for page in opened(made).pages:
        held: list[float] = []
        scale, size, stretch = 1.0, 0.0, 1.0
        for step in pikepdf.parse_content_stream(page):
            name, values = str(step.operator), step.operands
            if name == "q":
                held.append(scale)
            elif name == "Q":
                scale = held.pop()
            elif name == "cm":
                scale *= abs(float(values[0]))
            elif name == "Tf":
                size = float(values[1])
            elif name == "Tm":
                stretch = abs(float(values[0]))
            elif name == "TJ":
                found.add(round(size * scale * stretch, 1))
    return found
