"""People who are signed in, for tests of the desks: each has a browser of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finder.accounts import people, sign_ins
from finder.accounts.permissions import Role, Scope
from tests.pages import Page, Pages
from tests.web.site import Site


class Person:
    """An account with its grants, and a browser that is signed in to it."""

    def __init__(self, site: Site, email: str, *grants: Role | tuple[Role, Scope, str],
                 second_step: bool = True) -> None:
        self.site, self.second_step = site, second_step
        with site.database.transaction() as session:
            account = people.find_or_make(session, email, now=site.clock())
            for one in grants:
                role, scope, value = one if isinstance(one, tuple) else (one, Scope.ALL, "")
                people.give(session, account.id, role, by="a test", now=site.clock(), scope=scope, value=value)
            self.id, self.public_id = account.id, str(account.public_id)
            secret = sign_ins.begin(session, account.id, now=site.clock(), second_step=second_step)
        self.client = site.app.test_client()
        self.client.set_cookie("sid", secret)
        self.pages = Pages(self.client)

    def get(self, path: str) -> Page:
        return self.pages.get(path)

    def send(self, page: Page, action: str, form: Mapping[str, Any] | None = None) -> Page:
        """Sends the form of a page as a browser would, with these fields changed."""
        return self.pages.post(action, {**page.form(action), **(form or {})})
