"""The blueprint that every seeker's page hangs on; it is registered once for each language."""

from __future__ import annotations

from flask import Blueprint

from finder.web.headers import refuse_foreign_posts

seeker = Blueprint("seeker", __name__)
seeker.before_request(refuse_foreign_posts)
