import pytest

from finder.errors import Invalid
from finder.search.query_schema import (
    Controls,
    load_browse,
    load_lang,
    load_match,
    load_named,
    load_nothing,
    load_place,
)


def codes(error: Invalid) -> dict[str, list[str]]:
    return {field: [one.code for one in problems] for field, problems in error.errors.items()}


def refused(load, **arguments) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as caught:
        load({name: value if isinstance(value, list) else [value] for name, value in arguments.items()})
    return codes(caught.value)


def test_a_match_without_parameters_has_twenty_results_with_sentences():
    assert load_match({}) == Controls(page=1, per_page=20, lang=None, text=True, hidden_ids=False, filters={})


def test_a_match_reads_every_control():
    controls = load_match({"page": ["3"], "per_page": ["100"], "lang": ["es"], "text": ["0"], "hidden_ids": ["1"]})
    assert controls == Controls(page=3, per_page=100, lang="es", text=False, hidden_ids=True, filters={})


def test_filters_are_any_all_and_not_and_repeats_add_up():
    controls = load_match({"focus": ["depression,anxiety", "grief"], "focus.all": ["anxiety"],
                           "cost.not": ["fee,unknown"], "languages": ["es,pl"]})
    assert controls.filters == {
        "focus": {"any": ["depression", "anxiety", "grief"], "all": ["anxiety"]},
        "cost": {"not": ["fee", "unknown"]}, "languages": {"any": ["es", "pl"]},
    }


def test_browsing_reads_place_words_and_order():
    query = load_browse({"q": ["  quilting "], "near": ["Durham, NC"], "radius_miles": ["12.5"],
                         "sort": ["distance"], "status": ["paused"], "group_type": ["skills"],
                         "days": ["4,1", "1"], "from": ["17:30"], "until": ["20:00"], "starting": ["48"],
                         "nearest": ["20"], "insurance": ["medicaid"]})
    assert query == {"text": "quilting", "near": "Durham, NC", "latitude": None, "longitude": None,
                     "radius_miles": 12.5, "filters": {"group_type": {"any": ["skills"]}}, "status": "paused",
                     "insurance": ("medicaid",), "days": (1, 4), "from": 1050, "until": 1200, "starting": 48,
                     "nearest": 20, "sort": "distance", "page": 1, "per_page": 20, "lang": None}


@pytest.mark.parametrize(("arguments", "sort"), [
    ({}, "relevance"), ({"starting": ["5"]}, "next_session"),
    ({"nearest": ["5"], "near": ["27701"], "starting": ["5"]}, "distance"),
    ({"starting": ["5"], "sort": ["freshness"]}, "freshness"),
], ids=["plain", "starting soon", "nearest", "its own"])
def test_a_list_has_a_usual_order_unless_another_is_asked_for(arguments, sort):
    assert load_browse(arguments)["sort"] == sort


def test_zero_is_a_coordinate():
    query = load_browse({"latitude": ["0"], "longitude": ["-0.0"]})
    assert (query["latitude"], query["longitude"]) == (0, 0)


def test_empty_words_count_as_not_given():
    query = load_browse({"q": [""], "near": [" "]})
    assert query["text"] is None
    assert query["near"] is None


@pytest.mark.parametrize(("arguments", "wrong"), [
    ({"colour": "red"}, {"colour": ["unknown_key"]}),
    ({"focus": "sadness"}, {"focus": ["not_a_code"]}),
    ({"focus.all": "sadness"}, {"focus.all": ["not_a_code"]}),
    ({"focus.some": "grief"}, {"focus.some": ["unknown_key"]}),
    ({"focus.": "grief"}, {"focus.": ["unknown_key"]}),
    ({"band": "strong"}, {"band": ["unknown_key"]}),
    ({"group_type": "unknown"}, {"group_type": ["not_a_code"]}),
    ({"languages": "English"}, {"languages": ["not_a_code"]}),
    ({"languages": "en\n"}, {"languages": ["not_a_code"]}),
    ({"focus": ",".join(f"x{number}" for number in range(61))}, {"focus": ["too_many"]}),
    ({"radius_miles": "-1"}, {"radius_miles": ["out_of_range"]}),
    ({"radius_miles": "0"}, {"radius_miles": ["out_of_range"]}),
    ({"radius_miles": "1001"}, {"radius_miles": ["out_of_range"]}),
    ({"radius_miles": "NaN"}, {"radius_miles": ["not_a_number"]}),
    ({"radius_miles": "Infinity"}, {"radius_miles": ["not_a_number"]}),
    ({"radius_miles": "1e999"}, {"radius_miles": ["out_of_range"]}),
    ({"radius_miles": "1" + "0" * 30}, {"radius_miles": ["out_of_range"]}),
    ({"radius_miles": "9" * 5000}, {"radius_miles": ["not_a_number"]}),
    ({"radius_miles": "٣"}, {"radius_miles": ["not_a_number"]}),
    ({"radius_miles": "5\n"}, {"radius_miles": ["not_a_number"]}),
    ({"latitude": "91", "longitude": "0"}, {"latitude": ["out_of_range"]}),
    ({"latitude": "35"}, {"longitude": ["one_coordinate"]}),
    ({"longitude": "35"}, {"latitude": ["one_coordinate"]}),
    ({"latitude": "35", "longitude": "-79", "near": "Durham, NC"}, {"near": ["place_twice"]}),
    ({"cost": "fee, unknown"}, {"cost": ["not_a_code"]}),
    ({"cost": ""}, {"cost": ["not_a_code"]}),
    ({"cost": "fee,,free"}, {"cost": ["not_a_code"]}),
    ({"lang": ""}, {"lang": ["not_a_code"]}),
    ({"radius_miles": ""}, {"radius_miles": ["not_a_number"]}),
    ({"page": "0"}, {"page": ["out_of_range"]}),
    ({"page": "-1"}, {"page": ["out_of_range"]}),
    ({"page": "1.5"}, {"page": ["out_of_range"]}),
    ({"page": "two"}, {"page": ["not_a_number"]}),
    ({"page": "501"}, {"page": ["out_of_range"]}),
    ({"page": ["1", "2"]}, {"page": ["repeated"]}),
    ({"per_page": "101"}, {"per_page": ["out_of_range"]}),
    ({"lang": "fr"}, {"lang": ["not_a_code"]}),
    ({"sort": "price"}, {"sort": ["not_a_code"]}),
    ({"status": "closed"}, {"status": ["not_a_code"]}),
    ({"q": "a\x00b"}, {"q": ["bad_text"]}),
    ({"q": "a\ud800b"}, {"q": ["bad_text"]}),
    ({"q": "a" * 201}, {"q": ["too_long"]}),
    ({"near": "a\u202eb"}, {"near": ["bad_text"]}),
    ({"days": "7"}, {"days": ["not_a_code"]}),
    ({"days": "tuesday"}, {"days": ["not_a_code"]}),
    ({"days": ""}, {"days": ["not_a_code"]}),
    ({"from": "24:00"}, {"from": ["not_a_time"]}),
    ({"until": "7pm"}, {"until": ["not_a_time"]}),
    ({"until": "07:00\n"}, {"until": ["not_a_time"]}),
    ({"from": ["07:00", "08:00"]}, {"from": ["repeated"]}),
    ({"starting": "0"}, {"starting": ["out_of_range"]}),
    ({"starting": "169"}, {"starting": ["out_of_range"]}),
    ({"starting": ""}, {"starting": ["not_a_number"]}),
    ({"nearest": "5"}, {"near": ["required"]}),
    ({"nearest": "101", "near": "Durham, NC"}, {"nearest": ["out_of_range"]}),
    ({"page": "x", "focus": "y", "z": ""}, {"page": ["not_a_number"], "focus": ["not_a_code"], "z": ["unknown_key"]}),
], ids=lambda value: repr(value)[:50])
def test_a_wrong_parameter_of_browsing_is_named(arguments, wrong):
    assert refused(load_browse, **arguments) == wrong


def test_a_flag_is_zero_or_one():
    assert refused(load_match, text="no", hidden_ids="true") == {"text": ["not_a_code"], "hidden_ids": ["not_a_code"]}


def test_an_echoed_code_is_short_and_printable():
    with pytest.raises(Invalid) as caught:
        load_browse({"focus": ["\x00" + "y" * 500]})
    assert caught.value.errors["focus"][0].values == {"value": "?" + "y" * 39}


def test_a_place_needs_words():
    assert load_place({"q": [" 27701 "], "lang": ["es"]}) == "27701"
    assert refused(load_place) == {"q": ["required"]}
    assert refused(load_place, q="27701", near="x") == {"near": ["unknown_key"]}


def test_a_language_alone_and_nothing_at_all():
    assert load_lang({"lang": ["es"]}) == "es"
    assert load_lang({}) is None
    assert refused(load_nothing, anything="1") == {"anything": ["unknown_key"]}


ID = "0190c0de-1234-5678-9abc-0123456789ab"


def test_ids_of_named_listings_are_kept_in_order_and_once():
    other = ID.replace("0190", "0191")
    assert load_named([other, ID, other]) == (other, ID)


@pytest.mark.parametrize(("values", "wrong"), [
    (["quiet-hours"], "not_an_id"), ([ID + "\n"], "not_an_id"), ([ID.upper()], "not_an_id"),
    ([ID[:-2] + f"{number:02}" for number in range(21)], "too_many"),
], ids=["a slug", "a line feed", "capitals", "too many"])
def test_what_is_no_id_is_refused(values, wrong):
    with pytest.raises(Invalid) as caught:
        load_named(values)
    assert codes(caught.value) == {"id": [wrong]}
