from __future__ import annotations

import pytest

from finder.exchange.cells import contacts


@pytest.mark.parametrize(("found", "numbers"), [
    ("(510) 555-0190", ("+15105550190",)), ("207-555-0192 x", ("+12075550192",)),
    ("334-555-0119 x47801", ("+13345550119 x47801",)), ("1-800-555-0100", ("+18005550100",)),
    ("334.555.0119 ext. 5", ("+13345550119 x5",)), ("510-555-0190 / 510-555-0191", ("+15105550190", "+15105550191")),
    ("+44 20 7946 0123", ("+442079460123",)), ("402-555HOPE", ("+14025554673",)), ("877-4WECARE", ("+18774932273",)),
    ("call the front desk", ()), ("555-0190", ()), ("NA", ()), ("", ()),
])
def test_phones_are_e164_with_their_extension(found: str, numbers: tuple[str, ...]) -> None:
    assert contacts.phones(found) == numbers


@pytest.mark.parametrize(("found", "dialed"), [
    ("+16465550100,,5287027568#", "+16465550100,,5287027568#"),
    ("+13015550192,,65826#,,#,,7912#", "+13015550192,,65826#"),
    ("6465550100", "6465550100"), ("ask the host", ""), (None, ""), ("[removed]", ""),
])
def test_dial_strings_lose_their_pass_code(found: object, dialed: str) -> None:
    assert contacts.dial_string(found) == dialed


@pytest.mark.parametrize(("found", "address"), [
    ("http://example.org", "http://example.org"), ("www.example.org/a", "https://www.example.org/a"),
    ("https://x.example.org/?a=1&amp;b=2", "https://x.example.org/?a=1&b=2"), ("http://", ""),
    ("javascript:alert(1)", ""), ("HTTPS://Example.org", "https://Example.org"), ("not a link", ""),
    ("example.org/meet", "https://example.org/meet"),
])
def test_only_web_addresses_pass(found: str, address: str) -> None:
    assert contacts.web_address(found) == address


def test_lines_with_private_details_are_left_out_of_prose() -> None:
    found = ("Doors open at 7.\nMeeting ID: 123 456\nPasscode: abc\nCall 714-555-0100\nMail me@example.org\n"
             "Bring a chair.")
    assert contacts.public_prose(found) == ("Doors open at 7.\nBring a chair.", True)


def test_prose_without_private_details_is_whole() -> None:
    assert contacts.public_prose("Doors open at 7.") == ("Doors open at 7.", False)
