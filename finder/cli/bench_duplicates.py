"""`finder bench duplicates`: how well and how fast repeats are found, among made-up listings and real ones.

Made-up ones come from a seed that no weight was set on. Real ones lie beside the checkout; without them the figures say
so.
"""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from finder.cli import (
    bench_pages,  # noqa: F401 - adds its command to bench first
    sample_groups,
    sample_real,
    sample_repeats,
)
from finder.cli.bench import bench, cpu, share, tell
from finder.cli.sample_real import Known, Pair
from finder.cli.script import Instance, note
from finder.cli.setup import SEED
from finder.duplicates.card import Card, card_of
from finder.duplicates.index import Index, find
from finder.duplicates.likeness import Likeness
from finder.duplicates.pairs import pairs
from finder.places import gazetteer

ROOT = SEED.parent.parent
SIZE, HOLDOUT = 100_000, 2  # listings; the weights were set on seed 1
QUICK = 20_000  # below, the two longest sets of real listings are left out too
ENTRIES = 300
SHARE_OF_REPEATS = SHARE_OF_STRANGERS = 0.1
SURE = 0.05  # the bound of a rate is wrong once in twenty
SHARED = "FINDER_TEST_SHARED"  # the setting that names the folder of real listings, as for the tests

bench.subcommand_metavar = str(bench.subcommand_metavar).replace("|all", "|duplicates|all")


@bench.command("duplicates")
@click.option("--size", type=click.IntRange(100, 5_000_000), default=SIZE, show_default=True,
              help="How many made-up listings.")
@click.option("--seed", type=int, default=HOLDOUT, show_default=True, help="Which made-up listings.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.pass_obj
def duplicates_command(instance: Instance, size: int, seed: int, as_json: bool) -> None:
    """Measure how many repeats are found, how many of those found are none, and how long it takes.

    \b
    Example:
      finder bench duplicates --json
    """
    tell(measure_here(instance, size, seed), as_json)


def measure_here(instance: Instance, size: int = SIZE, seed: int = HOLDOUT) -> dict[str, Any]:
    """The figures, with the real listings that lie beside this checkout or where the setting says."""
    folder = Path(instance.environ.get(SHARED) or ROOT.parent / "shared") / "data"
    return measure(size, seed, folder if folder.is_dir() else None)


@dataclass(slots=True)
class Tally:
    """What became of pairs: repeats there are, found, taken for repeats wrongly, and the same of the verdict `same`."""

    repeats: int = 0
    found: int = 0
    wrong: int = 0
    same: int = 0
    wrong_same: int = 0

    def add(self, other: Tally) -> None:
        for name in ("repeats", "found", "wrong", "same", "wrong_same"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def figures(self) -> dict[str, Any]:
        return {"recall": _rate(self.found, self.repeats), "precision": _rate(self.found, self.found + self.wrong),
                "repeats": self.repeats, "wrong": self.wrong, "same": self.same, "wrong_same": self.wrong_same}


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def measure(size: int, seed: int, folder: Path | None) -> dict[str, Any]:
    """Figures: `recall` and `precision` are the lower ones of both kinds of listings; `same` counts what would be
    merged unseen, and the true rate of wrong ones lies under `wrong_rate_same_at_most` with 95 % confidence."""
    made = _made(size, seed)
    figures, generated = _time(made, size)
    real = {"note": "No real listings beside the checkout; measured on made-up ones only."}
    both = [generated]
    together = Tally()
    together.add(generated)
    if folder is not None:
        whole, real = _real(folder, quick=size < QUICK)
        both.append(whole)
        together.add(whole)
    rates = [one.figures() for one in both]
    return {"recall": min(one["recall"] for one in rates), "precision": min(one["precision"] for one in rates),
            "wrong_rate_same": round(together.wrong_same / max(1, together.same), 6),
            "wrong_rate_same_at_most": round(at_most(together.wrong_same, together.same), 6), **figures, "size": size,
            "generated": generated.figures(), "real": real, "cpu": cpu()}


@dataclass(frozen=True, slots=True)
class Made:
    """Made-up documents by id, and the pairs among them that are repeats."""

    documents: Mapping[str, Mapping[str, Any]]
    repeats: set[Pair]


def _made(size: int, seed: int) -> Made:
    note(f"Making {size:,} listings …")
    chance = random.Random(seed)
    base = int(size * (1 - SHARE_OF_REPEATS - SHARE_OF_STRANGERS))
    documents = {one["id"]: one for one in (*_seeds(), *sample_groups.listings(base, seed))}
    first = sorted(documents)
    repeats = set()
    for number, key in enumerate(chance.sample(first, int(size * SHARE_OF_REPEATS))):
        one = sample_repeats.repeat(documents[key], chance, f"repeat-{number}")
        documents[one["id"]] = one
        repeats.add(frozenset((key, one["id"])))
    for number, key in enumerate(chance.sample(first, int(size * SHARE_OF_STRANGERS))):
        other = sample_repeats.stranger(documents[key], chance, f"stranger-{number}")
        if other is not None:
            documents[other["id"]] = other
    return Made(documents, repeats)


def _seeds() -> Iterator[dict[str, Any]]:
    with SEED.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def _time(made: Made, size: int) -> tuple[dict[str, Any], Tally]:
    note(f"Looking for repeats among {len(made.documents):,} listings …")
    begun, worked = time.perf_counter(), time.process_time()
    index = Index.of(card_of(one) for one in made.documents.values())
    found = list(pairs(index))
    seconds, worked = time.perf_counter() - begun, time.process_time() - worked
    took = []
    for key in random.Random(size).sample(sorted(made.documents), min(ENTRIES, len(made.documents))):
        typed = {**made.documents[key], "id": "typed"}
        begun = time.perf_counter()
        find(typed, index)
        took.append((time.perf_counter() - begun) * 1000)
    figures = {"pairs_s": round(seconds, 2), "pairs_cpu_s": round(worked, 2),
               "entry_p50_ms": share(took, 0.5), "entry_p95_ms": share(took, 0.95)}
    return figures, tally(found, made.repeats)


def tally(found: Iterable[Likeness], repeats: Set[Pair], undecided: Set[Pair] = frozenset(),
          settled: Mapping[str, str] | None = None) -> Tally:
    """Counts what was found against what is known; pairs that nobody can call count nowhere."""
    count = Tally(repeats=len(repeats))
    for one in found:
        pair = frozenset((one.one, one.other))
        if one.verdict not in ("same", "likely") or pair in undecided:
            continue
        right = pair in repeats
        if not right and settled is not None and not pair & settled.keys():
            continue
        count.found += right
        count.wrong += not right
        if one.verdict == "same":
            count.same += 1
            count.wrong_same += not right
    return count


def _real(folder: Path, *, quick: bool) -> tuple[Tally, dict[str, Any]]:
    """All sets together and each by itself. What was made harder than it is, is shown and not counted."""
    whole, figures = Tally(), {}
    for known in sample_real.known(folder, gazetteer.load(), quick=quick):
        note(f"Looking for repeats among {len(known.cards):,} real listings ({known.name}) …")
        count = _judged(known)
        figures[known.name] = count.figures()
        if known.name != sample_real.HIDDEN:
            whole.add(count)
    return whole, {**whole.figures(), "sets": figures}


def _judged(known: Known) -> Tally:
    cards: list[Card] = known.cards
    return tally(pairs(cards), known.repeats, known.undecided, known.settled)


def at_most(wrong: int, of: int) -> float:
    """The upper bound of a rate after `wrong` out of `of`, with 95 % confidence (Clopper, Pearson: Biometrika 1934)."""
    if of == 0 or wrong >= of:
        return 1.0
    low, high = wrong / of, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _chance(wrong, of, middle) > SURE else (low, middle)
    return high


def _chance(most: int, of: int, rate: float) -> float:
    """The chance of at most `most` among `of` at a rate (binomial)."""
    return sum(math.exp(math.lgamma(of + 1) - math.lgamma(k + 1) - math.lgamma(of - k + 1) + k * math.log(rate)
                        + (of - k) * math.log1p(-rate)) for k in range(most + 1)) if 0 < rate < 1 else float(rate == 0)
