"""How somebody could prove that a listing is theirs: by the address that stands in it, or by their organization's mail.

Pure: it reads a listing document and the address of whoever claims it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

CONTACT, DOMAIN, STEWARD = "contact", "domain", "steward"  # a letter to the listing; an address; a steward's own ways

# Where anybody gets a mailbox, or a page of their own: an address there says nothing about an organization.
PUBLIC_MAIL = frozenset((
    "aol.com", "att.net", "bellsouth.net", "comcast.net", "cox.net", "earthlink.net", "fastmail.com", "frontier.com",
    "gmail.com", "gmx.com", "gmx.net", "googlemail.com", "hey.com", "hotmail.com", "icloud.com", "juno.com", "live.com",
    "mac.com", "mail.com", "me.com", "msn.com", "netzero.net", "optonline.net", "outlook.com", "pm.me", "proton.me",
    "protonmail.com", "rocketmail.com", "roadrunner.com", "sbcglobal.net", "tutanota.com", "verizon.net", "yahoo.com",
    "yahoo.es", "yandex.com", "ymail.com", "zoho.com"))
SHARED_SITES = frozenset((
    "blogspot.com", "eventbrite.com", "facebook.com", "github.io", "google.com", "instagram.com", "linktr.ee",
    "meetup.com", "squarespace.com", "substack.com", "weebly.com", "wixsite.com", "wordpress.com", "zoom.us"))


@dataclass(frozen=True, slots=True)
class Ways:
    """How somebody can prove that a listing is theirs. `contact` is the listing's own address, "" without one;
    `domain` the organization's where their own address is there too, else ""."""

    contact: str
    domain: str


def ways(document: Mapping[str, Any], email: str) -> Ways:
    """The ways open to whoever has this address."""
    return Ways(published_contact(document), own_domain(document, email))


def published_contact(document: Mapping[str, Any]) -> str:
    """The address that stands in a listing: the group's own, else its organization's; "" for none."""
    return ((document.get("contact") or {}).get("email") or (document.get("organization") or {}).get("email") or "")


def own_domain(document: Mapping[str, Any], email: str) -> str:
    """The domain of an address, where the organization of a listing has the same one; "" for a public provider."""
    domain = email.rpartition("@")[2].lower()
    if not domain or domain in PUBLIC_MAIL or domain in SHARED_SITES:
        return ""
    parts = [document.get("organization") or {}, document.get("contact") or {}]
    named = {(one.get("email") or "").rpartition("@")[2].lower() for one in parts}
    named |= {_host(one.get("url") or "") for one in parts}
    return domain if any(_same(domain, one) for one in named - {""} - PUBLIC_MAIL - SHARED_SITES) else ""


def _host(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def _same(domain: str, other: str) -> bool:
    return domain == other or domain.endswith("." + other) or other.endswith("." + domain)
