import pytest

from finder.places import gazetteer
from finder.places.lookup import Choices, Place
from finder.search import box, snapshot
from finder.search.box import query, read
from finder.vocabulary import vocabulary
from tests.make import NOW, make_listing

GAZETTEER = gazetteer.load()


def asked(line, lang="en"):
    return read(line, vocabulary=vocabulary(), gazetteer=GAZETTEER, lang=lang)


def chips(line):
    return {f"{chip.field}:{chip.code}" for chip in asked(line).chips if chip.certainty != "unsure"}


def place_of(line):
    """The one place, else the likeliest of those that may be meant."""
    place = asked(line).place
    if place is None:
        return None
    found = place.found if isinstance(place.found, Place) else next(iter(place.found.choices), None)
    return found.text if found else place.text


@pytest.mark.parametrize(("line", "place", "expected", "left"), [
    ("grief group near Ashville NC thursday", "Asheville, NC", {"focus:grief", "days:3"}, ""),
    ("AA meetings in Franklin", "Franklin, TN", {"focus:alcohol"}, ""),
    ("online bipolar support for women evenings", None,
     {"formats:online_video", "focus:bipolar", "populations:women", "times:evening"}, ""),
    ("grupo de duelo en español cerca de 28801", "Asheville, NC 28801", {"focus:grief", "languages:es"}, ""),
    ("Tuesday night 97201", "Portland, OR 97201", {"days:1", "times:evening"}, ""),
    ("medicaid dbt group los angeles ca", "Los Angeles, CA", {"insurance:medicaid", "modalities:DBT"}, ""),
    ("wheelchair accessible aa meetings 10001-1234 sunday 7 pm", "New York, NY 10001",
     {"accessibility:step_free", "focus:alcohol", "days:6", "from:18:30", "until:19:30"}, ""),
    ("kids grief in person 80202 weekend", "Denver, CO 80202",
     {"populations:children", "focus:grief", "formats:in_person", "times:weekend"}, ""),
    ("hombres ansiedad los martes por la noche Miami FL", "Miami, FL",
     {"populations:men", "focus:anxiety", "days:1", "times:evening"}, ""),
    ("anxiety group wensday st louis mo", "Saint Louis, MO", {"focus:anxiety", "days:2"}, ""),
    ("sliding scale, moms, Saint Paul, Minnesota", "Saint Paul, MN", {"cost:sliding", "populations:parents"}, ""),
    ("ptsd near Colorado Springs after 6pm", "Colorado Springs, CO", {"focus:trauma_ptsd", "from:18:00"}, ""),
    ("depresion en Los Angeles antes de las 9:30 am", "Los Angeles, CA", {"focus:depression", "until:09:30"}, ""),
    ("saturday night grief", None, {"days:5", "from:17:00", "focus:grief"}, ""),
    ("teen eating disorder group philly tonight", "Philadelphia, PA",
     {"populations:teens", "focus:eating_disorder", "starting:24", "from:17:00"}, ""),
    ("gay mens group chicago", "Chicago, IL", {"populations:lgbtq", "populations:men"}, ""),
    ("panick atacks", None, {"focus:panic"}, ""),
    ("F32.1 group Denver, CO", "Denver, CO", {"focus:depression"}, ""), ("f50", None, {"focus:eating_disorder"}, ""),
    ("grief group entre semana", None, {"focus:grief", *(f"days:{day}" for day in range(5))}, ""),
    ("Lantern Street Low Mood Group", None, {"focus:depression"}, "Lantern Street"),
    ("walk-in free grief", None, {"cost:free", "focus:grief", ":walk_in"}, ""),
    ("grief near me", None, {"focus:grief", ":near_me"}, ""),
    ("", None, set(), ""),
    ("support group", None, set(), ""),
    ("%%% ,,, \x00", None, set(), ""),
])
def test_a_line_is_read_as_place_needs_hours_and_name(line, place, expected, left):
    assert place_of(line) == place
    assert chips(line) == expected
    assert asked(line).words == left


@pytest.mark.parametrize(("line", "certainty"), [
    ("Hope, AR", "exact"), ("hope ar", "exact"), ("groups in Hope", "exact"), ("near Hope", "exact"),
    ("hope", "unsure"), ("Harmony grief", "unsure"), ("grief Phoenix", "likely"), ("grief Pheonix", "unsure"),
    ("near Pheonix", "likely"), ("Ashevile NC", "likely"), ("99999", "unsure"),
])
def test_a_place_says_how_sure_it_is(line, certainty):
    assert asked(line).place.certainty == certainty


@pytest.mark.parametrize("line", ["in recovery", "groups in person", "grupo en español", "pride", "people in crisis",
                                  "in or out", "help me", "hi", "text me", "la ansiedad", "grief"])
def test_no_town_is_made_of_a_need_or_a_small_word(line):
    assert asked(line).place is None


@pytest.mark.parametrize(("line", "place"), [
    ("near Pride", "Pride, LA"), ("Pride LA", "Pride, LA"), ("Marine, IL", "Marine, IL"),
    ("LA grief", "Los Angeles, CA"), ("salem OR depression", "Salem, OR"), ("grief Salem, OR", "Salem, OR"),
    ("GRIEF GROUP ASHEVILLE NC", "Asheville, NC"),
    ("Asheville NC 28801 grief", "Asheville, NC 28801"), ("Franklin, Tennesee", "Franklin, TN"),
    ("grief Asheville North Carolna", "Asheville, NC"),
    ("Sun Praire WI grief", "Sun Prairie, WI"), ("Los Bnaos CA", "Los Banos, CA"), ("La Grande OR AA", "La Grande, OR"),
])
def test_a_state_or_a_word_for_a_place_makes_it_a_town(line, place):
    assert place_of(line) == place


@pytest.mark.parametrize(("line", "place"), [
    ("boston ma grief", "Boston, MA"), ("portland or grief", "Portland, OR"), ("denver co anxiety", "Denver, CO"),
    ("greif group near bostn ma thursday", "Boston, MA"), ("grief bostn ma", "Boston, MA"),
    ("anxiety near portlnd or", "Portland, OR"), ("anxiety near portlnd me", "Portland, ME"),
])
def test_a_small_state_code_that_is_also_a_word_counts_behind_a_town_of_some_size(line, place):
    assert place_of(line) == place


@pytest.mark.parametrize("line", ["hope in recovery", "harmony in grief", "friendship in sobriety", "liberty me group"])
def test_a_small_word_behind_the_name_of_a_hamlet_is_no_state(line):
    found = asked(line).place
    assert found is None or found.certainty == "unsure"


def test_a_need_in_a_weak_place_is_asked_about():
    found = asked("meet in Pride")
    assert found.place.certainty == "unsure"
    assert [(chip.code, chip.certainty) for chip in found.chips] == [("lgbtq", "unsure")]


def test_what_is_denied_or_guessed_is_unsure():
    assert [chip.certainty for chip in asked("not suicidal").chips] == ["unsure"]
    assert {chip.certainty for chip in asked("overeatrs").chips} <= {"likely", "unsure"}


def test_a_state_alone_names_no_point():
    place = asked("grief group in Texas").place
    assert place.text == "Texas"
    assert place.found == Choices((), "unknown")


def test_chips_keep_the_readers_own_words():
    phrases = {chip.code: chip.phrase for chip in asked("Duelo los Miércoles").chips}
    assert phrases == {"grief": "Duelo", "2": "Miércoles"}
    assert asked("grief near  ASHEVILLE, nc").place.phrase == "ASHEVILLE, nc"


@pytest.mark.parametrize(("line", "left"), [
    ('"quiet harbor" OR walkers -online', '"quiet harbor" OR walkers -online'),
    ('grief OR "quiet harbor"', '"quiet harbor"'), ("walkers | harbor", "walkers OR harbor"),
    ("lantern -grief", "lantern -grief"), ('"grief share', '"grief share'),
])
def test_quotes_or_and_minus_are_left_for_the_words(line, left):
    assert asked(line).words == left


def test_the_reading_becomes_a_browse_query():
    assert query(asked("online grief or depression medicaid tuesday thursday after 6pm near Boston MA")) == {
        "near": "Boston, MA",
        "filters": {"formats": {"any": ["online_video"]}, "focus": {"any": ["grief", "depression"]},
                    "cost": {"any": ["covered"]}},
        "insurance": ["medicaid"], "days": (1, 3), "from": 1080}


def test_the_unsure_enters_a_query_only_when_wanted():
    found = asked("meet in Pride")
    assert query(found) == {"filters": {}}
    assert query(found, unsure=True) == {"near": "Pride", "filters": {"populations": {"any": ["lgbtq"]}}}


def town(city, state, latitude, longitude):
    return {"sessions": [{"format": "in_person", "location": {"city": city, "state": state, "country": "US",
                                                              "latitude": latitude, "longitude": longitude}}]}


BOSTON, DURHAM = town("Boston", "MA", 42.36, -71.06), town("Durham", "NC", 35.99, -78.9)
LISTINGS = tuple(make_listing(id=id_, name=name, **more) for id_, name, more in (
    ("share-boston", "Grief Share", BOSTON), ("share-durham", "Grief Share", DURHAM),
    ("tuesday", "Tuesday Night Group", DURHAM), ("circle", "Circle of Hope", DURHAM), ("lamp", "Tuesday Lamp", BOSTON),
    ("lake", "Lakeside Walkers", {**DURHAM, "description": "We talk about grief and yoga."}),
    ("aided", "Evening Talk", {**BOSTON, "organization": {"name": "Ninth Bell Counseling"}}),
    ("closed", "Lakeside Sleepers", {**DURHAM, "status": "paused"}), ("program", "The Program", {}),
))
SNAPSHOT = snapshot.from_documents(LISTINGS, NOW.date())


def search(line):
    return box.search(line, snapshot=SNAPSHOT, gazetteer=GAZETTEER, vocabulary=vocabulary())


@pytest.mark.parametrize(("line", "named"), [
    ("Grief Share", ["share-boston", "share-durham"]), ("Grief Share, Boston MA", ["share-boston"]),
    ("Greif Shrae near Durham NC", ["share-durham"]),
    ("Tuesday Night Group", ["tuesday"]), ("ruesday lamp", ["lamp"]), ("Tuesday Lamp in Boston", ["lamp"]),
    ("hope", ["circle"]), ("circle of hope", ["circle"]), ("lakeside", ["lake"]), ("ninth bell", ["aided"]),
    ("the program", ["program"]), ('"grief share"', ["share-boston", "share-durham"]), ('"share grief"', []),
    ("lakeside -walkers", []), ("grief group", []), ("grief group Tuesday night Boston", []), ("tuesday", []),
    ("support group", []), ("", []),
])
def test_a_name_is_told_from_needs_and_hours(line, named):
    assert sorted(search(line).named) == sorted(named)


def test_of_equal_names_that_in_the_town_typed_comes_first():
    assert [search(f"Grief Share {town}").named[0] for town in ("Boston", "Durham")] == ["share-boston", "share-durham"]


def test_words_that_no_name_holds_are_looked_for_in_the_descriptions():
    answer = search("yoga")
    assert answer.named == ()
    assert answer.said == ("lake",)


def test_an_unsure_place_that_is_in_the_name_is_dropped():
    assert asked("hope").place is not None
    assert search("hope").asked.place is None


def test_at_most_twenty_are_named():
    many = snapshot.from_documents([make_listing(name="Blue Door") for _ in range(30)], NOW.date())
    answer = box.search("blue door", snapshot=many, gazetteer=GAZETTEER, vocabulary=vocabulary())
    assert len(answer.named) == 20


@pytest.mark.parametrize("line", ["a" * 5000, '"' * 200, "- | OR " * 40, "٣٣٣٣٣", "near", "in in in in", "12345 67890",
                                  "near the", "NC", ", ,NC", "🙂 grief", "İstanbul ẞ"])
def test_any_line_is_read(line):
    assert search(line).asked.text == " ".join(line[:200].split())
