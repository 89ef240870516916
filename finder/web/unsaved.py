"""When nothing can be saved, as on a full disk: what to say, and the words of a form, kept to be sent again.

Nothing is stored for it. The fields go back to the very browser that sent them, in a page that is never kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from finder.errors import Unavailable
from finder.sqlite import BUSY, READ_ONLY
from finder.web.headers import CHANGING
from finder.wordings.language import N_, gettext

HEADING = N_("Nothing can be saved right now")
KEPT = N_("What you wrote is kept on this page. Please send it again in a few minutes. You can go on reading and "
          "looking for groups.")
NOT_KEPT = N_("Please go back and send it again in a few minutes. You can go on reading and looking for groups.")
RETRY_SECONDS = {READ_ONLY: 120, BUSY: 10}
NEVER_SHOWN = frozenset(("password",))  # fields that are not written into a page


@dataclass(frozen=True, slots=True)
class Again:
    """A form as it was sent: where to, and its fields in their order."""

    to: str
    fields: tuple[tuple[str, str], ...]


def is_meant(error: Exception) -> bool:
    """Whether a failure is that nothing could be saved. A reader that came at a busy moment was saving nothing."""
    return isinstance(error, Unavailable) and (
        error.code == READ_ONLY or error.code == BUSY and request.method in CHANGING)


def again() -> Again | None:
    """The form to send again; None for what was no form, or holds what a page must not: a file or a password."""
    if request.method != "POST" or not request.form or any(one.filename for one in request.files.values()):
        return None
    fields = tuple(request.form.items(multi=True))
    if any(name in NEVER_SHOWN and value for name, value in fields):
        return None
    return Again("/" + request.full_path.rstrip("?").lstrip("/"), fields)  # never "//", which names another site


def words(kept: Again | None) -> tuple[str, str]:
    """Heading, and what to do."""
    return gettext(HEADING), gettext(KEPT if kept is not None else NOT_KEPT)
