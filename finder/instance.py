"""What stewards set for this instance: its name, region, languages, contact, color, policy and license of the data.
Each save is a version.

What nobody set comes from the settings of the environment. Crisis lines cannot be set here, only which country's stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import JSON, DateTime, ForeignKey, LargeBinary, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from finder import colors, crisis
from finder.db import Base
from finder.errors import Conflict, Invalid, Problem
from finder.fields import Codes, Text, Whole, web_url

LONGEST_POLICY = 5000  # characters
LONGEST_LICENSE = 100
LEAST_DAYS = 180  # before that an old listing is only marked; see TRUST Y5
LARGEST_LOGO = 64 * 1024  # bytes
PNG = b"\x89PNG\r\n\x1a\n"


class InstanceVersion(Base):
    """One save of what stewards set. The newest counts."""

    __tablename__ = "instance_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    logo: Mapped[bytes | None] = mapped_column(LargeBinary(LARGEST_LOGO))


@dataclass(frozen=True, slots=True)
class Instance:
    """What is set, as pages use it. `version` 0: nobody has saved anything yet. `states` are two letters each;
    `policy` is by language; `unpublish_after_days` None: never offered."""

    version: int = 0
    name: str = ""
    short_name: str = ""
    operator: str = ""
    contact: str = ""
    url: str = ""
    country: str = ""
    states: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    color: str = ""
    license: str = ""
    policy: Mapping[str, str] = field(default_factory=dict)
    unpublish_after_days: int | None = None
    has_logo: bool = False


SAVED = tuple(one.name for one in fields(Instance) if one.name not in ("version", "has_logo"))
_TEXTS = {"name": Text(60), "short_name": Text(20, 0), "operator": Text(200, 0), "contact": Text(200, 0),
          "license": Text(LONGEST_LICENSE, 0)}


def newest(session: Session) -> Instance:
    """What counts now."""
    row = _newest(session)
    return _read(row) if row is not None else Instance()


def versions(session: Session) -> list[tuple[Instance, datetime, int | None]]:
    """Every version with when and whose account saved it, the newest first."""
    rows = session.scalars(select(InstanceVersion).order_by(InstanceVersion.id.desc()))
    return [(_read(row), row.at, row.account_id) for row in rows]


def logo(session: Session) -> bytes | None:
    """The picture beside the name (PNG), if there is one."""
    row = _newest(session)
    return row.logo if row is not None else None


def save(session: Session, values: Mapping[str, Any], *, base: int, account_id: int | None, now: datetime,
         known_languages: tuple[str, ...], picture: bytes | None = None, without_picture: bool = False) -> Instance:
    """A new version with these values in place of the newest ones.

    `base` is the version that the form was made from; `picture` a new logo. Raises Invalid by field, and
    Conflict("stale") when somebody saved meanwhile.
    """
    row = _newest(session)
    if (row.id if row is not None else 0) != base:
        raise Conflict("stale")
    before = _read(row) if row is not None else Instance()
    checked = _checked({name: values.get(name, getattr(before, name)) for name in SAVED}, known_languages, picture)
    kept = None if without_picture else picture or (row.logo if row is not None else None)
    session.add(InstanceVersion(at=now.replace(tzinfo=None), account_id=account_id, settings=checked, logo=kept))
    session.flush()
    return newest(session)


def restore(session: Session, version: int, *, base: int, account_id: int | None, now: datetime) -> Instance:
    """An earlier version as the newest one. Raises Conflict("stale"), Invalid when there is none of that number."""
    newest_row = _newest(session)
    if newest_row is None or newest_row.id != base:
        raise Conflict("stale")
    row = session.get(InstanceVersion, version) if version <= newest_row.id else None
    if row is None:
        raise Invalid({"version": [Problem("required")]})
    session.add(InstanceVersion(at=now.replace(tzinfo=None), account_id=account_id, settings=row.settings,
                                logo=row.logo))
    session.flush()
    return newest(session)


def _newest(session: Session) -> InstanceVersion | None:
    return session.scalars(select(InstanceVersion).order_by(InstanceVersion.id.desc()).limit(1)).first()


def _read(row: InstanceVersion) -> Instance:
    known = {name: value for name, value in row.settings.items() if name in SAVED}
    for name in ("states", "languages"):
        known[name] = tuple(known.get(name) or ())
    return replace(Instance(**known), version=row.id, has_logo=row.logo is not None)


def _checked(values: dict[str, Any], known_languages: tuple[str, ...], picture: bytes | None) -> dict[str, Any]:
    errors: dict[str, list[Problem]] = {}
    rules = {**_TEXTS, "states": Codes(None, 60), "languages": Codes(known_languages, 40), "url": web_url()}
    for name, rule in rules.items():
        value = list(values[name]) if isinstance(values[name], tuple) else values[name]
        if value or name == "name":
            _try(errors, name, rule, value)
    if values["country"] and values["country"] not in crisis.COUNTRIES:
        errors["country"] = [Problem("not_a_code", value=values["country"])]
    if values["color"] and (wrong := colors.problem(values["color"])) is not None:
        errors["color"] = [wrong]
    if values["unpublish_after_days"] is not None:
        _try(errors, "unpublish_after_days", Whole(LEAST_DAYS, 3650), values["unpublish_after_days"])
    for text in dict(values["policy"]).values():
        _try(errors, "policy", Text(LONGEST_POLICY, 0, lines=True), text)
    if picture is not None and (not picture.startswith(PNG) or len(picture) > LARGEST_LOGO):
        errors["logo"] = [Problem("not_a_picture", max=LARGEST_LOGO // 1024)]
    if errors:
        raise Invalid(errors, "instance")
    return {name: list(values[name]) if isinstance(values[name], tuple) else values[name] for name in SAVED}


def _try(errors: dict[str, list[Problem]], name: str, rule: Any, value: Any) -> None:
    try:
        rule.read(value)
    except ValidationError as wrong:
        errors[name] = [one for one in wrong.messages if isinstance(one, Problem)]
