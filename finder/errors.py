"""Broken promises, named once for every room.

Each carries a stable code and the values a sentence is made from; no HTTP numbers and no sentences here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class FinderError(Exception):
    """Any failure that a door turns into a page or a problem document."""

    code = "error"

    def __init__(self, code: str | None = None, **values: object) -> None:
        self.code = code or type(self).code
        self.values = values
        super().__init__(self.code, values)


class NotFound(FinderError):
    """What was asked for does not exist, or may not be known to exist."""

    code = "not_found"


class Gone(FinderError):
    """What was asked for was here once and is not any more."""

    code = "gone"


class Invalid(FinderError):
    """Input that breaks a rule. `errors` maps a dotted field path to error codes with their values."""

    code = "invalid"

    def __init__(self, errors: Mapping[str, Sequence[Problem]], code: str | None = None, **values: object) -> None:
        super().__init__(code, **values)
        self.errors = {field: list(problems) for field, problems in errors.items()}


class Conflict(FinderError):
    """Somebody else changed it first."""

    code = "conflict"


class Unversioned(FinderError):
    """A change that does not say which version its maker had read."""

    code = "version_needed"


class TooOften(FinderError):
    """A limit is reached; `seconds` says when there is room again."""

    code = "too_often"


class Forbidden(FinderError):
    """The person may not do this."""

    code = "forbidden"


class Unavailable(FinderError):
    """A part needed for this is not there for now."""

    code = "unavailable"


class Problem:
    """One broken rule in one field: a stable code and the values its sentence needs."""

    __slots__ = ("code", "values")

    def __init__(self, code: str, **values: object) -> None:
        self.code = code
        self.values = values

    def __repr__(self) -> str:
        return f"Problem({self.code!r}, {self.values!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Problem) and (self.code, self.values) == (other.code, other.values)

    def __hash__(self) -> int:
        return hash((self.code, tuple(sorted(self.values))))
