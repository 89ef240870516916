"""The formats in which the listings are given out, in plain words: what each is for and what it leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from finder.wordings.language import N_


@dataclass(frozen=True, slots=True)
class Format:
    """One way to get the listings: its name, its addresses (paths of this site), a sentence on its use and one on what
    it leaves out. `counts`: whose numbers are shown, "weekly" or "links"; empty for none."""

    title: str
    paths: tuple[str, ...]
    about: str
    leaves_out: str
    counts: str = ""


# Part of the page -> its formats.
FORMATS: Mapping[str, tuple[Format, ...]] = {
    N_("The whole list in one file"): (
        Format(N_("A table (CSV)"), ("/data/listings.csv",),
               N_("For spreadsheets. One row for each time that a group meets."),
               N_("Links to join online. They stand on the page of each group."), "links"),
        Format(N_("Lines of JSON"), ("/data/listings.jsonl",),
               N_("For programs. One group in a line, as we keep it ourselves. Another copy of this site can read it."),
               N_("Nothing that is public.")),
        Format(N_("HSDS package"), ("/hsds/package.zip",),
               N_("For databases of help lines such as 211. Tables in one zip file, by the standard HSDS 3.0."),
               N_("Next to nothing. What HSDS has no field for stands in extra rows.")),
    ),
    N_("Standards of the field"): (
        Format(N_("HSDS"), ("/hsds/services", "/hsds/organizations"),
               N_("For help lines and directories of care. Groups come page by page, and can be searched."),
               N_("Next to nothing. What HSDS has no field for stands in extra rows.")),
        Format(N_("Meeting Guide"), ("/meetings.json",),
               N_("For apps and sites that show meetings of the week."),
               N_("Groups that do not meet every week, and most facts beyond time and place."), "weekly"),
        Format(N_("BMLT"), ("/bmlt/client_interface/json/?switcher=GetSearchResults",),
               N_("For sites and apps that read a BMLT server."),
               N_("The same groups as Meeting Guide, and most facts beyond time and place."), "weekly"),
        Format(N_("FHIR R4"), ("/fhir/metadata", "/fhir/HealthcareService"),
               N_("For programs of clinics and health plans. They can ask and read, not change."),
               N_("Little. Many facts stand there as sentences, because FHIR has no codes for them.")),
    ),
    N_("To stay up to date"): (
        Format(N_("Calendar (iCalendar)"), ("/calendar",),
               N_("For the calendar on a phone. Each group, organization and search can have an address of its own."),
               N_("Names and topics, because others may see a calendar. Groups without a stated time.")),
        Format(N_("News (Atom)"), ("/feeds/changes.atom",),
               N_("For feed readers. It says in which town a group changed, and links to its page."),
               N_("Names and topics, and all changes but the newest 500.")),
        Format(N_("Changes (JSON)"), ("/api/v1/changes",),
               N_("For programs that keep a copy. It says which groups changed or went since the last time."),
               N_("Nothing that is public.")),
        Format(N_("Webhooks"), (),
               N_("For programs that want to hear of changes at once. Who runs this site can set one up for you."),
               N_("The listings themselves. A message says which group changed, and the program reads it here.")),
    ),
    N_("For your own site or program"): (
        Format(N_("A search box for your site"), ("/embed/about",),
               N_("For clinics, libraries and schools. A few lines put the search on a page of yours."),
               N_("The questions about how somebody feels. They stay on this site.")),
        Format(N_("API"), ("/api/v1/programs", "/openapi.json"),
               N_("For your own programs. You can search, filter and match. The second address describes all of it."),
               N_("Nothing that is public.")),
        Format(N_("Facts in each page (schema.org)"), (),
               N_("For search engines. The page of each group says its facts in a form they read."),
               N_("Topics, who a group is for, links to join, and mail addresses.")),
        Format(N_("Sitemap"), ("/sitemap.xml", "/robots.txt"),
               N_("For search engines. It names all public pages in each language."),
               N_("All pages that show what somebody typed or chose.")),
    ),
}
# Why a time is in no weekly format, by the names that the writers count under.
LEFT_OUT: Mapping[str, str] = {
    "paused": N_("groups that are not meeting for now"), "closed": N_("groups that have ended"),
    "no_session": N_("groups that state no time"), "always_open": N_("open at any time"),
    "no_time": N_("state a day but no hour"), "no_rule": N_("state no rhythm"), "monthly": N_("meet by the month"),
    "alternating": N_("meet every other week, or more rarely"), "other_rhythm": N_("meet in some other rhythm"),
    "ends": N_("end on a set day"), "not_yet": N_("have not begun yet"),
    "next_cycle": N_("take nobody in before their next course"), "no_zone": N_("state no time zone"),
    "no_place": N_("state no place"),
}
