import pytest

from finder.cli.script import COMMANDS, Instance, run, sentence
from finder.errors import FinderError, Invalid, Problem, Unavailable

BENCHES = [("bench", one) for one in ("match", "import", "http", "all")]


@pytest.mark.parametrize("command", [*((one,) for one in COMMANDS), *BENCHES], ids=" ".join)
def test_every_command_has_help_with_an_example(finder, command):
    code, out, err = finder(*command, "--help")
    assert code == 0
    example = out.partition("Example:\n")[2].splitlines()[0]
    assert f"finder {' '.join(command)}" in example
    assert err == ""


def test_without_a_command_it_says_what_there_is(finder):
    code, out, _ = finder()
    assert code == 0
    assert all(f"  {one} " in out for one in COMMANDS)


def test_the_version_is_told(finder):
    assert finder("--version")[:2] == (0, "0.1.0\n")


@pytest.mark.parametrize("arguments", [
    ("imprt",), ("--nope",), ("demo", "--port", "0"), ("demo", "--port", "x"), ("import",), ("match",),
    ("import", "x.json", "--format", "word", "--source", "s"), ("evaluate", "no-such-file"),
    ("bench", "match", "--size", "0"), ("import", "x.csv", "--format", "csv", "--source", "s"),
], ids=" ".join)
def test_a_wrong_call_ends_with_one_sentence(finder, arguments):
    code, out, err = finder(*arguments)
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert "--help" in err


def test_settings_that_are_wrong_are_named_in_one_sentence(finder):
    finder.environ |= {"FINDER_PORT": "eighty", "FINDER_COUNTRY": "USA"}
    code, out, err = finder("init")
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "FINDER_PORT" in err
    assert "FINDER_COUNTRY" in err


def test_P2_an_unforeseen_error_is_one_sentence_without_what_was_written(capsys):
    def broken(_):
        raise RuntimeError("canary")

    assert run(Instance({}, broken, broken), ["init"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "RuntimeError" in said.err
    assert "canary" not in said.err
    assert said.err.count("\n") == 1


def test_a_folder_that_cannot_be_made_is_named(finder):
    finder.file("instance", "a file in the way")
    code, _, err = finder("init")
    assert code == 1
    assert "instance" in err
    assert "Traceback" not in err


def test_many_wrong_fields_make_a_short_sentence():
    errors = {f"field{number}": [Problem("required")] for number in range(9)}
    said = sentence(Invalid(errors))
    assert "field4" in said
    assert "field5" not in said
    assert "4 more" in said


@pytest.mark.parametrize("error", [Unavailable("database"), FinderError("odd_thing")], ids=["database", "other"])
def test_every_error_has_a_sentence(error):
    assert sentence(error).endswith(".")
