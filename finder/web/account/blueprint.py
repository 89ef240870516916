"""Signing in and out, and what a person's own account holds."""

from __future__ import annotations

from finder.web.desk import Desk

desk = Desk("account")
