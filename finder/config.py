"""Settings: the only reader of the environment.

One field per setting with its type, default, environment name and a sentence; README's table is held to this list
by a test. All that is wrong is reported together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from finder.errors import Invalid, Problem

LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
MOST_REFERRAL_DAYS = 3650
LONGEST_LICENSE = 100  # characters
ROOT = Path(__file__).resolve().parent.parent
# An address of this or another site with the three numbers of a tile in it, and nothing that could end a header.
_TILES = re.compile(r"(https?://[A-Za-z0-9.-]+(:[0-9]+)?)?/(?!/)(?=.*\{z\})(?=.*\{x\})(?=.*\{y\})[A-Za-z0-9._~/{}?=&%-]+")
_ADDRESS = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,255}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")  # the parts of BCP 47 that CLDR's names use


def _setting(env: str, about: str, default: object) -> object:
    return field(default=default, metadata={"env": env, "about": about})


@dataclass(frozen=True, slots=True)
class Settings:
    """How one instance runs. Every field has a safe default; `from_env` fills it."""

    instance: Path = _setting("FINDER_INSTANCE", "Folder for the database, the secret and backups", Path("instance"))  # type: ignore[assignment]
    database_url: str = _setting("FINDER_DATABASE_URL", "SQLAlchemy address; empty means SQLite in the instance", "")  # type: ignore[assignment]
    database_read_url: str = _setting("FINDER_DATABASE_READ_URL", "A standby that all listings are read from", "")  # type: ignore[assignment]
    host: str = _setting("FINDER_HOST", "Address to listen on", "127.0.0.1")  # type: ignore[assignment]
    port: int = _setting("FINDER_PORT", "Port to listen on", 8000)  # type: ignore[assignment]
    workers: int = _setting("FINDER_WORKERS", "Server processes; each holds its own snapshot", 2)  # type: ignore[assignment]
    base_url: str = _setting("FINDER_BASE_URL", "Public address, for links and the cookie's Secure flag", "")  # type: ignore[assignment]
    secret_key: str = _setting("FINDER_SECRET_KEY", "At least 32 characters; empty means a file in the instance", "")  # type: ignore[assignment]
    default_locale: str = _setting("FINDER_DEFAULT_LOCALE", "Language of addresses without a language in them", "en")  # type: ignore[assignment]
    locales: str = _setting("FINDER_LOCALES", "Languages offered, as in en,es; empty means all with a catalog", "")  # type: ignore[assignment]
    catalogs: str = _setting("FINDER_CATALOGS", "Folder with catalogs of more languages", "")  # type: ignore[assignment]
    country: str = _setting("FINDER_COUNTRY", "Two letters: which crisis lines stand on every page", "US")  # type: ignore[assignment]
    site_name: str = _setting("FINDER_SITE_NAME", "Name of this instance in pages", "Open Seat")  # type: ignore[assignment]
    short_name: str = _setting("FINDER_SHORT_NAME", "Word under an installed site's icon; tells nothing", "Open Seat")  # type: ignore[assignment]
    exit_url: str = _setting("FINDER_EXIT_URL", "Neutral page that Leave goes to", "https://www.weather.gov/")  # type: ignore[assignment]
    operator: str = _setting("FINDER_OPERATOR", "Who runs this instance: a name, shown in pages", "")  # type: ignore[assignment]
    contact: str = _setting("FINDER_CONTACT", "How to reach who runs this instance, shown in pages", "")  # type: ignore[assignment]
    mail_url: str = _setting("FINDER_MAIL_URL", "Where letters go: smtp://, smtps:// or file://; empty prints them", "")  # type: ignore[assignment]
    mail_from: str = _setting("FINDER_MAIL_FROM", "Address that letters come from, as name@example.org", "")  # type: ignore[assignment]
    bounces: str = _setting("FINDER_BOUNCES", "Folder (maildir) where letters that came back arrive", "")  # type: ignore[assignment]
    proxy_count: int = _setting("FINDER_PROXY_COUNT", "Trusted proxies in front; 0 ignores X-Forwarded-*", 0)  # type: ignore[assignment]
    rate_limits: str = _setting("FINDER_RATE_LIMITS", "Limit how fast programs of one network may ask: on or off", "on")  # type: ignore[assignment]
    local_crisis_lines: str = _setting("FINDER_CRISIS_FILE", "TOML file with local crisis numbers to add", "")  # type: ignore[assignment]

    map_tiles: str = _setting("FINDER_MAP_TILES", "Map pictures of your own, as https://…/{z}/{x}/{y}.png", "")  # type: ignore[assignment]
    map_credit: str = _setting("FINDER_MAP_CREDIT", "Whom to thank for the map pictures, under each map", "")  # type: ignore[assignment]
    directions: str = _setting("FINDER_DIRECTIONS", "Where a directions link leads; {to} is the place", "https://www.openstreetmap.org/directions?to={to}")  # type: ignore[assignment]

    referral_days: int = _setting("FINDER_REFERRAL_DAYS", "Days that a referral is kept after it was closed", 90)  # type: ignore[assignment]
    tallies: str = _setting("FINDER_TALLIES", "Count by month, of nobody, what was not found: on or off", "on")  # type: ignore[assignment]
    bmlt: str = _setting("FINDER_BMLT", "Answer programs that read BMLT servers, at /bmlt/: on or off", "on")  # type: ignore[assignment]
    feed_links: str = _setting("FINDER_FEED_LINKS", "Where weekly feeds lead who joins online: page or direct", "page")  # type: ignore[assignment]
    backup_dir: str = _setting("FINDER_BACKUP_DIR", "Folder of nightly backups, or off; empty: in the instance", "")  # type: ignore[assignment]
    backup_key: str = _setting("FINDER_BACKUP_KEY", "Public key of age (age1…) that backups are encrypted to", "")  # type: ignore[assignment]
    data_license: str = _setting("FINDER_DATA_LICENSE", "License of the listings as data, as in CC-BY-4.0", "")  # type: ignore[assignment]

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Reads every FINDER_* name it knows. Raises Invalid naming all malformed ones at once."""
        values: dict[str, object] = {}
        errors: dict[str, list[Problem]] = {}
        for one in fields(cls):
            name = one.metadata["env"]
            text = environ.get(name)
            if text is None:
                continue
            try:
                values[one.name] = _read(one.default, text)
            except ValueError:
                errors[name] = [Problem("not_a_number", value=text)]
        settings = cls(**values)  # type: ignore[arg-type]
        errors.update(settings._broken())
        if errors:
            raise Invalid(errors, "settings")
        return settings

    def _broken(self) -> dict[str, list[Problem]]:
        errors: dict[str, list[Problem]] = {}
        if not 0 <= self.port <= 65535:
            errors["FINDER_PORT"] = [Problem("out_of_range", min=0, max=65535)]
        if not 1 <= self.workers <= 64:
            errors["FINDER_WORKERS"] = [Problem("out_of_range", min=1, max=64)]
        if self.secret_key and len(self.secret_key) < 32:
            errors["FINDER_SECRET_KEY"] = [Problem("too_short", min=32)]
        for name, codes in (("FINDER_DEFAULT_LOCALE", (self.default_locale,)), ("FINDER_LOCALES", self.languages)):
            unknown = [Problem("not_a_code", value=code) for code in codes if not _LANGUAGE.fullmatch(code)]
            errors |= {name: unknown} if unknown else {}
        if self.catalogs and not Path(self.catalogs).is_dir():
            errors["FINDER_CATALOGS"] = [Problem("not_readable")]
        if not (len(self.country) == 2 and self.country.isascii() and self.country.isupper()):
            errors["FINDER_COUNTRY"] = [Problem("not_a_code", value=self.country)]
        if not 0 <= self.proxy_count <= 10:
            errors["FINDER_PROXY_COUNT"] = [Problem("out_of_range", min=0, max=10)]
        for name, url in (("FINDER_BASE_URL", self.base_url), ("FINDER_EXIT_URL", self.exit_url)):
            if url and not url.startswith(("http://", "https://")):
                errors[name] = [Problem("not_a_url", value=url)]
        return errors | self._broken_extras() | self._broken_mail()

    def _broken_mail(self) -> dict[str, list[Problem]]:
        errors = {}
        if self.mail_url and not _is_mail_url(self.mail_url):
            errors["FINDER_MAIL_URL"] = [Problem("not_a_mail_url")]  # its value may hold a password
        if self.mail_from and not (self.mail_from.isprintable() and _ADDRESS.fullmatch(parseaddr(self.mail_from)[1])):
            errors["FINDER_MAIL_FROM"] = [Problem("not_an_email")]
        if self.bounces and not Path(self.bounces).is_dir():
            errors["FINDER_BOUNCES"] = [Problem("not_readable")]
        return errors

    def _broken_extras(self) -> dict[str, list[Problem]]:
        errors = {}
        if not 1 <= self.referral_days <= MOST_REFERRAL_DAYS:
            errors["FINDER_REFERRAL_DAYS"] = [Problem("out_of_range", min=1, max=MOST_REFERRAL_DAYS)]
        for name, value, codes in (("FINDER_TALLIES", self.tallies, ("on", "off")),
                                   ("FINDER_RATE_LIMITS", self.rate_limits, ("on", "off")),
                                   ("FINDER_BMLT", self.bmlt, ("on", "off")),
                                   ("FINDER_FEED_LINKS", self.feed_links, ("page", "direct"))):
            if value not in codes:
                errors[name] = [Problem("not_a_code", value=value)]
        if self.backup_key and not self.backup_key.startswith("age1"):
            errors["FINDER_BACKUP_KEY"] = [Problem("not_a_code")]  # it may be the secret one
        if len(self.data_license) > LONGEST_LICENSE:
            errors["FINDER_DATA_LICENSE"] = [Problem("too_long", max=LONGEST_LICENSE)]
        elif self.data_license and not self.data_license.isprintable():
            errors["FINDER_DATA_LICENSE"] = [Problem("bad_text")]
        if self.map_tiles and not _TILES.fullmatch(self.map_tiles):
            errors["FINDER_MAP_TILES"] = [Problem("not_a_url", value=self.map_tiles)]
        if self.directions and not (self.directions.startswith("https://") and "{to}" in self.directions):
            errors["FINDER_DIRECTIONS"] = [Problem("not_a_url", value=self.directions)]
        return errors

    @property
    def map_origin(self) -> str:
        """The other site that map pictures come from; empty when there are none or they are this site's own."""
        found = urlsplit(self.map_tiles)
        return f"{found.scheme}://{found.netloc}" if found.netloc else ""

    @property
    def address(self) -> str:
        """Where people reach this instance, without a stroke at the end; this machine where no address is set."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        bracketed = f"[{host}]" if ":" in host else host
        return self.base_url.rstrip("/") or f"http://{bracketed}:{self.port}"

    @property
    def database(self) -> str:
        """The SQLAlchemy address in force."""
        return self.database_url or f"sqlite:///{(self.instance / 'finder.db').resolve()}"

    @property
    def backup_folder(self) -> Path | None:
        """Where backups of the nights lie; None where the operator wants none, or a server looks after its own."""
        if self.backup_dir == "off" or not self.database.startswith("sqlite"):
            return None
        return Path(self.backup_dir) if self.backup_dir else self.instance / "backups"

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages named by `locales`, in its order; empty when it names none."""
        return tuple(dict.fromkeys(code.strip() for code in self.locales.split(",") if code.strip()))

    @property
    def secure(self) -> bool:
        """Whether people reach this instance by TLS, so that cookies are marked Secure."""
        return self.base_url.startswith("https://")


def _read(default: object, text: str) -> object:
    if isinstance(default, int):
        return int(text)
    return Path(text) if isinstance(default, Path) else text


def _is_mail_url(url: str) -> bool:
    """Whether letters can go there: a folder, or a server, with a password only where nobody can listen in."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme == "file":
        return not parts.netloc and parts.path.startswith("/")
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or port == 0:
        return False
    tls = dict(parse_qsl(parts.query)).get("tls")
    open_line = parts.scheme == "smtp" and tls == "none"
    return tls in (None, "none", "starttls") and not (open_line and parts.username and parts.hostname not in LOOPBACK)
