"""What feeds and files hold besides the listings: the license that stewards or the operator state, the languages, and a
mark of all that the environment says, which no version of the catalog tells of.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from finder import instance
from finder.api.blueprint import languages, services


def license_name() -> str:
    """The license of the listings as data; empty where none is stated."""
    held = services()
    with held.database.reading() as session:
        return instance.newest(session).license or held.settings.data_license


def mark() -> str:
    """Eight signs that change with the settings of the environment that such files hold."""
    held = services().settings
    said = (held.address, held.site_name, held.data_license, held.default_locale, *languages())
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:8]


def prefixes() -> Iterator[tuple[str, str]]:
    """Each language with what stands before the paths of its pages, the instance's own language first."""
    default = services().settings.default_locale
    yield default, ""
    yield from ((code, f"/{code}") for code in languages() if code != default)


def prefix(lang: str) -> str:
    """What stands before the paths of pages in a language."""
    return dict(prefixes())[lang]
