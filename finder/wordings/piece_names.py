"""The fields of a listing, and the pieces of them that people decide about, by the words a reader knows them by."""

from __future__ import annotations

from collections.abc import Mapping

from finder.wordings.language import N_, gettext

# Fields in the order of a listing's page.
FIELDS: Mapping[str, str] = {
    "sessions": N_("Day, time and place"), "capacity": N_("New people welcome"), "contact": N_("How to join"),
    "cost": N_("Cost"), "accessibility": N_("Access"), "languages": N_("Language"), "interpreter": N_("Interpreter"),
    "led_by": N_("Who leads it"), "focus": N_("What it is for"), "severity": N_("How much support"),
    "age": N_("Ages"), "attendees": N_("Who may come"), "gender_mix": N_("Women, men or mixed"),
    "populations": N_("Made for"), "restricted_to": N_("Only for"), "modalities": N_("Style"),
    "policies": N_("Rules"), "licensed_states": N_("States it may serve"), "coverage": N_("Area it serves"),
    "starts_on": N_("Start date"), "open_group": N_("Joining later"), "organization": N_("Who runs it"),
    "description": N_("Description"), "name": N_("Name"), "status": N_("Meeting or not"),
    "group_type": N_("Kind of group"),
}
# Pieces by the part after the dot, where one field is decided in parts ("contact.phone").
PARTS: Mapping[str, str] = {
    "contact.phone": N_("Phone"), "contact.email": N_("Email"), "contact.url": N_("Web page"),
    "contact.how_to_join": N_("How to join"), "contact.note": N_("Note about joining"),
    "organization.name": N_("Name of who runs it"), "organization.kind": N_("Kind of who runs it"),
    "organization.url": N_("Web page of who runs it"), "organization.email": N_("Email of who runs it"),
    "organization.phone": N_("Phone of who runs it"), "listing": N_("The whole listing"),
}


def name(piece: str) -> str:
    """A piece in words: "Phone" for "contact.phone", "Cost" for any part of the cost."""
    words = PARTS.get(piece) or FIELDS.get(piece) or FIELDS.get(piece.partition(".")[0])
    return gettext(words) if words else gettext("Something else")
