"""Instances that read one another over real lines: a short story each time, and a long one of chance behind -m soak."""

import itertools
import random
from collections.abc import Iterator

import pytest

from finder.exchange import feeds, peers, subscriptions
from tests import databases
from tests.api.sync.instances import OWN, Instance, group
from tests.api.sync.wires import Wires, wired

Net = tuple[list[Instance], Wires]


@pytest.fixture
def net(tmp_path) -> Iterator[Net]:
    instances = [Instance(tmp_path / name, name, slot, base_url=f"http://{name}.example")
                 for slot, name in enumerate(("ann", "ben", "cal"))]
    with wired(*instances) as wires:
        yield instances, wires


def follow(one: Instance, other: Instance) -> None:
    one.follow(other, url=f"http://{other.host}")


def settle(instances: list[Instance], wires: Wires, most: int = 20) -> int:
    """Rounds until nothing changes any more, with a steward who lets in what waits; gives how many that took."""
    for number in range(most):
        before = [one.database.catalog_version() for one in instances]
        for one in instances:
            one.read(wires.fetch)
            let_in(one)
        if before == [one.database.catalog_version() for one in instances]:
            return number
    raise AssertionError("they do not come to rest")


def let_in(one: Instance) -> None:
    with one.database.reading() as session:
        held = [(feed.name, feed.error) for feed in feeds.every(session) if feed.state == feeds.HELD]
    for _, error in held:
        assert error == feeds.MANY_GONE
        one.let_in()


def same(instances: list[Instance]) -> bool:
    first, *others = [one.texts() for one in instances]
    return all(one == first for one in others)


def test_one_instance_holds_what_the_other_has(net: Net) -> None:
    (a, b, _), wires = net
    follow(b, a)
    a.take(*(group(number) for number in range(30)))
    assert b.read(wires.fetch) == {"good": 1, "failed": 0, "held": 0}
    assert b.texts() == a.texts()
    gone, stays = b.program("Group 5"), b.program("Group 6")
    a.edit("Group 3", name="Third")
    a.change("Group 4", state="deleted")
    a.merge("Group 5", "Group 6")
    wires.off = {a.host}
    assert b.read(wires.fetch)["failed"] == 1
    assert (b.feed().error, len(b.shown())) == ("unreachable", 30)
    wires.off = set()
    assert b.read(wires.fetch)["good"] == 1
    assert b.texts() == a.texts()
    b.open()
    answer = b.app.test_client().get(f"/api/v1/programs/{gone.slug}")
    assert answer.headers["Location"] == f"/api/v1/programs/{stays.slug}"


@pytest.mark.turns(3)
def test_three_that_all_read_each_other_come_to_rest(net: Net) -> None:
    instances, wires = net
    for one, other in itertools.permutations(instances, 2):
        follow(one, other)
    for place, one in enumerate(instances):
        one.take(*(group(number, name=f"{one.name} {number}") for number in range(place * 10, place * 10 + 5)))
    assert settle(instances, wires) <= 3
    assert same(instances)
    for one in instances:
        assert sum(source == OWN for source in one.shown().values()) == 5
    assert settle(instances, wires) == 0


def test_an_instance_is_not_read_from_this_machine(net: Net) -> None:
    (a, b, _), wires = net
    wires.names[a.host] = "127.0.0.1"
    follow(b, a)
    assert b.read(wires.fetch)["failed"] == 1
    assert (b.feed().error, wires.connected) == ("private_address", 0)


# -- chance ----------------------------------------------------------------------------------------------------------


class Story:
    """What happens to three instances, step by step: their own people add, edit, delete, merge and bring back; lines
    break; processes are stopped in the middle of a page; backups are put back."""

    def __init__(self, net: Net, chance: random.Random, monkeypatch: pytest.MonkeyPatch) -> None:
        (self.instances, self.wires), self.chance, self.monkeypatch = net, chance, monkeypatch
        self.number = 0
        monkeypatch.setattr(peers, "MOST_IN_PAGE", 7)

    def own(self, one: Instance, state: str = "published") -> list[str]:
        return [listing.document["id"] for listing in one.own() if listing.state == state]

    def step(self) -> None:
        one = self.chance.choice(self.instances)
        deed = self.chance.choice((self.add, self.add, self.edit, self.edit, self.delete, self.merge, self.back,
                                   self.read, self.read, self.read, self.cut_off, self.stopped, self.safe, self.loss))
        deed(one)

    def add(self, one: Instance) -> None:
        for _ in range(self.chance.randint(1, 9)):
            self.number += 1
            one.take(group(self.number, name=f"{one.name} {self.number}"))

    def edit(self, one: Instance) -> None:
        for key in self.chance.sample(own := self.own(one), min(len(own), 4)):
            one.edit(key, description=f"Word {self.chance.random()}")

    def delete(self, one: Instance) -> None:
        if own := self.own(one):
            one.change(self.chance.choice(own), state=self.chance.choice(("deleted", "withheld", "gone")))

    def merge(self, one: Instance) -> None:
        if len(own := self.own(one)) > 1:
            one.merge(*self.chance.sample(own, 2))

    def back(self, one: Instance) -> None:
        if down := self.own(one, "deleted"):
            one.change(self.chance.choice(down), state="published")

    def read(self, one: Instance) -> None:
        one.read(self.wires.fetch)
        let_in(one)

    def cut_off(self, one: Instance) -> None:
        self.wires.cut = self.wires.connected + self.chance.randint(0, 3)
        one.read(self.wires.fetch)
        self.wires.cut = None
        let_in(one)

    def stopped(self, one: Instance) -> None:
        """The process ends between the writing of a page and its place."""
        note, left = subscriptions.note_page, [self.chance.randint(0, 2)]

        def ends(*args: object) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            note(*args)  # type: ignore[arg-type]

        with self.monkeypatch.context() as patch:
            patch.setattr(subscriptions, "note_page", ends)
            try:
                one.read(self.wires.fetch)
            except KeyboardInterrupt:
                one.open()
        let_in(one)

    def safe(self, one: Instance) -> None:
        if not databases.ON_SERVER:  # what is kept and put back is a file
            one.back_up()

    def loss(self, one: Instance) -> None:
        if (one.folder / "backup.db").exists() and self.chance.random() < 0.3:
            one.restore()


RINGS = {"ring": ((1, 0), (2, 1), (0, 2)), "all": tuple(itertools.permutations(range(3), 2)),
         "diamond": ((1, 0), (2, 0), (2, 1), (0, 2))}


@pytest.mark.parametrize("shape", RINGS)
def test_whatever_happens_all_hold_the_same_in_the_end(net: Net, shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_all_agree_after(net, shape, random.Random(f"short {shape}"), 12, monkeypatch)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("shape", RINGS)
def test_whatever_happens_for_long_all_hold_the_same_in_the_end(net: Net, shape: str, seed: int,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    assert_all_agree_after(net, shape, random.Random(f"{seed} {shape}"), 150, monkeypatch)


def assert_all_agree_after(net: Net, shape: str, chance: random.Random, steps: int,
                           monkeypatch: pytest.MonkeyPatch) -> None:
    instances, wires = net
    for one, other in RINGS[shape]:
        follow(instances[one], instances[other])
    story = Story(net, chance, monkeypatch)
    for _ in range(steps):
        story.step()
    settle(instances, wires)
    names = [sorted(one.shown()) for one in instances]
    assert names[0] == names[1] == names[2]
    assert same(instances)
    assert settle(instances, wires) == 0
