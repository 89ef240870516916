"""What the import desk says: formats, columns, why a row is held or refused, why an address cannot be fetched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from finder import wording
from finder.errors import Problem
from finder.exchange import columns as known
from finder.wordings.language import N_, gettext, zone_name

OWN: Mapping[str, str] = {
    "name.required": N_("Write the name of the source."), "format.required": N_("Choose how the list is written."),
    "file_or_url": N_("Choose a file, or write the address of one."),
    "file.required": N_("This file is empty. Choose another one."),
    "file_too_large": N_("This file is too large. The limit is 20 MB."),
    "mapping.required": N_("A spreadsheet needs to know what its columns mean."),
    "mapping.unknown_key": N_("The mapping has a key that we do not know."),
    "mapping.unknown_field": N_("The mapping names a field that we do not know."),
    "name.repeated": N_("There is a feed of this name. Choose another name."),
    "no_name_column": N_("Choose the column that holds the name of the group."),
    "group_type.required": N_("Choose what kind of groups these are."),
    "fetch_not_http": N_("Write an address that starts with https:// or http://."),
    "fetch_bad_address": N_("This is not a plain web address. Please check it."),
    "fetch_port": N_("This address has a port number. Only the usual ports can be fetched."),
    "fetch_private_address": N_("This address is not on the public internet, so it cannot be fetched."),
    "fetch_unknown_host": N_("We cannot find this site. Please check the address."),
    "fetch_unreachable": N_("This site did not send the whole file. Try again later."),
    "fetch_not_safe": N_("This site has no valid certificate, so it cannot be fetched."),
    "fetch_redirects": N_("This address leads on and on. Use the last one."),
    "fetch_downgrade": N_("This address leads to one that is not secure. It was not fetched."),
    "fetch_status": N_("This address did not give us a file."),
    "fetch_too_large": N_("This file is too large. The limit is 20 MB."),
    "fetch_too_slow": N_("This address takes too long. Try again later, or send the file."),
}
FORMATS: Mapping[str, str] = {
    "csv": N_("A spreadsheet, saved as CSV"), "listing": N_("Listings in the format of this site (JSON)"),
    "meeting-guide": N_("Meeting Guide feed (JSON)"), "bmlt": N_("BMLT feed (JSON)"),
    "samhsa": N_("SAMHSA directory (Excel or CSV)"), "hsds": N_("Human services data (HSDS), JSON or a zip of tables"),
    "finder": N_("Another Finder site"),
}
COLUMNS: Mapping[str, str] = {
    "name": N_("Name of the group"), "organization.name": N_("Organization"), "description": N_("About the group"),
    "session.day": N_("Day of the week"), "session.time": N_("Time it starts"), "session.end_time": N_("Time it ends"),
    "location.name": N_("Name of the place"), "location.address_1": N_("Street and number"),
    "location.city": N_("City"), "location.state": N_("State"), "location.postal_code": N_("ZIP code"),
    "location.latitude": N_("Latitude"), "location.longitude": N_("Longitude"),
    "session.join_url": N_("Link to join online"), "contact.phone": N_("Phone"), "contact.email": N_("Email"),
    "contact.url": N_("Website"), "languages": N_("Languages"), "id": N_("A number or key that stays the same"),
}
LISTS: Mapping[str, str] = {
    "changed": N_("Changed listings"), "conflicts": N_("Other than what people set"), "added": N_("New listings"),
    "gone": N_("Taken down"), "held": N_("Held back"), "refused": N_("Refused"), "alike": N_("Maybe listed already"),
}
WHY: Mapping[str, str] = {
    "source": N_("The source itself does not show it."),
    "deleted": N_("A person deleted it here, or made it one with another listing."),
    "person": N_("A person decided here whether it is shown. That stays."),
    "removed": N_("This group asked not to be listed."),
    "many_gone": N_("So many are missing at once that you should look first."),
    "echo": N_("It comes from this site, so it does not come in again."),
    "elsewhere": N_("It is here already from another source."),
}
UNREADABLE: Mapping[str, str] = {
    "not_json": N_("This is not proper JSON."), "too_deep": N_("It has too many layers."),
    "repeated": N_("A key stands twice in one object."), "not_a_list": N_("It holds no list of meetings."),
    "not_text": N_("This is not a proper CSV file."), "not_a_workbook": N_("This is not a proper Excel file."),
    "no_table": N_("It has no table with the columns we need."), "no_mapping": N_("Nobody said what the columns mean."),
    "unreadable_file": N_("The file is damaged."), "too_large": N_("It unpacks to far too much."),
    "many_gone": N_("So many listings are missing at once that you should look first."),
    "one_page": N_("It is one page of a longer list. Send all the pages together."),
    "pages_moved": N_("The list changed while we read it. We try again later."),
    "unforeseen": N_("Something broke on our side. We try again later."),
    "short_list": N_("The list only names its services. They are too many to ask for one by one."),
    "not_changes": N_("No Finder site answers at this address."),
    "peer_self": N_("This address leads to this very site. Remove the feed."),
    "peer_changed": N_("Another site than before answers at this address. Read it again only if you know why."),
    "peer_twice": N_("Another feed reads this site already. Remove one of the two."),
    "peer_made_up": N_("This site now says that its listings are made up. Ask the people who run it."),
    "peer_endless": N_("This site has far more listings than we expect. Have a look, then read it again to go on."),
}


def formats(codes: Iterable[str]) -> list[tuple[str, str]]:
    """The formats a person can choose, in the order of the page."""
    wanted = set(codes)
    return [(code, gettext(words)) for code, words in FORMATS.items() if code in wanted]


def columns() -> list[tuple[str, str]]:
    """What a column can mean."""
    return [(name, gettext(COLUMNS[name])) for name in known.FIELDS]


def zone(name: str) -> str:
    """A time zone as people say it."""
    return zone_name(name)


def list_title(name: str) -> str:
    """What a list of rows is called."""
    return gettext(LISTS[name])


def why(code: str) -> str:
    """Why a row is held."""
    return gettext(WHY[code])


def held(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Why rows are held, and how many."""
    return [(why(code), count) for code, count in counts.items() if code in WHY]


def refusal(field: str, code: str) -> str:
    """Why a row is refused: the field, and the rule in words."""
    words = wording.problem_text(Problem(code))
    return f"{field}: {words}" if field else words


def unreadable(code: str | None) -> str:
    """Why a file cannot be read; empty when it can."""
    if not code:
        return ""
    return gettext(UNREADABLE[code]) if code in UNREADABLE else gettext("There is no listing in it that we can read.")


def feed_error(code: str | None) -> str:
    """Why a feed brought nothing the last time; empty when all was well."""
    if not code:
        return ""
    words = OWN.get(f"fetch_{code}")
    return gettext(words) if words else unreadable(code)
