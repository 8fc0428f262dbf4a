"""The vehicles that may come in: added, changed, removed, and saved each time."""

import asyncio
from collections.abc import Callable, Sequence
from copy import deepcopy
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
import json
import traceback
from typing import Any, override

import pytest

from custom_components.plate_gate.errors import (
    AllowlistDamagedError,
    AllowlistError,
    LabelInvalidError,
    LabelListedError,
    LabelShowsPlateError,
    PlateListedError,
    ValidityError,
    VehicleUnknownError,
)
from custom_components.plate_gate.models import Plate, Vehicle
from custom_components.plate_gate.records import Allowlist
from custom_components.plate_gate.records.allowlist_format import from_data, to_data

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)


class Memory:
    """A place that keeps what was saved, as JSON would."""

    def __init__(self, saved: object = None) -> None:
        """Begin with what was saved before."""
        self.saved = json.dumps(saved)
        self.saves = 0

    async def async_load(self) -> Sequence[Vehicle]:
        """Return what was saved last."""
        loaded = json.loads(self.saved)
        return [] if loaded is None else from_data(loaded)

    async def async_save(self, vehicles: tuple[Vehicle, ...]) -> None:
        """Save; others get their turn meanwhile."""
        await asyncio.sleep(0)
        self.saved = json.dumps(to_data(vehicles))
        self.saves += 1


class FullDisk(Memory):
    """A place that can be full."""

    full = False

    @override
    async def async_save(self, vehicles: tuple[Vehicle, ...]) -> None:
        """Save, if there is room."""
        if self.full:
            raise OSError("No space left on device")
        await super().async_save(vehicles)


@pytest.fixture
def memory() -> Memory:
    """Return an empty place."""
    return Memory()


@pytest.fixture
async def allowlist(memory: Memory) -> Allowlist:
    """Return an empty list, with ids that count up."""
    ids = count(1)
    allowlist = Allowlist(memory, new_id=lambda: f"id-{next(ids)}")
    await allowlist.load()
    return allowlist


def labels(allowlist: Allowlist) -> list[str]:
    """Return the labels in the order of the list."""
    return [vehicle.label for vehicle in allowlist.vehicles]


async def reloaded(memory: Memory) -> tuple[Vehicle, ...]:
    """Return what another start would find."""
    again = Allowlist(memory)
    await again.load()
    return again.vehicles


async def test_add(allowlist: Allowlist, memory: Memory) -> None:
    """A vehicle that was added is listed, saved, and found after a restart."""
    ours = await allowlist.add("  Alice's   car ", Plate("AB12 CDE"))
    assert ours == Vehicle(
        vehicle_id="id-1", label="Alice's car", plate=Plate("AB12CDE")
    )
    assert allowlist.vehicles == (ours,)
    assert await reloaded(memory) == (ours,)


async def test_ids_are_random() -> None:
    """An id says nothing of the plate, and none is like another."""
    allowlist = Allowlist(Memory())
    await allowlist.load()
    added = [await allowlist.add(f"Car {n}", Plate(f"AB{n}")) for n in range(20)]
    assert len({v.vehicle_id for v in added}) == 20
    assert all(len(v.vehicle_id) == 16 for v in added)


async def test_sorted_by_label(allowlist: Allowlist) -> None:
    """The list is in the order in which people look for it."""
    for number, label in enumerate(["beta", "Alpha", "Gamma", "alpha 2"]):
        await allowlist.add(label, Plate(f"AB1{number}"))
    assert labels(allowlist) == ["Alpha", "alpha 2", "beta", "Gamma"]


async def test_times_keep_their_moment(allowlist: Allowlist, memory: Memory) -> None:
    """A validity comes back as the same moment, whatever its zone."""
    begin = NOON.astimezone(timezone(timedelta(hours=2)))
    ours = await allowlist.add("Guest", Plate("AB12CDE"), begin, LATER)
    assert await reloaded(memory) == (ours,)
    assert json.loads(memory.saved)["vehicles"][0]["valid_from"].endswith("+02:00")


async def test_format(allowlist: Allowlist, memory: Memory) -> None:
    """What is saved has this form, and no other."""
    await allowlist.add("Guest", Plate("AB12CDE"), valid_until=NOON)
    assert json.loads(memory.saved) == {
        "vehicles": [
            {
                "id": "id-1",
                "label": "Guest",
                "plate": "AB12CDE",
                "valid_from": None,
                "valid_until": "2026-07-01T12:00:00+00:00",
            }
        ]
    }


async def test_change(allowlist: Allowlist, memory: Memory) -> None:
    """What is named changes, what is not stays, and None ends a limit."""
    await allowlist.add("Other", Plate("KN18RTX"))
    ours = await allowlist.add("Guest", Plate("AB12CDE"), NOON, LATER)
    changed = await allowlist.change(ours.vehicle_id, label="Friend", valid_from=None)
    assert changed == Vehicle(
        vehicle_id=ours.vehicle_id,
        label="Friend",
        plate=Plate("AB12CDE"),
        valid_until=LATER,
    )
    replated = await allowlist.change(ours.vehicle_id, plate=Plate("XY34ZZZ"))
    assert replated.plate == Plate("XY34ZZZ")
    assert labels(allowlist) == ["Friend", "Other"]
    assert await reloaded(memory) == allowlist.vehicles


async def test_change_to_the_same(allowlist: Allowlist) -> None:
    """A vehicle does not stand in its own way."""
    ours = await allowlist.add("Guest", Plate("AB12CDE"))
    same = await allowlist.change(ours.vehicle_id, label="GUEST", plate=ours.plate)
    assert same.label == "GUEST"


async def test_remove(allowlist: Allowlist, memory: Memory) -> None:
    """A vehicle that was removed is gone, also from where it was saved."""
    ours = await allowlist.add("Guest", Plate("AB12CDE"))
    await allowlist.remove(ours.vehicle_id)
    assert allowlist.vehicles == ()
    assert "AB12CDE" not in memory.saved
    with pytest.raises(VehicleUnknownError):
        await allowlist.remove(ours.vehicle_id)
    with pytest.raises(VehicleUnknownError):
        await allowlist.change(ours.vehicle_id, label="Friend")


async def test_find(allowlist: Allowlist) -> None:
    """A vehicle is found by id or label, never by plate."""
    ours = await allowlist.add("Alice's car", Plate("AB12CDE"))
    assert allowlist.find("id-1") == ours
    assert allowlist.find(" alice's  CAR ") == ours
    for text in ("AB12CDE", "ID-1", ""):
        with pytest.raises(VehicleUnknownError):
            allowlist.find(text)


@pytest.mark.parametrize(
    ("label", "plate", "error"),
    [
        ("Another", "ab-12 cde", PlateListedError),
        ("guest", "KN18RTX", LabelListedError),
        ("", "KN18RTX", LabelInvalidError),
        (" \n ", "KN18RTX", LabelInvalidError),
        ("x" * 65, "KN18RTX", LabelInvalidError),
        ("Bell\a", "KN18RTX", LabelInvalidError),
        ("KN18RTX", "KN18RTX", LabelShowsPlateError),
        ("Bob (kn18-rtx)", "KN18RTX", LabelShowsPlateError),
        ("The one that was ab12cde", "KN18RTX", LabelShowsPlateError),
        ("Car X1", "X1", LabelShowsPlateError),
        ("Bob (КН18RТХ)", "KH18RTX", LabelShowsPlateError),
        ("Otto, GOAB123", "GÖAB123", LabelShowsPlateError),
    ],
)
async def test_refused(
    allowlist: Allowlist,
    memory: Memory,
    label: str,
    plate: str,
    error: type[AllowlistError],
) -> None:
    """What cannot be added cannot be changed to, and neither saves anything."""
    await allowlist.add("Guest", Plate("AB12CDE"))
    other = await allowlist.add("Other", Plate("ZZ99ZZZ"))
    before, saves = allowlist.vehicles, memory.saves
    with pytest.raises(error):
        await allowlist.add(label, Plate(plate))
    with pytest.raises(error):
        await allowlist.change(other.vehicle_id, label=label, plate=Plate(plate))
    assert allowlist.vehicles == before
    assert memory.saves == saves


async def test_closed(allowlist: Allowlist, memory: Memory) -> None:
    """A list that is closed is empty, and what is on the disk stays as it is."""
    await allowlist.add("Anna's car", Plate("AB12CDE"))
    saves = memory.saves
    await allowlist.close()

    assert allowlist.vehicles == ()
    with pytest.raises(AllowlistDamagedError):
        await allowlist.add("Guest", Plate("KN18RTX"))
    assert memory.saves == saves


async def test_label_that_shows_a_plate_that_comes_later(
    allowlist: Allowlist, memory: Memory
) -> None:
    """A plate that stands in another vehicle's label is not taken either."""
    await allowlist.add("Anna, was kn18 rtx", Plate("AB12CDE"))
    saves = memory.saves
    with pytest.raises(LabelShowsPlateError):
        await allowlist.add("Bob", Plate("KN18RTX"))
    assert memory.saves == saves


async def test_short_plate_within_a_word(allowlist: Allowlist) -> None:
    """A plate of two letters is found in many a name, and nobody reads it there."""
    assert (await allowlist.add("Abby's car", Plate("AB"))).label == "Abby's car"


async def test_longest_label(allowlist: Allowlist) -> None:
    """A label of 64 characters is taken."""
    assert (await allowlist.add("x" * 64, Plate("AB12CDE"))).label == "x" * 64


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (LATER, NOON),
        (NOON, NOON),
        (NOON.replace(tzinfo=None), None),
        (None, NOON.replace(tzinfo=None)),
    ],
)
async def test_validity(
    allowlist: Allowlist, begin: datetime | None, end: datetime | None
) -> None:
    """A validity has a moment in it, and its times have a zone."""
    with pytest.raises(ValidityError):
        await allowlist.add("Guest", Plate("AB12CDE"), begin, end)
    ours = await allowlist.add("Guest", Plate("AB12CDE"))
    with pytest.raises(ValidityError):
        await allowlist.change(ours.vehicle_id, valid_from=begin, valid_until=end)
    assert allowlist.vehicles == (ours,)


async def test_nothing_counts_that_is_not_saved() -> None:
    """If saving fails, the list is what it was, nobody is told, and it works later."""
    disk = FullDisk()
    allowlist = Allowlist(disk)
    await allowlist.load()
    ours = await allowlist.add("Guest", Plate("AB12CDE"))
    told: list[int] = []
    allowlist.subscribe(lambda: told.append(len(allowlist.vehicles)))
    disk.full = True
    edits: list[Callable[[], Any]] = [
        lambda: allowlist.add("Other", Plate("KN18RTX")),
        lambda: allowlist.change(ours.vehicle_id, label="Friend"),
        lambda: allowlist.remove(ours.vehicle_id),
    ]
    for edit in edits:
        with pytest.raises(OSError, match="No space left"):
            await edit()
        assert allowlist.vehicles == (ours,)
    assert told == []
    disk.full = False
    await allowlist.add("Other", Plate("KN18RTX"))
    assert told == [2]
    assert len(await reloaded(disk)) == 2


async def test_edits_at_the_same_time(allowlist: Allowlist, memory: Memory) -> None:
    """Of many edits at once none is lost, and of two for one plate one wins."""
    await asyncio.gather(
        *(allowlist.add(f"Car {n}", Plate(f"AB{n:03}")) for n in range(50))
    )
    assert len(await reloaded(memory)) == 50
    both = await asyncio.gather(
        allowlist.add("One", Plate("KN18RTX")),
        allowlist.add("Two", Plate("KN18RTX")),
        return_exceptions=True,
    )
    assert [type(result) for result in both] == [Vehicle, PlateListedError]
    assert await reloaded(memory) == allowlist.vehicles


async def test_subscribe(allowlist: Allowlist) -> None:
    """Listeners are told after each change, when it counts, until they leave."""
    told: list[tuple[str, ...]] = []
    unsubscribe = allowlist.subscribe(lambda: told.append(tuple(labels(allowlist))))
    before = allowlist.vehicles
    ours = await allowlist.add("Guest", Plate("AB12CDE"))
    await allowlist.change(ours.vehicle_id, label="Friend")
    await allowlist.remove(ours.vehicle_id)
    assert told == [("Guest",), ("Friend",), ()]
    assert before == ()  # a list that someone holds does not change under their hands
    unsubscribe()
    unsubscribe()
    await allowlist.add("Guest", Plate("AB12CDE"))
    assert len(told) == 3


GOOD = {
    "id": "a1",
    "label": "Guest",
    "plate": "AB12CDE",
    "valid_from": None,
    "valid_until": None,
}


def damaged() -> list[Any]:
    """Return what is no allowlist."""
    other = {**GOOD, "id": "a2", "label": "Other", "plate": "KN18RTX"}
    return [
        [],
        "vehicles",
        {},
        {"vehicles": None},
        {"vehicles": {"a1": GOOD}},
        {"vehicles": [None]},
        *(
            {"vehicles": [{k: v for k, v in GOOD.items() if k != gone}]}
            for gone in GOOD
        ),
        *(
            {"vehicles": [{**GOOD, **bad}]}
            for bad in (
                {"id": ""},
                {"id": 1},
                {"label": ""},
                {"plate": "A"},
                {"plate": 7},
                {"valid_from": "yesterday"},
                {"valid_from": "2026-07-01T12:00:00"},
                {"valid_until": 1782907200},
            )
        ),
        *(
            {"vehicles": [GOOD, {**other, **double}]}
            for double in ({"id": "a1"}, {"label": "GUEST"}, {"plate": "ab12 cde"})
        ),
    ]


@pytest.mark.parametrize("data", damaged())
async def test_damaged(data: object) -> None:
    """What cannot be understood is an error, and is not overwritten."""
    memory = Memory(deepcopy(data))
    before = memory.saved
    allowlist = Allowlist(memory)
    with pytest.raises(AllowlistDamagedError) as caught:
        await allowlist.load()
    assert "AB12CDE" not in "".join(traceback.format_exception(caught.value))
    with pytest.raises(AllowlistDamagedError):
        await allowlist.add("New", Plate("QRS456"))
    assert allowlist.vehicles == ()
    assert memory.saved == before


async def test_damaged_then_repaired() -> None:
    """Once what is kept can be read again, the list works again."""
    memory = Memory({"vehicles": "?"})
    allowlist = Allowlist(memory)
    with pytest.raises(AllowlistDamagedError):
        await allowlist.load()
    memory.saved = json.dumps({"vehicles": [GOOD]})
    await allowlist.load()
    await allowlist.add("New", Plate("QRS456"))
    assert labels(allowlist) == ["Guest", "New"]


async def test_damaged_while_in_use(allowlist: Allowlist, memory: Memory) -> None:
    """A list that is damaged when it is read again accepts no changes either."""
    ours = await allowlist.add("Guest", Plate("AB12CDE"))
    memory.saved = "[]"
    with pytest.raises(AllowlistDamagedError):
        await allowlist.load()
    with pytest.raises(AllowlistDamagedError):
        await allowlist.remove(ours.vehicle_id)
    assert memory.saved == "[]"


async def test_storage_that_cannot_be_read() -> None:
    """Nothing is saved over a list that could not be loaded."""

    class Unreadable(Memory):
        @override
        async def async_load(self) -> Sequence[Vehicle]:
            raise OSError("Input/output error")

    memory = Unreadable({"vehicles": [GOOD]})
    allowlist = Allowlist(memory)
    with pytest.raises(OSError, match="Input/output"):
        await allowlist.load()
    with pytest.raises(AllowlistDamagedError):
        await allowlist.add("New", Plate("QRS456"))
    assert memory.saves == 0


async def test_repr_shows_no_plate(allowlist: Allowlist) -> None:
    """What is printed says how many, and nothing else."""
    await allowlist.add("Guest", Plate("AB12CDE"))
    assert repr(allowlist) == "Allowlist(1 vehicles)"


async def test_a_hundred_thousand() -> None:
    """A very long list is loaded, changed and searched."""
    vehicles = [
        {**GOOD, "id": f"{n:x}", "label": f"Car {n:06}", "plate": f"AB{n:06}"}
        for n in range(100_000)
    ]
    allowlist = Allowlist(Memory({"vehicles": vehicles}))
    await allowlist.load()
    assert len(allowlist.vehicles) == 100_000
    last = allowlist.find("Car 099999")
    await allowlist.remove(last.vehicle_id)
    await allowlist.add("Guest", last.plate)
    assert len(allowlist.vehicles) == 100_000
