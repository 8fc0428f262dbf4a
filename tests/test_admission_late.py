"""What changes between a decision and the gate's turn, or somebody's answer."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.plate_gate import admission, lane as lane_module
from custom_components.plate_gate.admission import Terms
from custom_components.plate_gate.decision import Rules, SiteRules, VehicleIndex
from custom_components.plate_gate.errors import (
    ConfirmationGoneError,
    GateInterlockedError,
    GateUnavailableError,
)
from custom_components.plate_gate.models import (
    Access,
    Assurance,
    Box,
    Outcome,
    Plate,
    Reason,
    Vehicle,
)
from custom_components.plate_gate.news import RequestKind
from custom_components.plate_gate.records import Ledger

from .common import PLATE, GateCover, eventually
from .lane_rig import LISTED, Rig, settle
from .test_admission import Shelf, arrive, asks_for

SECOND = "AB12CDE"


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a lane look at each frame at once, and a lane that stops not wait."""
    monkeypatch.setattr(lane_module, "IDLE_INTERVAL", 0.0)
    monkeypatch.setattr(lane_module, "IDLE_AFTER", 1)
    monkeypatch.setattr(admission, "OPENING_TIMEOUT", 0.01)


@pytest.fixture
async def make_rig(
    hass: HomeAssistant, cover: GateCover
) -> AsyncGenerator[Callable[..., Rig]]:
    """Return what makes a running lane before a closed gate."""
    rigs: list[Rig] = []

    def make(**changes: Any) -> Rig:
        rigs.append(Rig(hass, **changes))
        rigs[-1].run()
        return rigs[-1]

    yield make
    cover.hold.set()
    for rig in rigs:
        await rig.stop()


def asked(rig: Rig) -> list[str]:
    """Return the ids of the requests that somebody was asked to confirm."""
    return [
        news.request_id or ""
        for news in rig.news
        if news.kind is RequestKind.CONFIRMATION_NEEDED
    ]


async def behind_another(
    make_rig: Callable[..., Rig], cover: GateCover, **changes: Any
) -> Rig:
    """Return a lane that waits for the gate, which another lane is just opening."""
    first, second = make_rig(), make_rig(**changes)
    cover.hold.clear()
    await arrive(first, PLATE)
    await eventually(lambda: cover.opened)
    await arrive(second, PLATE)
    return second


def let_the_other_end(cover: GateCover) -> None:
    """Let the other lane's opening come to nothing, so that it is the next one's turn."""
    cover.failure = HomeAssistantError()
    cover.hold.set()


async def test_refused_in_the_last_moment(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """Who was granted and then refused waits for the reason to end, and gets in once."""
    rig = await behind_another(make_rig, cover)
    rig.lane.set_automatic_opening(False)
    let_the_other_end(cover)
    await eventually(lambda: rig.passages)
    cover.failure = None
    await rig.show()
    await rig.show()
    assert [passage.outcome for passage in rig.passages] == [Outcome.DENIED]
    before = cover.opened

    rig.lane.set_automatic_opening(True)
    for _ in range(4):
        await rig.show()
    assert cover.opened == before + 1
    assert [passage.outcome for passage in rig.passages][1:] == [Outcome.GRANTED]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"access": Access.BLOCK}, Reason.BLOCKED),
        ({"lanes": frozenset({"another"})}, Reason.WRONG_LANE),
    ],
)
async def test_rights_that_change_meanwhile(
    make_rig: Callable[..., Rig],
    cover: GateCover,
    change: dict[str, Any],
    reason: Reason,
) -> None:
    """Whoever is blocked while another lane has the gate is not let in after it."""
    rig = await behind_another(make_rig, cover)
    rig.vehicles = VehicleIndex([replace(LISTED.by_id["1"], **change)])
    before = cover.opened
    let_the_other_end(cover)
    await eventually(lambda: rig.passages)
    assert rig.passages[0].reasons[-1] is reason
    assert cover.opened == before


async def test_more_than_a_plate_meanwhile(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """A vehicle that needs a person's yes by now is asked for, and not let in."""
    level = [Assurance.PLATE]
    rig = await behind_another(
        make_rig, cover, terms=lambda gate: Terms(assurance=lambda vehicle: level[0])
    )
    level[0] = Assurance.CONFIRMATION
    before = cover.opened
    let_the_other_end(cover)
    await eventually(lambda: rig.passages)
    cover.failure = None
    await rig.show()
    assert cover.opened == before
    (request_id,) = asked(rig)
    await rig.lane.confirm(request_id)
    assert cover.opened == before + 1


async def test_announced_only_meanwhile(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """A vehicle that is only to be announced by now is not let in."""
    level = [Assurance.PLATE]
    rig = await behind_another(
        make_rig, cover, terms=lambda gate: Terms(assurance=lambda vehicle: level[0])
    )
    level[0] = Assurance.ANNOUNCE
    before = cover.opened
    let_the_other_end(cover)
    await eventually(lambda: rig.passages)
    assert rig.passages[0].reasons[-1] is Reason.ANNOUNCE_ONLY
    assert cover.opened == before


async def test_who_has_just_come_in_does_not_wait_to(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """Another lane let the vehicle in meanwhile: this one opens for it no more."""
    reasons: list[Reason] = []

    def assurance(vehicle: Vehicle) -> Assurance:
        # This is asked when it has been granted.
        reasons.append(Reason.VEHICLE_COOLING_DOWN)
        return Assurance.PLATE

    rules = Rules(standing=lambda vehicle: tuple(reasons))
    rig = make_rig(terms=lambda gate: Terms(rules=rules, assurance=assurance))
    await arrive(rig, PLATE)
    reasons.clear()
    for _ in range(5):
        await rig.show()
    assert [passage.outcome for passage in rig.passages] == [Outcome.DENIED]
    assert cover.opened == 0


async def test_a_lane_that_ends_gives_the_use_back(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """A pass loses no use by an opening whose turn never came, and is let in later."""
    shelf = Shelf()
    ledger = Ledger(shelf)
    await ledger.load()
    rig = await behind_another(
        make_rig,
        cover,
        terms=lambda gate: Terms(rules=Rules(usage=ledger), ledger=ledger),
        vehicles=VehicleIndex([replace(LISTED.by_id["1"], uses=1)]),
    )
    assert ledger.uses("1") == 1
    await rig.stop()
    assert ledger.uses("1") == 0
    saved = Ledger(shelf)
    await saved.load()
    assert saved.uses("1") == 0
    before = cover.opened
    cover.hold.set()
    await settle()
    assert cover.opened == before


async def test_a_lane_that_ends_answers_who_said_yes(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """Whoever has said yes hears that the gate did not open; nobody is cancelled."""
    rig = await behind_another(make_rig, cover, terms=asks_for(Assurance.CONFIRMATION))
    (request_id,) = asked(rig)
    answer = rig.hass.async_create_task(rig.lane.confirm(request_id))
    await settle()
    await rig.stop()
    with pytest.raises(GateUnavailableError):
        await answer


async def test_asked_again_after_a_reload(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """A reload drops the request, and the vehicle is still there: somebody is asked."""
    rig = make_rig(terms=asks_for(Assurance.CONFIRMATION))
    await arrive(rig, PLATE)
    await rig.stop()
    with pytest.raises(ConfirmationGoneError):
        await rig.lane.confirm(asked(rig)[0])
    rig.run()
    await arrive(rig, PLATE)
    assert len(asked(rig)) == 2
    await rig.lane.confirm(asked(rig)[1])
    for _ in range(4):
        await rig.show()
    assert cover.opened == 1
    assert len(asked(rig)) == 2


async def test_asked_again_after_a_gap(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """A camera that was away for a while has lost sight of who waits, and asks anew."""
    rig = make_rig(terms=asks_for(Assurance.CONFIRMATION))
    await arrive(rig, PLATE)
    await rig.show(after=15.0)
    await rig.show()
    await rig.show()
    assert len(asked(rig)) == 2
    assert not rig.lane.has_request(asked(rig)[0])
    await rig.lane.confirm(asked(rig)[1])
    for _ in range(4):
        await rig.show()
    assert cover.opened == 1


async def test_not_asked_again_after_a_minute(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """Who was asked and did not answer is not asked about the same vehicle again."""
    rig = make_rig(terms=asks_for(Assurance.CONFIRMATION))
    await arrive(rig, PLATE)
    for _ in range(40):
        await rig.show(after=2.0)
    assert len(asked(rig)) == 1
    assert cover.opened == 0


async def test_not_asked_again_after_a_no(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """A no holds for as long as the vehicle stands there."""
    rig = make_rig(terms=asks_for(Assurance.CONFIRMATION))
    await arrive(rig, PLATE)
    rig.lane.ignore(asked(rig)[0])
    for _ in range(10):
        await rig.show()
    assert len(asked(rig)) == 1


async def test_a_yes_that_is_refused_is_no_last_word(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """If the lane was off when a person said yes, they are asked once it is on."""
    rig = make_rig(terms=asks_for(Assurance.CONFIRMATION))
    await arrive(rig, PLATE)
    rig.lane.set_automatic_opening(False)
    with pytest.raises(GateInterlockedError):
        await rig.lane.confirm(asked(rig)[0])
    await rig.show()
    assert len(asked(rig)) == 1
    rig.lane.set_automatic_opening(True)
    await rig.show()
    assert len(asked(rig)) == 2
    await rig.lane.confirm(asked(rig)[1])
    assert cover.opened == 1


async def test_a_yes_does_not_open_for_the_next_in_line(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """The vehicle has driven off, and a stranger stands where it was."""
    rig = make_rig(terms=asks_for(Assurance.CONFIRMATION))
    rig.backend.box = Box(500, 500, 600, 525)
    await arrive(rig, PLATE)
    # Read so badly that it might be the same vehicle, at the same place.
    rig.backend.plates = [PLATE[:-2] + "00"]
    for _ in range(24):
        await rig.show(after=0.5)
    with pytest.raises(ConfirmationGoneError):
        await rig.lane.confirm(asked(rig)[0])
    assert cover.opened == 0


async def test_a_fault_at_one_of_two(
    make_rig: Callable[..., Rig], cover: GateCover, caplog: pytest.LogCaptureFixture
) -> None:
    """Of two vehicles in a frame, one whose level fails keeps the other not out."""

    def assurance(vehicle: Vehicle) -> Assurance:
        if vehicle.vehicle_id == "1":
            raise RuntimeError(PLATE)
        return Assurance.PLATE

    other = Vehicle(vehicle_id="2", label="Van", plate=Plate(SECOND))
    rig = make_rig(
        terms=lambda gate: Terms(assurance=assurance),
        vehicles=VehicleIndex([LISTED.by_id["1"], other]),
    )
    await arrive(rig, PLATE, SECOND)
    await eventually(lambda: rig.passages)
    assert [passage.vehicle_id for passage in rig.passages] == ["2"]
    assert cover.opened == 1
    assert "RuntimeError" in caplog.text
    assert PLATE not in caplog.text


async def test_one_place_for_two_in_a_frame(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """Two vehicles that are recognized at once do not both get the last place."""
    ledger = Ledger(Shelf(), counts_inside=True)
    await ledger.load()
    other = Vehicle(vehicle_id="2", label="Van", plate=Plate(SECOND))
    rules = Rules(usage=ledger, site=SiteRules(occupancy=1))
    rig = make_rig(
        terms=lambda gate: Terms(rules=rules, ledger=ledger),
        vehicles=VehicleIndex([LISTED.by_id["1"], other]),
    )
    await arrive(rig, PLATE, SECOND)
    await eventually(lambda: len(rig.passages) == 2)
    assert ledger.inside == 1
    assert {passage.outcome for passage in rig.passages} == {
        Outcome.GRANTED,
        Outcome.DENIED,
    }
    denied = next(p for p in rig.passages if p.outcome is Outcome.DENIED)
    assert denied.reasons[-1] is Reason.SITE_FULL

    # It waits, and gets the place when the other one has gone.
    inside = next(p.vehicle_id for p in rig.passages if p is not denied)
    assert inside is not None
    ledger.set_inside(inside, False)
    await rig.show()
    await settle()
    assert rig.passages[-1].outcome is Outcome.GRANTED
    assert rig.passages[-1].vehicle_id == denied.vehicle_id


async def test_opened_too_often_in_the_last_moment(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """A refusal at the gate's turn switches the lane off like one before it."""
    reasons: list[Reason] = []

    def assurance(vehicle: Vehicle) -> Assurance:
        # This is asked when it has been granted.
        reasons.append(Reason.TOO_MANY_OPENINGS)
        return Assurance.PLATE

    rules = Rules(standing=lambda vehicle: tuple(reasons))
    rig = make_rig(terms=lambda gate: Terms(rules=rules, assurance=assurance))
    await arrive(rig, PLATE)
    assert rig.disarmed == [True]
    assert cover.opened == 0
    assert [passage.outcome for passage in rig.passages] == [Outcome.DENIED]
