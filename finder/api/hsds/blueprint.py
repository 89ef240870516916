"""The blueprint of this door: Open Referral's Human Services Data Specification, 3.0."""

from __future__ import annotations

from flask import Response, request

from finder.api.open_door import open_blueprint

hsds = open_blueprint("hsds", "Open Referral's Human Services Data Specification, 3.0", url_prefix="/hsds")


@hsds.after_request
def preflight(response: Response) -> Response:
    """What a browser asks before it sends a POST of another site is answered by the headers for that. The standard's
    description knows no POST, and holds what `Allow` names against it."""
    if request.method == "OPTIONS":
        response.headers.pop("Allow", None)
    return response
