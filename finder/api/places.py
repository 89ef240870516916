"""GET /places: what words for a place are understood as. Asks nobody outside."""

from __future__ import annotations

from typing import Any

from flask import Response

from finder.api import openapi
from finder.api.blueprint import api, arguments, json_answer, languages, services
from finder.places.lookup import Place, resolve
from finder.search.query_schema import load_place


@api.route("/places", tags=["places"])
@api.doc(operationId="findPlace", parameters=openapi.place_parameters(),
         responses=openapi.answers("PlaceAnswer", "The place, or the choices there are.", 422, 503))
def places() -> Response:
    """Find the place that a ZIP code or `city, state` stands for"""
    found = resolve(load_place(arguments(), languages()), services().gazetteer)
    if isinstance(found, Place):
        return json_answer({"place": _public(found), "choices": [], "why": None})
    return json_answer({"place": None, "choices": [_public(one) for one in found.choices], "why": found.why})


def _public(place: Place) -> dict[str, Any]:
    return {"text": place.text, "latitude": place.latitude, "longitude": place.longitude,
            "precision": place.precision, "timezone": place.timezone, "state": place.state, "country": place.country}
