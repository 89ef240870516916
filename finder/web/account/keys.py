"""What the pages of accounts share: the password hasher, the seal of code apps' secrets, the keyed hashes that limits
count by, and how this site is known to passkeys."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.fernet import MultiFernet
from flask import Flask, abort, current_app, request

from finder.accounts.entering import Keys
from finder.accounts.passkeys import Party
from finder.accounts.passwords import Passwords
from finder.accounts.people import plain
from finder.secret import Ring, fernet
from finder.web.pages import services


@dataclass(frozen=True, slots=True)
class Tools:
    """One per app, at `app.extensions["finder_accounts"]`."""

    passwords: Passwords
    seal: MultiFernet
    key: bytes

    def hashed(self, *words: str) -> bytes:
        """A keyed hash, to count by."""
        return hmac.new(self.key, "\n".join(words).encode("utf-8", "replace"), hashlib.sha256).digest()


def install(app: Flask, keys: Ring) -> None:
    """Makes the tools of an instance from its secret."""
    app.extensions["finder_accounts"] = Tools(Passwords(), fernet(keys.keys("second-step")), keys.newest("limits"))


def tools() -> Tools:
    found: Tools = current_app.extensions["finder_accounts"]
    return found


def sender_keys(email: str) -> Keys:
    """How limits tell who is here from others."""
    return Keys(tools().hashed("address", plain(email)), network_key())


def network_key() -> bytes:
    """A keyed hash of the reader's network and the day."""
    stamp = current_app.extensions["finder_stamp"]
    return tools().hashed("network", stamp.sender(request.remote_addr, services().now()))


def account_key(account_id: int) -> bytes:
    """A keyed hash of an account."""
    return tools().hashed("account", str(account_id))


def party() -> Party:
    """This site as passkeys know it: by its public address, or on one's own machine as the browser names it."""
    settings = services().settings
    found = urlsplit(settings.base_url or request.host_url)
    if not found.hostname:  # a browser always names a host
        abort(400)
    return Party(found.hostname, settings.site_name, f"{found.scheme}://{found.netloc}")
