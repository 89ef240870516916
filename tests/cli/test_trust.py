import pytest

from finder import promises

KEPT = [one.id for section in promises.sections() for one in section.promises if not one.not_yet]


def results(finder, name, ids, inside=""):
    cases = "".join(f'<testcase classname="tests.test_x" name="test_{one}_x">{inside}</testcase>' for one in ids)
    return finder.file(name, f'<testsuites><testsuite timestamp="2026-11-27T05:00:00">{cases}</testsuite></testsuites>')


def test_the_page_is_made_of_several_runs(finder):
    suite, soak = results(finder, "suite.xml", KEPT[:9]), results(finder, "soak.xml", KEPT[9:])
    code, out, err = finder("trust", "report", suite, soak)
    assert (code, err) == (0, "")
    assert out.startswith("# What Finder promises")
    assert out.count("\n| ") == 92 + 12  # a line for each promise, and the heads of twelve tables


def test_the_page_goes_into_a_file(finder):
    page = finder.folder / "TRUST.md"
    code, out, _ = finder("trust", "report", results(finder, "suite.xml", KEPT), "--out", page)
    assert (code, out) == (0, "")
    assert page.read_text(encoding="utf-8").endswith(".\n")


@pytest.mark.parametrize(("ids", "inside", "said"), [
    (KEPT[1:], "", f"no test shows {KEPT[0]}"), (KEPT, "<failure/>", f"a test failed for {KEPT[0]}, "),
])
def test_a_page_with_something_missing_is_made_and_ends_as_a_failure(finder, ids, inside, said):
    code, out, err = finder("trust", "report", results(finder, "suite.xml", ids, inside))
    assert code == 1
    assert f"**{'A test failed for' if inside else 'No test of these runs shows'}: {KEPT[0]}" in out
    assert said in err


def test_what_is_no_result_of_tests_is_said_in_a_sentence(finder):
    code, out, err = finder("trust", "report", finder.file("suite.xml", "<html/>"))
    assert (code, out) == (1, "")
    assert "--junitxml" in err
