"""`finder match` and `finder evaluate`: one search, the vignettes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from finder import strict_json
from finder.cli.script import Failure, Instance, sentence, show
from finder.db import is_ready
from finder.errors import Invalid
from finder.matching import evaluation
from finder.places import gazetteer
from finder.search import find
from finder.search.intake_schema import load as load_intake
from finder.search.query_schema import MOST_PER_PAGE
from finder.search.tuning import evaluation_line
from finder.vocabulary import vocabulary


@click.command()
@click.option("--intake", type=click.File("rb"), required=True, help="An intake document; - reads stdin.")
@click.option("--page", type=click.IntRange(1), default=1, show_default=True)
@click.option("--per-page", type=click.IntRange(1, MOST_PER_PAGE), default=20, show_default=True)
@click.option("--hidden-ids", is_flag=True, help="Name the programs that were left out.")
@click.option("--json", "as_json", is_flag=True, help="Print the document on one line.")
@click.pass_obj
def match(instance: Instance, intake: Any, page: int, per_page: int, hidden_ids: bool, as_json: bool) -> None:
    """Match one intake document and print the answer.

    The programs are those of the instance; the answer is a match document.

    \b
    Example:
      finder match --intake intake.json
    """
    document = load_intake(strict_json.read(intake.read()))
    services = instance.services
    if not is_ready(services.database):
        raise Failure("There is no instance here yet. `finder init` or `finder demo` makes one.")
    found = find.match(document, snapshot=services.snapshot(), gazetteer=services.gazetteer,
                       vocabulary=services.vocabulary, now=services.now(), page=page, per_page=per_page,
                       hidden_ids=hidden_ids, rules=services.rules)
    found.pop("understood", None)
    add_texts(found)
    show(found, as_json)


def add_texts(found: Mapping[str, Any]) -> None:
    """Writes the sentence of every reason and question, in English."""
    from finder.wording import check_text, reason_text

    for one in found["matches"]:
        for reason in one["reasons"]:
            reason["text"] = reason_text(reason)
        for check in one["check_first"]:
            check["text"] = check_text(check)


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="Accepted for the sake of scripts: the output is JSON always.")
def evaluate(file: Any, as_json: bool) -> None:
    """Measure the matching on vignettes.

    Each line of FILE is a vignette with its own listings; where it says what is expected, figures follow at the end.

    \b
    Example:
      finder evaluate vignettes.jsonl
    """
    judged = []
    for number, vignette in _vignettes(file):
        line = _match_vignette(vignette, number)
        show(line)
        if vignette.get("expect"):
            judged.append(evaluation.judge(vignette, line))
    if judged:
        show({"summary": evaluation.summarize(judged)})


def _vignettes(file: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(file, 1):
        if line.strip():
            try:
                yield number, strict_json.read(line)
            except Invalid as wrong:
                raise Failure(f"Line {number}: {sentence(wrong)}") from None


def _match_vignette(vignette: Any, number: int) -> dict[str, Any]:
    """One evaluation line. The path is the site's own: the same validators, snapshot and search."""
    try:
        return evaluation_line(vignette, gazetteer=gazetteer.load(), vocabulary=vocabulary())
    except Invalid as wrong:
        raise Failure(f"Line {number}: {sentence(wrong)}") from None
    except (KeyError, TypeError, ValueError):
        raise Failure(f"Line {number} is no vignette: it needs id, as_of, intake and listings.") from None
