"""What somebody may put into a field: what is right, what is nearly right, and what is there to do harm."""

from __future__ import annotations

import random
from collections.abc import Sequence

from tests.contracts.raw_requests import NASTY
from tests.pages import Tag

# Digits that Python calls digits and does not read as numbers, days beyond what a day can be moved by, and the like.
ODD = ("²", "٣", "①", "1_0", " 1", "+1", "-0", "0x10", "1.5", "9999-12-31", "0001-01-01", "2026-02-30", "2026-11-27T",
       "24:00", "25:61", "23:59:60", "12:00 PM", "00:00", "é", "e\u0301", "\u202etxt", "\ufeff", "\u2028", "\x0b",
       "a\r\nb", "a\tb", "\ud83e\uddea", "😀" * 30, "ß" * 50, "ﬃ" * 40, "İ", "=1+1", "@SUM(1)", "-2+3", "on", "off",
       "True", "None", "nan", "inf", "1e5", "2147483648", "-2147483649", "9223372036854775808", "5e-324",
       "00000000-0000-0000-0000-000000000000", "zz", "xx-YY", "Etc/GMT+99", "America/New_York", "FREQ=WEEKLY;BYDAY=TU",
       "FREQ=SECONDLY", "FREQ=DAILY;UNTIL=99991231T235959Z", "RRULE:FREQ=YEARLY;INTERVAL=0")
LIKELY: dict[str, Sequence[str]] = {
    "email": ("anna@example.org", "a@b", "a@[127.0.0.1]", "a@b,c@d", "x" * 64 + "@example.org", "é@example.org"),
    "url": ("https://example.org/", "http://127.0.0.1/", "https://[::1", "javascript:1", "https://é.example/a",
            "//example.org", "https://user:pass@example.org:99999/"),
    "tel": ("919-555-0142", "+1 (919) 555-0142 x9", "911", "0" * 60, "+", "919555014²"),
    "date": ("2026-12-01", "2026-11-24", "1899-12-31", "2199-12-31", "9999-12-31", "2026-13-01", "2026-2-1",
             "²026-01-01"),
    "time": ("18:30", "00:00", "23:59", "24:00", "7:5", "18:30:00"),
    "number": ("0", "1", "-1", "99999", "1.5", "1e3", "²", "", "٣", "9" * 30),
    "zip": ("27701", "00000", "2770²", "27701-1234", "123456789012"),
    "state": ("NC", "nc", "US:NC", "ZZ", "US:"),
    "code": ("123456", "12345²", "٣٣٣٣٣٣", "AAAA-BBBB", "000000"),
    "days": ("0,1", "7", "-1", "0,0", ",,", "²"),
}
UNASKED = ("status", "state", "owner_id", "verified", "featured", "role", "id", "version", "account_id", "created_at",
           "organization_id", "slug", "once", "stamp", "sessions.99999.when", "sessions.-1.when", "x.x.x", "", "é",
           "form_token", "__class__", "a" * 300)
WORDY = ("", "text", "search", "email", "url", "tel", "number", "date", "time", "datetime-local", "month", "password")
LONGEST = 2_000  # letters, where a field says nothing about it


class Values:
    """Values for fields, from dice."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice

    def any(self) -> str:
        """A value that fits no field in particular."""
        return self.dice.choice(self.dice.choice((NASTY, ODD, *LIKELY.values())))

    def of(self, field: Tag, now: str) -> str:
        """Another value for a field of a form that holds `now`."""
        dice, kind = self.dice, f"{field['type']} {field['inputmode']} {field['name']} {field['autocomplete']}"
        if field.name == "select" and dice.random() < 0.7:
            return dice.choice([one["value"] for one in field.all("option")] or [""])
        if dice.random() < 0.15:
            return self._as_long(int(field["maxlength"]) if field["maxlength"].isdecimal() else LONGEST)
        fitting = [values for name, values in LIKELY.items() if name in kind]
        if fitting and dice.random() < 0.6:
            return dice.choice(dice.choice(fitting))
        return self._changed(now) if now and dice.random() < 0.2 else self.any()

    def _as_long(self, most: int) -> str:
        """Exactly as long as is allowed, or one longer, in letters of one to four bytes."""
        return self.dice.choice("aé字😀") * (most + self.dice.choice((0, 0, 1)))

    def _changed(self, now: str) -> str:
        """What stands there, with one letter dropped, doubled or another one."""
        at, dice = self.dice.randrange(len(now)), self.dice
        return now[:at] + dice.choice(("", now[at] * 2, dice.choice("²é\x00'<,-:"))) + now[at + 1:]

    def file(self) -> tuple[bytes, str]:
        """A small file and its name."""
        dice = self.dice
        body = dice.choice((b"", b"name,city\nA group,Durham\n", b"name\n" + b"\xff\xfe", b"PK\x03\x04" + b"x" * 40,
                            b'{"format":"finder-listing/1"}\n', b"[]", b"\x89PNG\r\n\x1a\n" + b"0" * 30, b"<svg/>",
                            dice.randbytes(200), '"name"\n"'.encode("utf-16")))
        return body, dice.choice(("list.csv", "list.xlsx", "list.json", "list.jsonl", "a.zip", "a.png", "../a", "é"))
