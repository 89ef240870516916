"""Roles, places and times of accounts in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from finder.accounts.permissions import Granted, Role, Scope
from finder.web.pages import unbroken
from finder.wordings import states
from finder.wordings.language import N_, clock, gettext
from finder.wordings.language import day as day_in_words

ROLES: Mapping[str, str] = {
    Role.OPERATOR: N_("Editor of groups"), Role.PROVIDER: N_("Provider who refers people"),
    Role.STEWARD: N_("Steward of the listings"), Role.ADMINISTRATOR: N_("Administrator of this site"),
}


@dataclass(frozen=True, slots=True)
class Held:
    """A role as its page shows it: what, where, and the address of the listing it is about (or "")."""

    grant: Granted
    role: str
    where: str
    slug: str = ""


def role(code: str) -> str:
    """A role by name."""
    return gettext(ROLES[code])


def grants(held: Iterable[Granted], names: Mapping[Granted, tuple[str, str]]) -> list[Held]:
    """Roles with where they hold; `names` are those of listings and organizations."""
    return [Held(one, role(one.role), *_where(one, names)) for one in held]


def _where(grant: Granted, names: Mapping[Granted, tuple[str, str]]) -> tuple[str, str]:
    if grant.scope is Scope.ALL:
        return gettext("Everywhere"), ""
    if grant.scope is Scope.STATE:
        return states.name(grant.value.rpartition(":")[2]), ""
    gone = gettext("A team that is gone") if grant.scope is Scope.TEAM else gettext("A listing that is gone")
    return names.get(grant, (gone, ""))


def day(instant: datetime | None) -> str:
    """The day of an instant; a word where there was none."""
    return day_in_words(instant.date()) if instant is not None else gettext("never")


def moment(instant: datetime) -> str:
    """Day and time of an instant; accounts know no zone of their own, so it says which it is."""
    return gettext("%(day)s, %(time)s UTC", day=day_in_words(instant.date()), time=unbroken(clock(instant)))
