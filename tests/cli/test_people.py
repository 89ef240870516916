import json

import pytest

from tests.cli.conftest import listing

ANN = "ann@example.org"


@pytest.fixture
def ready(finder):
    assert finder("init")[0] == 0
    return finder


def accounts(finder):
    return {one["email"]: one for one in json.loads(finder("user", "list", "--json")[1])}


def test_A11_a_new_instance_prints_one_link_for_its_first_administrator_and_holds_nobody(finder):
    code, out, err = finder("init")
    assert code == 0
    assert "Nobody looks after this instance yet." in err
    assert out.startswith("http://127.0.0.1:8000/account/setup/")
    assert accounts(finder) == {}
    code, out, _ = finder("user", "setup-token")
    assert out.startswith("http://127.0.0.1:8000/account/setup/")
    finder("user", "add", ANN, "--role", "administrator")
    assert finder("init")[1] == ""
    assert finder("user", "setup-token")[0] == 1


def test_roles_are_given_with_their_region_and_taken(ready):
    assert ready("user", "add", "Ann@Example.org", "--role", "steward", "--state", "US:PA")[0] == 0
    assert accounts(ready)[ANN]["roles"] == [{"role": "steward", "scope": "state", "value": "US:PA"}]
    assert ready("user", "role", "give", ANN, "--role", "operator")[0] == 0
    assert ready("user", "role", "take", ANN, "--role", "steward", "--state", "US:PA")[0] == 0
    assert [one["role"] for one in accounts(ready)[ANN]["roles"]] == ["operator"]
    assert "does not have this role" in ready("user", "role", "take", ANN, "--role", "steward")[2]


def test_a_role_for_one_listing_names_it_by_its_address(ready):
    ready("import", ready.file("a.json", [listing(1)]), "--format", "listing", "--source", "test")
    code, _, err = ready("user", "add", ANN, "--role", "operator", "--program", "nothing-here")
    assert (code, err) == (1, "There is no listing nothing-here.\n")
    assert accounts(ready) == {}


def test_a_provider_works_in_a_team_which_is_made_when_it_is_first_named(ready):
    assert ready("user", "add", ANN, "--role", "provider", "--team", "Eastside Clinic")[0] == 0
    assert ready("user", "add", "sam@example.org", "--role", "provider", "--team", "eastside clinic")[0] == 0
    (one,), (other,) = (each["roles"] for each in accounts(ready).values())
    assert one == other
    assert (one["role"], one["scope"]) == ("provider", "team")
    code, _, err = ready("user", "role", "give", ANN, "--role", "provider", "--team", "Westside")
    assert (code, err) == (1, "This account is in another team already.\n")
    assert len(accounts(ready)[ANN]["roles"]) == 1
    assert ready("user", "role", "take", ANN, "--role", "provider", "--team", "Eastside Clinic")[0] == 0
    assert ready("user", "role", "give", ANN, "--role", "provider", "--team", "Westside")[0] == 0
    assert "There is no team Northside." in ready("user", "role", "take", ANN, "--role", "provider", "--team",
                                                  "Northside")[2]


def test_an_account_is_closed_and_opened_again(ready):
    ready("user", "add", ANN, "--role", "operator")
    assert ready("user", "disable", ANN)[0] == 0
    assert accounts(ready)[ANN]["state"] == "disabled"
    code, _, err = ready("user", "sign-in-link", ANN)
    assert code == 1
    assert "This account is closed." in err
    assert ready("user", "enable", ANN)[0] == 0
    assert ready("user", "sign-in-link", ANN)[1].startswith("http://127.0.0.1:8000/account/link/")


def test_the_last_administrator_cannot_be_closed(ready):
    ready("user", "add", ANN, "--role", "administrator")
    for command in (("disable", ANN), ("role", "take", ANN, "--role", "administrator")):
        code, _, err = ready("user", *command)
        assert code == 1
        assert "This is the only administrator." in err


@pytest.mark.parametrize(("arguments", "words"), [
    (("add", "nobody", "--role", "steward"), "nobody is no email address"),
    (("add", ANN, "--role", "king"), "'king' is not one of"),
    (("add", ANN, "--role", "steward", "--state", "PA"), "Write it as in US:PA"),
    (("add", ANN, "--role", "operator", "--state", "US:PA", "--program", "x"), "not several"),
    (("add", ANN, "--role", "operator", "--organization", "x"), "is not a valid UUID"),
    (("add", ANN, "--role", "provider"), "name it with --team"),
    (("add", ANN, "--role", "steward", "--team", "x"), "name it with --team"),
    (("add", ANN, "--role", "provider", "--team", "x" * 201), "cannot be the name of a team"),
    (("disable", ANN), "There is no account of ann@example.org"),
    (("sign-in-link", ANN), "There is no account of ann@example.org"),
])
def test_what_is_wrong_is_one_plain_sentence(ready, arguments, words):
    code, out, err = ready("user", *arguments)
    assert code in (1, 2)
    assert out == ""
    assert words in err
    assert len(err.splitlines()) == 1


def test_without_an_instance_it_says_how_to_make_one(finder):
    assert "`finder init` makes one." in finder("user", "list")[2]


@pytest.mark.parametrize("command", ["add", "role", "disable", "enable", "list", "setup-token", "sign-in-link"])
def test_every_command_shows_an_example(ready, command):
    assert "Example:" in ready("user", command, "--help")[1]
