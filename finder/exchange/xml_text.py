"""XML documents as bytes, by the standard library, without the signs that XML cannot hold."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping

# Everything but the characters of XML 1.0 (fifth edition, production 2).
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def held(text: str) -> str:
    """The text without characters that no XML document may hold."""
    return _FORBIDDEN.sub("", text)


def add(parent: ET.Element, tag: str, text: str = "", attributes: Mapping[str, str] | None = None) -> ET.Element:
    """A new element inside another one; text and attributes are cleaned here and escaped when they are written."""
    found = ET.SubElement(parent, tag, {name: held(value) for name, value in (attributes or {}).items()})
    if text:
        found.text = held(text)
    return found


def written(root: ET.Element, prefixes: Mapping[str, str]) -> bytes:
    """The document in UTF-8 with its declaration. `prefixes`: name -> namespace; "" is the default one, whose elements
    bear no prefix."""
    own = {f"{{{space}}}": f"{name}:" if name else "" for name, space in prefixes.items()}
    for element in root.iter():
        element.tag = _named(str(element.tag), own)
        element.attrib = {_named(key, own): value for key, value in element.attrib.items()}
    for name, space in prefixes.items():
        root.set(f"xmlns:{name}" if name else "xmlns", space)
    found: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return found


def _named(tag: str, own: Mapping[str, str]) -> str:
    space, brace, name = tag.rpartition("}")
    return f"{own[space + brace]}{name}" if brace else tag
