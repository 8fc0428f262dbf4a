"""How often vehicles were let in and which are inside: counted, kept, given back."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
import json
from typing import Any, override

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
import pytest

from custom_components.plate_gate.decision import Usage
from custom_components.plate_gate.errors import (
    AllowlistDamagedError,
    AllowlistNotSavedError,
    GateInterlockedError,
    LedgerDamagedError,
)
from custom_components.plate_gate.models import Direction, Plate, Reason, Vehicle
from custom_components.plate_gate.records import Ledger, Use

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
TODAY = NOON.date()
DAY = timedelta(days=1)

ENTRY, EXIT, BOTH = Direction

PASS = Vehicle(vehicle_id="a1", label="Guest", plate=Plate("AB12CDE"), uses=2)
DAILY = Vehicle(vehicle_id="b2", label="Baker", plate=Plate("KN18RTX"), per_day=1)
OURS = Vehicle(vehicle_id="c3", label="Anna", plate=Plate("XY34ZZZ"))


class Memory:
    """A place that keeps what was saved, as JSON would."""

    def __init__(self, saved: object = None) -> None:
        """Begin with what was saved before."""
        self.saved = json.dumps(saved)
        self.saves = 0

    async def async_load(self) -> dict[str, Any] | None:
        """Return what was saved last."""
        loaded: dict[str, Any] | None = json.loads(self.saved)
        return loaded

    async def async_save(self, data: dict[str, Any]) -> None:
        """Save; others get their turn meanwhile."""
        await asyncio.sleep(0)
        self.saved = json.dumps(data)
        self.saves += 1

    async def async_begin_anew(self, data: dict[str, Any]) -> None:
        """Save over whatever is there."""
        await self.async_save(data)


class Disk(Memory):
    """A place that can be full, and slow."""

    full = False
    go: asyncio.Event | None = None

    @override
    async def async_save(self, data: dict[str, Any]) -> None:
        """Save, if there is room, and not before it may."""
        taken = json.loads(json.dumps(data))
        if self.go is not None:
            await self.go.wait()
        if self.full:
            raise AllowlistNotSavedError
        await super().async_save(taken)


async def opened(memory: Memory, *, counts_inside: bool = False) -> Ledger:
    """Return what another start would find."""
    ledger = Ledger(memory, counts_inside=counts_inside)
    await ledger.load()
    return ledger


@pytest.fixture
def disk() -> Disk:
    """Return an empty place."""
    return Disk()


@pytest.fixture
async def ledger(disk: Disk) -> Ledger:
    """Return an empty ledger, which counts who is inside."""
    return await opened(disk, counts_inside=True)


def refused(ledger: Ledger, vehicle: Vehicle, now: datetime = NOON) -> tuple[str, ...]:
    """Return why a vehicle cannot come in."""
    with pytest.raises(GateInterlockedError) as caught:
        ledger.take(vehicle, ENTRY, now)
    return caught.value.reasons


async def test_is_what_the_rules_ask(ledger: Ledger) -> None:
    """The rules ask a ledger, though neither knows the other."""
    usage: Usage = ledger
    assert usage.known
    assert usage.inside == 0


async def test_uses(ledger: Ledger, disk: Disk) -> None:
    """A pass for two visits is one for two, also after a restart."""
    ledger.take(PASS, ENTRY, NOON)
    await ledger.settle()
    again = await opened(disk)
    assert again.uses("a1") == 1
    again.take(PASS, ENTRY, NOON + 100 * DAY)
    await again.settle()
    assert refused(again, PASS) == (Reason.USES_UP,)
    assert refused(await opened(disk), PASS) == (Reason.USES_UP,)


async def test_quota(ledger: Ledger, disk: Disk) -> None:
    """Once a day is once a day, and another day is another."""
    ledger.take(DAILY, ENTRY, NOON)
    assert ledger.uses_on("b2", TODAY) == 1
    assert refused(ledger, DAILY) == (Reason.DAY_QUOTA_UP,)
    await ledger.settle()
    assert refused(await opened(disk), DAILY) == (Reason.DAY_QUOTA_UP,)
    ledger.take(DAILY, ENTRY, NOON + DAY)
    assert ledger.uses_on("b2", TODAY + DAY) == 1
    both = replace(DAILY, uses=1)
    ledger.take(both, ENTRY, NOON + 2 * DAY)
    assert refused(ledger, both, NOON + 2 * DAY) == (
        Reason.USES_UP,
        Reason.DAY_QUOTA_UP,
    )


async def test_only_what_a_rule_needs(disk: Disk) -> None:
    """Of vehicles without limits nothing is counted, and nothing is written."""
    ledger = await opened(disk)
    ledger.take(OURS, ENTRY, NOON)
    await ledger.settle()
    assert disk.saves == 0
    assert not ledger.is_inside("c3")
    ledger.take(PASS, ENTRY, NOON)
    await ledger.settle()
    assert json.loads(disk.saved) == {
        "counts": {"a1": {"uses": 1, "days": {}}},
        "inside": [],
    }


async def test_no_plate_is_written(ledger: Ledger, disk: Disk) -> None:
    """There are ids, numbers and days in it: no plate, no label, no time."""
    for vehicle in (PASS, DAILY, OURS):
        ledger.take(vehicle, ENTRY, NOON)
    await ledger.settle()
    assert json.loads(disk.saved) == {
        "counts": {
            "a1": {"uses": 1, "days": {}},
            "b2": {"uses": 0, "days": {"2026-07-01": 1}},
        },
        "inside": ["a1", "b2", "c3"],
    }
    assert repr(ledger) == "Ledger(2 counted, 3 inside)"


async def test_going_out_is_no_use(ledger: Ledger) -> None:
    """Whose uses are up can go, and a passage that may be either counts as one."""
    ledger.take(PASS, BOTH, NOON)
    ledger.take(PASS, ENTRY, NOON)
    assert ledger.is_inside("a1")
    ledger.take(PASS, EXIT, NOON)
    assert ledger.uses("a1") == 2
    assert not ledger.is_inside("a1")
    with pytest.raises(GateInterlockedError):
        ledger.take(PASS, BOTH, NOON)


async def test_inside(ledger: Ledger, disk: Disk) -> None:
    """Who came in is inside until it goes, is corrected, or is off the list."""
    for vehicle in (PASS, DAILY, OURS):
        ledger.take(vehicle, ENTRY, NOON)
    assert ledger.inside == 3
    ledger.take(DAILY, EXIT, NOON)
    ledger.take(OURS, BOTH, NOON)
    await ledger.settle()
    again = await opened(disk, counts_inside=True)
    assert again.inside == ledger.inside == 2
    assert [again.is_inside(i) for i in ("a1", "b2", "c3")] == [True, False, True]
    again.set_inside("a1", False)
    again.set_inside("b2", True)
    again.keep(["a1", "b2"])
    assert [again.is_inside(i) for i in ("a1", "b2", "c3")] == [False, True, False]


async def test_ending_to_count_inside(ledger: Ledger, disk: Disk) -> None:
    """Who is inside is forgotten when no rule needs it any more, in the file as well."""
    ledger.take(OURS, ENTRY, NOON)
    await ledger.settle()
    ledger.counts_inside = False
    assert ledger.inside == 0
    await ledger.settle()
    assert json.loads(disk.saved)["inside"] == []
    ledger.set_inside("c3", True)
    assert not ledger.is_inside("c3")
    assert not ledger.counts_inside


async def test_inside_is_not_read_if_not_counted(ledger: Ledger, disk: Disk) -> None:
    """What an earlier setting has left in the file does not count, and goes."""
    ledger.take(OURS, ENTRY, NOON)
    await ledger.settle()
    again = await opened(disk)
    assert again.inside == 0
    await again.settle()
    assert json.loads(disk.saved)["inside"] == []


async def test_give_back(ledger: Ledger) -> None:
    """A gate that did not open has let nobody in; giving back twice is once."""
    use = ledger.take(PASS, ENTRY, NOON)
    other = ledger.take(PASS, ENTRY, NOON)
    ledger.give_back(use)
    ledger.give_back(use)
    assert ledger.uses("a1") == 1
    ledger.give_back(other)
    assert ledger.uses("a1") == 0
    assert not ledger.is_inside("a1")
    daily = ledger.take(DAILY, ENTRY, NOON)
    ledger.give_back(daily)
    assert ledger.uses_on("b2", TODAY) == 0
    ledger.give_back(ledger.take(OURS, EXIT, NOON))
    assert ledger.is_inside("c3")


async def test_give_back_after_it_changed(ledger: Ledger) -> None:
    """Where a vehicle is now does not depend on a gate that failed before."""
    first = ledger.take(OURS, ENTRY, NOON)
    ledger.take(OURS, EXIT, NOON)
    ledger.take(OURS, ENTRY, NOON)
    ledger.give_back(first)
    assert ledger.is_inside("c3")
    corrected = ledger.take(OURS, EXIT, NOON)
    ledger.set_inside("c3", False)
    ledger.give_back(corrected)
    assert not ledger.is_inside("c3")


async def test_give_back_what_was_counted(ledger: Ledger) -> None:
    """A use of a day is no use of all, though the vehicle once had such a limit."""
    ledger.take(PASS, ENTRY, NOON)
    use = ledger.take(replace(PASS, uses=None, per_day=3), ENTRY, NOON)
    ledger.give_back(use)
    assert ledger.uses("a1") == 1


async def test_give_back_what_was_forgotten(ledger: Ledger) -> None:
    """What began anew is not made less by what was before."""
    before = ledger.take(PASS, ENTRY, NOON)
    ledger.forget("a1")
    assert ledger.uses("a1") == 0
    assert ledger.is_inside("a1")
    ledger.take(PASS, ENTRY, NOON)
    ledger.give_back(before)
    assert ledger.uses("a1") == 1


async def test_keep(ledger: Ledger, disk: Disk) -> None:
    """Of a vehicle that is off the list nothing is left, in memory or on the disk."""
    use = ledger.take(PASS, ENTRY, NOON)
    ledger.take(DAILY, ENTRY, NOON)
    ledger.keep(["b2", "zz"])
    await ledger.settle()
    ledger.give_back(use)
    assert ledger.uses("a1") == 0
    assert not ledger.is_inside("a1")
    assert "a1" not in disk.saved
    assert "b2" in disk.saved


async def test_days_are_dropped(ledger: Ledger, disk: Disk) -> None:
    """A day that has gone by is forgotten with the next visit, whoever comes."""
    ledger.take(DAILY, ENTRY, NOON)
    for later in (2, 3):
        ledger.take(PASS, ENTRY, NOON + later * DAY)
    await ledger.settle()
    assert "2026-07-01" not in disk.saved
    assert "b2" not in json.loads(disk.saved)["counts"]


@pytest.mark.parametrize("jump", [-1000, -30, -2, -1, 1, 2, 30, 1000])
async def test_a_clock_that_jumps_and_back(ledger: Ledger, jump: int) -> None:
    """A clock that is wrong for a while does not begin the day anew."""
    ledger.take(DAILY, ENTRY, NOON)
    ledger.take(replace(PASS, per_day=5), ENTRY, NOON + jump * DAY)
    assert refused(ledger, DAILY) == (Reason.DAY_QUOTA_UP,)


async def test_two_lanes_at_the_same_moment(ledger: Ledger) -> None:
    """The last use is there for one of them, whoever comes first."""
    ledger.take(PASS, ENTRY, NOON)

    async def lane() -> bool:
        try:
            ledger.take(PASS, ENTRY, NOON)
        except GateInterlockedError:
            return False
        await ledger.settle()
        return True

    assert sorted(await asyncio.gather(lane(), lane(), lane())) == [False, False, True]


async def test_nothing_is_saved_twice(ledger: Ledger, disk: Disk) -> None:
    """Many who wait for the same writing are served by few."""
    for _ in range(2):
        ledger.take(PASS, ENTRY, NOON)
    await asyncio.gather(*(ledger.settle() for _ in range(10)))
    assert disk.saves == 1
    ledger.forget("zz")
    ledger.keep(["a1"])
    ledger.set_inside("a1", True)
    await ledger.settle()
    assert disk.saves == 1


async def test_what_is_taken_while_saving(ledger: Ledger, disk: Disk) -> None:
    """A use that comes while another one is written is written after it."""
    disk.go = asyncio.Event()
    ledger.take(PASS, ENTRY, NOON)
    first = asyncio.ensure_future(ledger.settle())
    await asyncio.sleep(0)
    ledger.take(PASS, ENTRY, NOON)
    second = asyncio.ensure_future(ledger.settle())
    disk.go.set()
    await first
    await second
    assert disk.saves == 2
    assert (await opened(disk)).uses("a1") == 2


async def test_a_full_disk(ledger: Ledger, disk: Disk) -> None:
    """What could not be saved is told, goes on counting, and is saved later."""
    disk.full = True
    ledger.take(PASS, ENTRY, NOON)
    ledger.take(PASS, ENTRY, NOON)
    with pytest.raises(AllowlistNotSavedError):
        await ledger.settle()
    assert ledger.known
    assert refused(ledger, PASS) == (Reason.USES_UP,)
    disk.full = False
    await ledger.load()  # a reload does not forget what is in memory alone
    assert ledger.uses("a1") == 2
    await ledger.settle()
    assert (await opened(disk)).uses("a1") == 2


async def test_before_it_is_loaded(disk: Disk) -> None:
    """Until it is read, nothing is known: nobody with a limit, and nothing saved."""
    ledger = Ledger(disk, counts_inside=True)
    assert not ledger.known
    assert refused(ledger, PASS) == (Reason.COUNTS_UNKNOWN,)
    use = ledger.take(OURS, ENTRY, NOON)
    ledger.set_inside("c3", True)
    assert ledger.inside == 0
    ledger.give_back(use)
    ledger.take(PASS, EXIT, NOON)
    await ledger.settle()
    assert disk.saves == 0


GOOD: dict[str, Any] = {
    "counts": {"a1": {"uses": 2, "days": {"2026-07-01": 1}}},
    "inside": ["a1"],
}


def one(count: Any) -> dict[str, Any]:
    """Return a ledger with one count."""
    return {**GOOD, "counts": {"a1": count}}


@pytest.mark.parametrize(
    "data",
    [
        [],
        "ledger",
        {},
        {"counts": {}},
        {"inside": []},
        {"counts": [], "inside": []},
        {"counts": {}, "inside": {}},
        {"counts": {}, "inside": [1]},
        {"counts": {}, "inside": "a1"},
        one(None),
        one({"uses": 2}),
        one({"days": {}}),
        one({"uses": "2", "days": {}}),
        one({"uses": -1, "days": {}}),
        one({"uses": True, "days": {}}),
        one({"uses": 1.0, "days": {}}),
        one({"uses": 1, "days": []}),
        one({"uses": 1, "days": {"yesterday": 1}}),
        one({"uses": 1, "days": {"2026-07-01": -1}}),
        one({"uses": 1, "days": {"2026-07-01": None}}),
    ],
)
async def test_damaged(data: Any) -> None:
    """What is no ledger stays as it is, and nobody with a limit passes until it is."""
    disk = Disk(data)
    ledger = Ledger(disk, counts_inside=True)
    with pytest.raises(LedgerDamagedError) as caught:
        await ledger.load()
    assert str(caught.value) == ""
    assert not ledger.known
    assert refused(ledger, PASS) == (Reason.COUNTS_UNKNOWN,)
    ledger.take(OURS, ENTRY, NOON)
    ledger.keep([])
    await ledger.settle()
    assert json.loads(disk.saved) == data

    await ledger.reset()
    assert ledger.known
    ledger.take(PASS, ENTRY, NOON)
    await ledger.settle()
    assert (await opened(disk)).uses("a1") == 1


async def test_a_file_that_cannot_be_read() -> None:
    """What the storage cannot read is damage too, in the ledger's words."""

    class Unreadable(Disk):
        @override
        async def async_load(self) -> dict[str, Any] | None:
            raise AllowlistDamagedError

    ledger = Ledger(Unreadable())
    with pytest.raises(LedgerDamagedError):
        await ledger.load()
    assert not ledger.known


async def test_reset_on_a_full_disk(ledger: Ledger, disk: Disk) -> None:
    """A reset that could not be saved has not been."""
    ledger.take(PASS, ENTRY, NOON)
    disk.full = True
    with pytest.raises(AllowlistNotSavedError):
        await ledger.reset()
    assert ledger.uses("a1") == 1


async def test_good(disk: Disk) -> None:
    """What is written so is read so."""
    disk.saved = json.dumps(GOOD)
    ledger = await opened(disk, counts_inside=True)
    assert ledger.uses("a1") == 2
    assert ledger.uses_on("a1", TODAY) == 1
    assert ledger.is_inside("a1")


async def test_closed(ledger: Ledger, disk: Disk) -> None:
    """A ledger that is closed writes nothing, so that its file can be deleted."""
    ledger.take(PASS, ENTRY, NOON)
    await ledger.close()
    await ledger.settle()
    assert not ledger.known
    assert ledger.inside == ledger.uses("a1") == 0
    assert disk.saves == 0


class Site(RuleBasedStateMachine):
    """A site in which everything happens in any order, and a patient gatekeeper.

    The gatekeeper counts in another way: by each opening that was not given back.
    """

    VEHICLES = (
        PASS,
        DAILY,
        replace(OURS, vehicle_id="d4", uses=3, per_day=2),
        replace(OURS, vehicle_id="e5", uses=1),
        OURS,
    )

    def __init__(self) -> None:
        """Begin with an empty ledger."""
        super().__init__()
        self.disk = Disk()
        self.loop = asyncio.new_event_loop()
        self.ledger = Ledger(self.disk, counts_inside=True)
        self.loop.run_until_complete(self.ledger.load())
        self.now = NOON
        self.let_in: list[tuple[Vehicle, date]] = []
        self.open: list[tuple[Use, tuple[Vehicle, date] | None]] = []

    @override
    def teardown(self) -> None:
        """Close the loop."""
        self.loop.close()

    @rule(
        vehicle=st.sampled_from(VEHICLES),
        direction=st.sampled_from(Direction),
        settles=st.booleans(),
    )
    def drive(self, vehicle: Vehicle, direction: Direction, settles: bool) -> None:
        """Let a vehicle through, if the ledger does; the gate opens once it is saved."""
        try:
            use = self.ledger.take(vehicle, direction, self.now)
        except GateInterlockedError:
            return
        visit = None if direction is EXIT else (vehicle, self.now.date())
        try:
            self.loop.run_until_complete(self.ledger.settle())
        except AllowlistNotSavedError:
            self.ledger.give_back(use)
            return
        if visit:
            self.let_in.append(visit)
        self.open.append((use, visit))

    @precondition(lambda self: self.open)
    @rule(data=st.data(), twice=st.booleans())
    def fail(self, data: st.DataObject, twice: bool) -> None:
        """Learn, early or late, that a gate did not open."""
        use, visit = data.draw(st.sampled_from(self.open))
        self.open = [one for one in self.open if one[0] is not use]
        for _ in range(1 + twice):
            self.ledger.give_back(use)
        if visit:
            self.let_in.remove(visit)

    @rule(full=st.booleans())
    def fill(self, full: bool) -> None:
        """Fill the disk, or make room on it."""
        self.disk.full = full

    @rule()
    def restart(self) -> None:
        """Stop at any moment, and start anew with what is on the disk."""
        self.ledger = Ledger(self.disk, counts_inside=True)
        self.loop.run_until_complete(self.ledger.load())
        self.open = []

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        """Let time go by."""
        self.now += timedelta(hours=hours)

    @invariant()
    def nobody_comes_in_too_often(self) -> None:
        """No vehicle was let in more often than it may be."""
        for vehicle in self.VEHICLES:
            days = [day for one, day in self.let_in if one is vehicle]
            assert vehicle.uses is None or len(days) <= vehicle.uses
            assert vehicle.per_day is None or all(
                days.count(day) <= vehicle.per_day for day in days
            )


TestSite = Site.TestCase
TestSite.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
