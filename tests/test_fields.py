import math

import marshmallow as ma
import pytest

from finder import fields
from finder.errors import Problem


class Form(ma.Schema):
    class Meta:
        unknown = ma.RAISE

    text = fields.Text(5)
    note = fields.Text(50, lines=True)
    whole = fields.Whole(0, 10)
    number = fields.Number(0, 100)
    flag = fields.Flag()
    day = fields.Day()
    codes = fields.Codes(("a", "b"), 2)
    url = fields.web_url()
    link = fields.any_url()
    phone = fields.Phone()


def problems(value):
    with pytest.raises(ma.ValidationError) as broken:
        Form().load(value)
    return {field: [one.code for one in found] for field, found in fields.flatten(broken.value.messages).items()}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("text", "a\x00b", "bad_text"),
        ("text", "\ud800", "bad_text"),
        ("text", "a\u202eb", "bad_text"),
        ("text", "toolong", "too_long"),
        ("text", "", "too_short"),
        ("text", "  ", "too_short"),
        ("text", 5, "wrong_type"),
        ("note", "a\x07", "bad_text"),
        ("whole", 10**30, "out_of_range"),
        ("whole", True, "not_a_number"),
        ("whole", 2.5, "not_a_number"),
        ("whole", "2", "not_a_number"),
        ("number", math.nan, "not_a_number"),
        ("number", math.inf, "not_a_number"),
        ("number", -1, "out_of_range"),
        ("number", 10**400, "out_of_range"),
        ("flag", 1, "wrong_type"),
        ("flag", "true", "wrong_type"),
        ("day", "0000-01-01", "not_a_date"),
        ("day", "2026-02-30", "not_a_date"),
        ("day", "2026-2-3", "not_a_date"),
        ("codes", ["a", "a"], "repeated"),
        ("codes", ["c"], "not_a_code"),
        ("codes", "a", "wrong_type"),
        ("codes", [["a"]], "wrong_type"),
        ("url", "javascript:alert(1)", "not_a_url"),
        ("url", "https://a b", "not_a_url"),
        ("link", "data:text/html,x", "not_a_url"),
        ("phone", "call us", "not_a_phone"),
    ],
)
def test_I5_a_bad_value_is_refused_with_its_code(field, value, code):
    assert problems({field: value}) == {field: [code]}


def test_A3_an_unknown_key_is_refused_by_name():
    assert problems({"color": 1}) == {"color": ["unknown_key"]}


def test_good_values_pass_unchanged():
    value = {"text": "caf\u00e9", "note": "a\nb", "whole": 10, "number": 2.5, "flag": False, "day": "2026-02-28",
             "codes": ["b", "a"], "url": "https://a.example/x", "link": "tel:+19195550100", "phone": "919-555-0100 x2"}
    assert Form().load(value) == value


def test_I5_text_is_composed_to_nfc():
    assert Form().load({"text": "cafe\u0301"}) == {"text": "caf\u00e9"}


def test_flatten_gives_dotted_paths():
    nest = {"sessions": {0: {"location": {"city": [Problem("too_long", max=5)]}}}, "_schema": [Problem("required")]}
    assert fields.flatten(nest) == {"sessions.0.location.city": [Problem("too_long", max=5)], "": [Problem("required")]}
