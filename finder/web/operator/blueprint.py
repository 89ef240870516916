"""The desk of people who run groups: their listings, and the one form for everything in them."""

from __future__ import annotations

from finder.web.desk import Desk

desk = Desk("operator")
