"""Draws the icons of an installed site from seat.svg: `python -m tests.icons` writes them, a test holds them to it."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from tests.shared import ROOT

STATIC = ROOT / "finder" / "static"
PAPER = "#f7f5f3"
# File -> width in pixels, and how much of it the drawing takes. Launchers may cut a maskable icon down to a circle of
# four fifths of its width (W3C Web Application Manifest, "Icon masks and safe zone").
ICONS = {"icon-192.png": (192, 0.84), "icon-512.png": (512, 0.84), "icon-maskable-512.png": (512, 0.6)}
Pixels = NDArray[np.float64]


def _color(text: str) -> Pixels:
    return np.array([int(text[at:at + 2], 16) for at in (1, 3, 5)], dtype=np.float64)


def drawn(size: int, share: float) -> NDArray[np.uint8]:
    """The drawing on paper: every circle filled, then its edge; borders one pixel soft."""
    picture = np.broadcast_to(_color(PAPER), (size, size, 3)).copy()
    svg = ElementTree.parse(STATIC / "seat.svg").getroot()
    scale = size * share / float(svg.attrib["viewBox"].split()[2])
    edge = (size - size * share) / 2
    above = {circle: group for group in svg.iter() for circle in group}
    y, x = np.mgrid[0:size, 0:size] + 0.5
    for circle in svg.iter("{http://www.w3.org/2000/svg}circle"):
        cx, cy, r = (float(circle.attrib[name]) * scale for name in ("cx", "cy", "r"))
        line = float(circle.get("stroke-width", 0)) * scale / 2
        away = np.hypot(x - cx - edge, y - cy - edge)
        if line:
            picture = _laid(picture, away, r + line, circle.attrib["stroke"])
        picture = _laid(picture, away, r - line, circle.get("fill") or above[circle].attrib["fill"])
    return np.rint(picture).astype(np.uint8)


def _laid(picture: Pixels, away: Pixels, radius: float, color: str) -> Pixels:
    cover = np.clip(radius - away + 0.5, 0, 1)[..., None]
    return np.asarray(picture * (1 - cover) + _color(color) * cover)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(pixels: NDArray[np.uint8]) -> bytes:
    """A picture as PNG (W3C PNG, third edition): 8-bit RGB, no filter."""
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    return (b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b""))


def pixels_of(path: Path) -> NDArray[np.uint8]:
    """The picture in a file that `png` made."""
    body = path.read_bytes()
    width, height = struct.unpack(">II", body[16:24])
    at = body.index(b"IDAT")
    (length,) = struct.unpack(">I", body[at - 4:at])
    rows = np.frombuffer(zlib.decompress(body[at + 4:at + 4 + length]), np.uint8).reshape(height, 1 + 3 * width)
    return rows[:, 1:].reshape(height, width, 3)


if __name__ == "__main__":
    for name, (size, share) in ICONS.items():
        (STATIC / name).write_bytes(png(drawn(size, share)))
