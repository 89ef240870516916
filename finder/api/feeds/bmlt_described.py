"""How the BMLT routes are described. Whatever a parameter holds has an answer, so each is a text."""

from __future__ import annotations

from typing import Any

from finder.exchange.bmlt_replies import SWITCHERS

_TEXT = {"type": "string"}
_TEXTS: dict[str, Any] = {"type": "array", "items": {"type": "object", "additionalProperties": _TEXT}}
_MANY = "Numbers with commas between; one below 0 leaves out."
_ABOUT = {
    "weekdays": f"{_MANY} 1 is Sunday.", "venue_types": f"{_MANY} 1 in person, 2 virtual, 3 hybrid.",
    "formats": f"Of formats. {_MANY}", "formats_comparison_operator": "AND (all of the formats) or OR.",
    "services": f"Of service bodies. {_MANY}", "recursive": "1: with the service bodies below.",
    "parents": "1: with the service bodies above.", "meeting_ids": _MANY, "format_ids": f"For GetFormats. {_MANY}",
    "key_strings": "For GetFormats: keys with commas between.", "show_all": "1: also formats that no meeting has.",
    "lang_enum": "Language of the words of formats.", "get_used_formats": "With the formats of the meetings found.",
    "get_formats_only": "Only the formats of the meetings found.",
    "SearchString": "Words that must all be there, or numbers of meetings.",
    "StringSearchIsAnAddress": "1: SearchString is a ZIP code or `city, state` of the United States.",
    "SearchStringRadius": "Miles around it; below 0 so many of the nearest.",
    "StartsAfterH": "Hour, 0 to 23.", "StartsAfterM": "Minute.", "StartsBeforeH": "Hour.", "StartsBeforeM": "Minute.",
    "EndsBeforeH": "Hour.", "EndsBeforeM": "Minute.", "MinDurationH": "Hours.", "MinDurationM": "Minutes.",
    "MaxDurationH": "Hours.", "MaxDurationM": "Minutes.",
    "lat_val": "Latitude of a point.", "long_val": "Its longitude.",
    "geo_width": "Miles around the point; below 0 so many of the nearest.", "geo_width_km": "The same in kilometers.",
    "sort_results_by_distance": "1: the nearest first.", "sort_keys": "Names of fields with commas between.",
    "sort_key": "weekday, time, town, state or weekday_state.", "meeting_key": "Name of a field.",
    "meeting_key_value": "What it must hold; several as meeting_key_value[].",
    "specific_formats": "For GetFieldValues of formats: only these.", "all_formats": "1: only where all of them are.",
    "data_field_key": "Names of the fields that are sent, with commas between.", "page_size": "Meetings on a page.",
    "page_num": "Page, from 1.", "advanced_published": "-1: those that are not published, so none.",
}
PARAMETERS: list[dict[str, Any]] = [
    {"name": "switcher", "in": "query", "required": True, "description": "What is asked for.",
     "schema": {"type": "string", "enum": list(SWITCHERS)}, "example": "GetSearchResults"},
    *({"name": name, "in": "query", "description": about, "schema": _TEXT} for name, about in _ABOUT.items())]
CALLBACK: dict[str, Any] = {
    "name": "callback", "in": "query", "description": "Name of the function that is called with the answer.",
    "example": "callback", "schema": {"type": "string", "default": "callback", "maxLength": 200, "pattern":
                                      r"^[A-Za-z_$][A-Za-z0-9_$]{0,63}(\.[A-Za-z_$][A-Za-z0-9_$]{0,63}){0,3}$"}}
_EXAMPLE = [{"id_bigint": "851300952013729", "weekday_tinyint": "3", "venue_type": "1", "start_time": "18:30:00",
             "duration_time": "01:30:00", "time_zone": "America/New_York", "formats": "O,EN",
             "meeting_name": "Tuesday Lamp", "location_municipality": "Durham", "location_province": "NC"}]


def _answered(mimetype: str, content: dict[str, Any]) -> dict[str, Any]:
    return {
        "200": {"description": "A list; with formats an object of both. [] where a parameter cannot be read. All "
                               "values are texts.",
                "headers": {"ETag": {"schema": _TEXT}, "X-Request-ID": {"schema": _TEXT}},
                "content": {mimetype: content}},
        "304": {"description": "Nothing changed since the ETag that was sent."},
        **{str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in (404, 422, 500, 503)}}


JSON = _answered("application/json", {"example": _EXAMPLE, "schema": {"oneOf": [_TEXTS, {
    "type": "object", "properties": {"meetings": _TEXTS, "formats": _TEXTS}, "required": ["formats"],
    "additionalProperties": False}]}})
SCRIPT = _answered("text/javascript", {"example": '/**/callback([{"id_bigint":"851300952013729"}]);', "schema": _TEXT})
