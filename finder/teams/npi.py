"""The National Provider Identifier of US health care, by its form alone: nobody is asked whose it is.

Source: 45 CFR 162.406 (ten digits, the last a check digit, no meaning in the others); CMS, "Requirements for National
Provider Identifier and NPI Check Digit" (first digit 1 or 2; the check digit is that of ISO/IEC 7812-1, Luhn's, over
"80840" and the first nine digits).
"""

from __future__ import annotations

LENGTH = 10
FIRST = ("1", "2")
ISSUER = "80840"  # health (80), United States (840); stands before the number on cards, and is never typed
NOT_TEN_DIGITS, WRONG_DIGIT = "npi_digits", "npi_check"


def plain(typed: str) -> str:
    """A number as it is kept: what people type between its digits is left out."""
    return "".join(one for one in typed if not one.isspace() and one not in "-\u2010\u2011\u2013")


def problem(number: str) -> str | None:
    """What is wrong with a plain number: NOT_TEN_DIGITS (or another first digit than 1 or 2), WRONG_DIGIT, or None.

    Any one wrong digit is told, and any two neighbors changed about, but for 0 and 9 (Luhn's known gap).
    """
    if len(number) != LENGTH or not (number.isascii() and number.isdigit()) or number[0] not in FIRST:
        return NOT_TEN_DIGITS
    return None if number[-1] == check_digit(number[:-1]) else WRONG_DIGIT


def is_valid(number: str) -> bool:
    """Whether a plain number may be an NPI."""
    return problem(number) is None


def check_digit(nine: str) -> str:
    """The tenth digit to nine digits."""
    total = sum(_doubled(int(one)) if place % 2 == 0 else int(one)
                for place, one in enumerate(reversed(ISSUER + nine)))
    return str(-total % 10)


def _doubled(digit: int) -> int:
    return 2 * digit if digit < 5 else 2 * digit - 9
