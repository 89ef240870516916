"""The desk of those who keep the listings true: what waits, what is old, what looks alike."""

from __future__ import annotations

from finder.web.desk import Desk

desk = Desk("steward")
