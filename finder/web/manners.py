"""What every answer and request of this app has in common, for a door that answers without Flask's hooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Manners:
    """At `app.extensions["finder_manners"]`.

    `headers` are those of `web.headers`, all but the request's own name; `is_own` tells whether a `Host` is one that
    requests may be for; `is_late` whether a request waited for so long that it is turned away; `wait` spends from the
    budget of a path, its `format` and the address that asks, and gives the seconds to wait where it is used up.
    """

    headers: tuple[tuple[str, str], ...]
    is_own: Callable[[str], bool]
    is_late: Callable[[Mapping[str, Any]], bool]
    wait: Callable[[str, str, str | None], float]
