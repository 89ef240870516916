"""Signing in and out, and what a person's own account holds."""

from finder.web.account import (
    codes_pages,  # noqa: F401 - hangs its pages on the desk, as every page module does
    confirm_page,  # noqa: F401
    email_pages,  # noqa: F401
    end_pages,  # noqa: F401
    home,  # noqa: F401
    passkey_pages,  # noqa: F401
    password_page,  # noqa: F401
    people_pages,  # noqa: F401
    second_step_page,  # noqa: F401
    setup_page,  # noqa: F401
    sign_in_pages,  # noqa: F401
    token_pages,  # noqa: F401
    way_back_pages,  # noqa: F401
)
from finder.web.account.blueprint import desk

__all__ = ["desk"]
