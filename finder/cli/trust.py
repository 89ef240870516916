"""`finder trust report`: the page of promises, made from what runs of the tests left behind."""

from __future__ import annotations

from pathlib import Path

import click

from finder import promises
from finder.cli.script import Failure, note
from finder.errors import Invalid

NOT_RESULTS = "{} is no junit XML file of pytest. Run the tests with --junitxml=FILE."


@click.group()
def trust() -> None:
    """Say what this program promises about trust, and what shows it.

    \b
    Example:
      finder trust report suite.xml
    """


@trust.command("report")
@click.argument("results", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the page here, not to stdout.")
def report(results: tuple[Path, ...], out: Path | None) -> None:
    """Make TRUST.md from the junit XML of runs of the tests; of a test that ran twice the later day counts.

    \b
    Example:
      python -m pytest --junitxml=suite.xml
      python -m pytest -m soak --junitxml=soak.xml
      finder trust report suite.xml soak.xml --out TRUST.md

    It ends as a failure when a test of a promise failed, or when no test shows a promise that is said to be kept.
    """
    made = promises.report([_checked(path) for path in results], promises.sections())
    if out is None:
        click.echo(made.text, nl=False)
    else:
        out.write_text(made.text, encoding="utf-8")
        note(f"Written to {out}.")
    if made.failed or made.unshown:
        told = [f"a test failed for {', '.join(made.failed)}"] if made.failed else []
        told += [f"no test shows {', '.join(made.unshown)}"] if made.unshown else []
        raise Failure(f"Not all that is promised was shown: {'; '.join(told)}.")


def _checked(path: Path) -> bytes:
    body = path.read_bytes()
    try:
        promises.read_run(body)
    except Invalid:
        raise Failure(NOT_RESULTS.format(path)) from None
    return body
