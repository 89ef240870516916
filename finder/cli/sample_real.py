"""Real listings with repeats that are known, read from the files beside the checkout; nothing of them stands here but
the ends of ids that this program made of them.

Known how: the same meeting's id in two recordings; the same number, house and ZIP in two editions of a directory; one
license each; and what was read side by side, by hand (`_BY_HAND`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

from finder.duplicates.card import Card, card_of
from finder.exchange import mapping as mappings
from finder.exchange import reading
from finder.vocabulary import vocabulary

TODAY = date(2026, 11, 24)
Pair = frozenset[str]
HIDDEN = "two_editions_number_hidden"
_FEEDS = ("tsml-orange-county-2023", "tsml-san-jose-2021", "tsml-nw-texas-2021", "tsml-alanon-massachusetts-2023",
          "tsml-eating-disorders-anon-2023", "tsml-sussex-nj-2020")
_COLUMNS = {"name": {"join": ["name1", "name2"], "with": ", "}, "organization.name": "name1",
            "location.address_1": {"join": ["street1", "street2"], "with": ", "}, "location.city": "city",
            "location.state": "state", "location.postal_code": "zip", "contact.phone": "phone"}
_POINTS = {"id": "", "location.latitude": "latitude", "location.longitude": "longitude", "organization.url": "website"}
# Meetings that were read side by side and are one group: same words, room and hour, or one that moved next door. Each
# line is one group, each part the end of a listing's id.
_BY_HAND = """
    1a42a0cab3dfc426 43688342ac44e875 | 98453e404aae7043 344e5d0e5ed0d4e8 | 0faa992b50a69e04 a209f9382d331102
    ade8bbfb71bca6d3 5ccca0b8c09a2796 | 18fcd47cea551cf4 c5de77454f8a3d8e | 81e1d777bcc1123b a24d974d42615daf
    68ad6015a7d0303b 30d75ef5a324cfc1 | fabb5885eeb015ca 9c5d023b5792fd34 69b84ca454fb2fcf
    7b8ea513269e0a6b f95e62c558ec027a 6dc54fff93f9c41e | e43da13d1386bda9 96802d4436d9675b
    077a24a933bd41b6 cfc0cf8ec5b6f73f | 65dbed6698d7ae13 b1199949b32c9169 | 5a95416ddaa1d8fb f7c0d60480713f00
    3c97737a89bea252 036e3c0faf104430 | 8805ca2708bec601 19bc1bac897db02e 6a8e3e2ee6903b11 d70f564a8f0338ff
    35b176f6046e2cfd c7e05b6953f09884 | 5ae539cdfd1d91fb 6421488088ec0cff | e0e380094f4886be b1125112da5fc130
    c7b0708f86458a8b 7bf1edbd9ef7b1d6 | 73b068cd5ce22e87 4adce9a3dcd6d177 | 5eb403a8c1e505c1 a18a3ade66199f1f
    9ccd1050082f4259 bc978822fdca0aca | 6784c586499bea46 f13c01a0a1276ff1 | a988e7fac1d9afe3 4522be3e253d402c
    8437728ba688299d 3acb00fa0c6005e5 | 67d2606e416f35db ed5f53b80cf1fa77 | 53d0e98da64a4855 eb69442b76d3fc89
    5ebf9e63244cf567 b9f725bc8bfc22c6 | dc5d0dcbe8eea786 f8733594a9b692a6 | 42478899efefe061 ec43dd62f1d68ca3
    ac128ac5db3c4e92 94d05bc52ea26836 | 886b2f2d0eb59d88 e215397f820a7941 | 1cfb7ff5317eef18 5ee860c00b6c4880
    1b9a7bcee6f45819 6a53a651230c627d | 441e429f9817e3d8 5e8fbb1b577bd650 | 9c4b77d18bdf1951 3aad4a280328558d
    6615f7ee8b3dc41a 724be1372176c611 70e03c1e0bf57592 | caba9c45c9792263 0515092a44e3aecf
    68f82aa91c9fa115 7f12ef0a336b60bc | 75d865aec0cc1f0d e327670c70d727f8 | d0f463b4cd49c62f bdcf4c55d7d35492
    067999662d44a6b3 9877582701a61bca | f641d78052e0c4c5 9282fbe26eda89e9 | ee1fa99bd7ee9a58 f832aac4194192d0
    c12d14624f43f613 e106a5891e4ac242 | 89e141e0d14036b0 c58c5e81df1bc5db | 1b192c0e351617de 447bc3800a88c93f
    6980fa576a09d345 55a22d8395e547d8 | f8ec8109ffb7067c e9864ebfd954b5f5 | 43c50f51c70b4f90 aedd578a510b5251
    1bc287a24dbb4be5 00ee8e4fdb3d0a98 | 039eddb7e7a3c584 2f7af194ff463bdc 863644f6b297087c"""
# Read side by side too, and nobody can tell: a meeting typed in as a test; two names one letter apart.
_UNDECIDED = """
    049c69de246c0dbd 59c7e996aa1e213c 9018b48a1265c8f1
    355808314c57657b 5d3bd051136de438 56108519ad9a55d3 739dfbbcaff7de95 f8ec8109ffb7067c"""
# Two rows of the 2020 edition for one house, number and extension, with the words of the name turned about.
_TURNED = ("2020:653", "2020:654")
# Sites that the 2022 directory lists twice.
_TWICE = "bb35ca63562d4a67 c96f699b34d395e6 | 8c0216de3756 9d58fc20d4092590"


@dataclass(slots=True)
class Known:
    """Cards, the pairs that are repeats, and those that nobody can call. Any other pair is no repeat, but where
    `settled` is given: there a pair is wrong only if one of the two is known to repeat another."""

    name: str
    cards: list[Card]
    repeats: set[Pair]
    undecided: set[Pair] = field(default_factory=set)
    settled: dict[str, str] | None = None


def known(folder: Path, gazetteer: Any, *, quick: bool) -> Iterator[Known]:
    """The sets of real listings in a folder of data, each read when it is asked for; two long ones not when `quick`."""
    reader = _Reader(folder, gazetteer)
    yield _meetings(reader)
    yield _two_recordings(reader)
    yield _licenses(reader)
    for one in _two_editions(reader):
        if not quick or one.name != HIDDEN:
            yield one
    if not quick:
        yield _kinds_of_sites(reader)


@dataclass(frozen=True, slots=True)
class _Reader:
    folder: Path
    gazetteer: Any

    def read(self, file: str, fmt: str, mapping: mappings.Mapping | None = None) -> list[Mapping[str, Any]]:
        source = file.partition("/")[0]
        rows = reading.read(self.folder / file, fmt, vocabulary=vocabulary(), gazetteer=self.gazetteer, today=TODAY,
                            mapping=mapping, source=source)
        return [row.document for row in rows if isinstance(row, reading.Listing)]


def _tail(card_id: str) -> str:
    return card_id[-16:]


def _groups(text: str) -> list[list[str]]:
    return [part.split() for part in text.replace("\n", "|").split("|") if part.split()]


def _pairs(groups: Iterable[Iterable[str]]) -> set[Pair]:
    return {frozenset(pair) for group in groups for pair in combinations(sorted(set(group)), 2)}


def _by_tail(cards: Iterable[Card], text: str) -> set[Pair]:
    """Pairs of card ids, of groups of ends of ids."""
    ids: dict[str, list[str]] = {}
    for card in cards:
        ids.setdefault(_tail(card.id), []).append(card.id)
    return _pairs([one for tail in group for one in ids.get(tail, ())] for group in _groups(text))


def _meetings(reader: _Reader) -> Known:
    cards = [card_of(document, f"{feed}:{document['id']}") for feed in _FEEDS
             for document in reader.read(f"{feed}/meetings.json", "meeting-guide")]
    return Known("meetings", cards, _by_tail(cards, _BY_HAND), _by_tail(cards, _UNDECIDED))


def _two_recordings(reader: _Reader) -> Known:
    """One fellowship's meetings from two programs: each meeting has one id in both."""
    cards: list[Card] = []
    meetings: dict[str, set[str]] = {}
    for folder, fmt in (("bmlt-json-upstate-ny", "bmlt"), ("bmlt-greater-new-york-sql", "bmlt-tables")):
        for document in reader.read(folder, fmt):
            cards.append(card_of(document, f"{folder}:{document['id']}"))
            for meeting in document["x"]["source_ids"]:
                meetings.setdefault(meeting, set()).add(cards[-1].id)
    by_hand = [[one.id for one in cards if _tail(one.id) in set(group)] for group in _groups(_BY_HAND)]
    undecided = _by_tail(cards, _UNDECIDED)
    repeats = _pairs(_joined([*map(sorted, meetings.values()), *by_hand]))
    return Known("two_recordings", cards, repeats, undecided - repeats)


def _joined(groups: Iterable[list[str]]) -> Iterator[set[str]]:
    """Groups that share a member, as one."""
    of: dict[str, set[str]] = {}
    for group in groups:
        whole = set(group).union(*(of[one] for one in group if one in of))
        of.update(dict.fromkeys(whole, whole))
    seen: set[int] = set()
    for whole in of.values():
        if id(whole) not in seen:
            seen.add(id(whole))
            yield whole


def _two_editions(reader: _Reader) -> Iterator[Known]:
    """A directory of 2020 and of 2022: sites with one number, house and ZIP, each once in its edition, whatever they
    are called; then without the number in the later one, so that name and address must do. And the rows that the
    earlier one holds twice."""
    earlier = reader.read("samhsa-mh-geocoded-2020/MentalHealthProviders_Geocoded.csv.gz", "csv",
                          mappings.parse({"columns": {**_COLUMNS, **_POINTS}, "fixed": {"group_type": "process"}}))
    later = reader.read("samhsa-mh-directory-2022/facilities.csv.gz", "csv",
                        mappings.parse({"columns": _COLUMNS, "fixed": {"group_type": "process"}}))
    old = [card_of(one, f"2020:{row}") for row, one in enumerate(earlier)]
    new = [card_of(one, f"2022:{row}") for row, one in enumerate(later)]
    then, now = _once(old), _once(new)
    same = {then[key]: now[key] for key in then.keys() & now.keys()}
    repeats = {frozenset(pair) for pair in same.items()} | {frozenset(_TURNED)}
    equal = _pairs(_equal([*old, *new])) - repeats
    settled = same | {there: here for here, there in same.items()}
    yield Known("two_editions", [*old, *new], repeats, equal, settled)
    hidden = [dataclasses.replace(card, phones=frozenset()) for card in new]
    yield Known(HIDDEN, [*old, *hidden], repeats, equal, settled)
    rows: dict[tuple[str, ...], list[str]] = {}
    for card, document in zip(old, earlier, strict=True):
        location = (document.get("sessions") or [{}])[0].get("location") or {}
        line = (document["name"], location.get("address_1") or "", location.get("postal_code") or "")
        rows.setdefault(tuple(text.casefold() for text in line), []).append(card.id)
    yield Known("rows_held_twice", old, _pairs(rows.values()), settled={})


def _once(cards: Iterable[Card]) -> dict[tuple[str, str, str], str]:
    """Ids of cards by number, house and ZIP, where one card alone has them."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for card in cards:
        if card.phones and card.spots and card.spots[0].street.number:
            spot = card.spots[0]
            found.setdefault((min(card.phones), spot.street.number, spot.zip), []).append(card.id)
    return {key: ids[0] for key, ids in found.items() if len(ids) == 1}


def _equal(cards: Iterable[Card]) -> Iterable[list[str]]:
    """Ids of cards with one name and house: where their numbers differ, one may have changed or they may be two."""
    found: dict[tuple[str, tuple[Any, ...]], list[str]] = {}
    for card in cards:
        found.setdefault((card.whole, tuple(spot.street for spot in card.spots)), []).append(card.id)
    return found.values()


def _licenses(reader: _Reader) -> Known:
    """One license for each program and site: no two are one, however near they are."""
    plan = mappings.load(Path(__file__).resolve().parents[2] / "seed_data" / "mappings" / "california-dhcs.json")
    found = reader.read("ca-dhcs-licences-2026/facilities.csv", "csv", plan)
    return Known("licenses", [card_of(one) for one in found], set())


def _kinds_of_sites(reader: _Reader) -> Known:
    """The kinds of group at each site of a directory: they share name, house and number, and no two are one."""
    cards = [card_of(one) for one in reader.read("samhsa-mh-directory-2022/facilities.csv.gz", "samhsa")]
    twice = _groups(_TWICE)
    pairs = set()
    for one, other in combinations([card for card in cards if any(part in card.id for group in twice
                                                                  for part in group)], 2):
        kinds = one.id.rpartition("-")[2], other.id.rpartition("-")[2]
        if kinds[0] == kinds[1] and any({part in one.id for part in group} == {part in other.id for part in group}
                                        == {True, False} for group in twice):
            pairs.add(frozenset((one.id, other.id)))
    return Known("kinds_of_sites", cards, pairs)
