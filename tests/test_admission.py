"""Tests of what it takes besides the plate, and of what people say to it."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.plate_gate import lane as lane_module
from custom_components.plate_gate.admission import UNKNOWN_WAIT, Terms
from custom_components.plate_gate.decision import Rules, VehicleIndex
from custom_components.plate_gate.errors import (
    ConfirmationGoneError,
    GateInterlockedError,
    GateUnavailableError,
    PinWrongError,
)
from custom_components.plate_gate.gate import Gate
from custom_components.plate_gate.models import (
    Assurance,
    Outcome,
    Plate,
    Reason,
    Vehicle,
)
from custom_components.plate_gate.news import RequestKind
from custom_components.plate_gate.records import Ledger
from custom_components.plate_gate.requests import Pins

from .common import LABEL, PLATE, STRANGER, GateCover, eventually
from .lane_rig import LISTED, NOON, Rig, settle


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a lane look at each frame at once."""
    monkeypatch.setattr(lane_module, "IDLE_INTERVAL", 0.0)
    monkeypatch.setattr(lane_module, "IDLE_AFTER", 1)


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
    for rig in rigs:
        await rig.stop()


def asks_for(level: Assurance, **changes: Any) -> Callable[[Gate], Terms]:
    """Return the terms of a lane that asks for something besides the plate."""
    return lambda gate: Terms(assurance=lambda vehicle: level, **changes)


async def arrive(rig: Rig, *plates: str) -> None:
    """Let vehicles come, and be recognized."""
    rig.backend.plates = list(plates)
    await rig.show()
    await rig.show()


async def test_confirmation_opens(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """A listed vehicle waits for a person's yes, and is let in by it once."""
    rig = make_rig(terms=asks_for(Assurance.CONFIRMATION))
    await arrive(rig, PLATE)

    assert cover.opened == 0
    assert rig.passages == []
    (asked,) = rig.news
    assert asked.kind is RequestKind.CONFIRMATION_NEEDED
    assert (asked.label, asked.vehicle_id, asked.unknown) == (LABEL, "1", False)
    assert asked.expires == NOON + timedelta(seconds=60)
    assert asked.request_id is not None
    assert rig.lane.has_request(asked.request_id)

    await rig.lane.confirm(asked.request_id)
    assert cover.opened == 1
    assert [news.kind for news in rig.news][1:] == [RequestKind.CONFIRMED]
    (passage,) = rig.passages
    assert passage.outcome is Outcome.GRANTED
    assert passage.opened
    assert passage.reasons[-1] is Reason.CONFIRMED
    assert rig.lane.state.entries.on(NOON.date()) == 1

    with pytest.raises(ConfirmationGoneError):
        await rig.lane.confirm(asked.request_id)
    await rig.show()
    assert cover.opened == 1


async def test_nobody_answers(make_rig: Callable[..., Rig], cover: GateCover) -> None:
    """After a minute a yes comes too late, and the vehicle is told to be refused."""
    rig = make_rig(terms=asks_for(Assurance.CONFIRMATION))
    await arrive(rig, PLATE)
    for _ in range(31):
        await rig.show(after=2.0)

    assert [news.kind for news in rig.news][1:] == [RequestKind.EXPIRED]
    assert rig.news[1].expires is None
    (passage,) = rig.passages
    assert passage.outcome is Outcome.DENIED
    assert passage.reasons[-1] is Reason.CONFIRMATION_EXPIRED
    assert rig.news[0].request_id is not None
    with pytest.raises(ConfirmationGoneError):
        await rig.lane.confirm(rig.news[0].request_id)
    assert cover.opened == 0


async def test_who_has_left_is_not_let_in(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """A yes is bound to the arrival: it opens for nobody who comes after."""
    rig = make_rig(terms=asks_for(Assurance.CONFIRMATION))
    await arrive(rig, PLATE)
    rig.backend.plates = []
    for _ in range(14):
        await rig.show(after=1.0)
    assert rig.news[0].request_id is not None
    with pytest.raises(ConfirmationGoneError):
        await rig.lane.confirm(rig.news[0].request_id)
    assert cover.opened == 0


async def test_a_person_says_no(make_rig: Callable[..., Rig], cover: GateCover) -> None:
    """Ignored is ignored: a yes after it opens nothing."""
    rig = make_rig(terms=asks_for(Assurance.CONFIRMATION))
    await arrive(rig, PLATE)
    request_id = rig.news[0].request_id
    assert request_id is not None
    rig.lane.ignore(request_id)
    assert [news.kind for news in rig.news][1:] == [RequestKind.IGNORED]
    with pytest.raises(ConfirmationGoneError):
        await rig.lane.confirm(request_id)
    with pytest.raises(ConfirmationGoneError):
        rig.lane.ignore(request_id)
    assert cover.opened == 0


async def test_taken_off_the_list_meanwhile(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """A yes does not open for a vehicle that is not on the list any more."""
    rig = make_rig(terms=asks_for(Assurance.CONFIRMATION))
    await arrive(rig, PLATE)
    request_id = rig.news[0].request_id
    assert request_id is not None
    rig.vehicles = VehicleIndex([])
    with pytest.raises(ConfirmationGoneError):
        await rig.lane.confirm(request_id)
    assert cover.opened == 0


async def test_switched_off_meanwhile(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """A yes does not overrule the switch, since it is the plate that it says yes to."""
    rig = make_rig(terms=asks_for(Assurance.CONFIRMATION))
    await arrive(rig, PLATE)
    request_id = rig.news[0].request_id
    assert request_id is not None
    rig.lane.set_automatic_opening(False)
    with pytest.raises(GateInterlockedError):
        await rig.lane.confirm(request_id)
    assert rig.passages[-1].reasons[-1] is Reason.AUTOMATIC_OPENING_OFF
    assert cover.opened == 0


async def test_pin_opens(make_rig: Callable[..., Rig], cover: GateCover) -> None:
    """The PIN of the vehicle that waits is a yes; another one is none."""

    async def check(pin: str, digest: str) -> bool:
        return digest == f"digest of {pin}"

    vehicle = Vehicle(
        vehicle_id="1", label=LABEL, plate=Plate(PLATE), pin="digest of 2580"
    )
    rig = make_rig(
        terms=asks_for(Assurance.CONFIRMATION, pins=Pins(check=check)),
        vehicles=VehicleIndex([vehicle]),
    )
    with pytest.raises(ConfirmationGoneError):
        await rig.lane.confirm_by_pin("2580")
    await arrive(rig, PLATE)
    with pytest.raises(PinWrongError):
        await rig.lane.confirm_by_pin("1111")
    assert cover.opened == 0
    await rig.lane.confirm_by_pin("2580")
    assert cover.opened == 1
    assert rig.passages[-1].reasons[-1] is Reason.CONFIRMED


async def test_announced_only(make_rig: Callable[..., Rig], cover: GateCover) -> None:
    """A lane that announces tells who is there, and opens for nobody."""
    rig = make_rig(terms=asks_for(Assurance.ANNOUNCE))
    await arrive(rig, PLATE)
    (news,) = rig.news
    assert (news.kind, news.label) == (RequestKind.ANNOUNCED, LABEL)
    assert news.request_id is None
    (passage,) = rig.passages
    assert passage.outcome is Outcome.DENIED
    assert passage.reasons[-1] is Reason.ANNOUNCE_ONLY
    assert cover.opened == 0


async def test_unknown_vehicle_waits(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """A person may open for a vehicle that is not on the list; nothing is told of it."""
    rig = make_rig()
    rig.backend.plates = [STRANGER]
    while rig.clock < 100 + UNKNOWN_WAIT + 1:
        await rig.show(after=0.5)
    (news,) = rig.news
    assert news.kind is RequestKind.UNKNOWN_WAITING
    assert news.unknown
    assert (news.label, news.vehicle_id, news.reasons) == (None, None, ())
    assert news.request_id is not None

    await rig.lane.confirm(news.request_id)
    assert cover.opened == 1
    assert rig.passages == []
    assert rig.lane.state.entries.on(NOON.date()) == 0
    assert rig.lane.state.last_opening == NOON
    assert rig.lane.metrics.by_hand == 1


async def test_trial_opens_nothing(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """A lane on trial tells what it would have done, and asks nobody."""
    rig = make_rig(terms=lambda gate: Terms(trial=True))
    await arrive(rig, PLATE)
    await rig.show()
    assert cover.opened == 0
    assert rig.lane.state.trial is not None
    assert rig.lane.state.trial.would_have_opened == 1
    assert rig.lane.state.trial.waited == 0
    (passage,) = rig.passages
    assert passage.outcome is Outcome.GRANTED
    assert not passage.opened
    assert passage.reasons[-1] is Reason.TRIAL
    rig.backend.plates = [STRANGER]
    while rig.clock < 130:
        await rig.show(after=0.5)
    assert rig.news == []


async def test_waiting_is_over_when_the_reason_is(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """Who was refused and still waits is let in when nothing speaks against it."""
    reasons = [Reason.INTERLOCKED]
    rig = make_rig(
        terms=lambda gate: Terms(rules=Rules(standing=lambda vehicle: tuple(reasons)))
    )
    await arrive(rig, PLATE)
    await rig.show()
    assert cover.opened == 0
    assert [passage.outcome for passage in rig.passages] == [Outcome.DENIED]
    assert rig.passages[0].reasons[-1] is Reason.INTERLOCKED

    reasons.clear()
    await rig.show()
    assert cover.opened == 1
    assert [passage.outcome for passage in rig.passages][1:] == [Outcome.GRANTED]


async def test_switching_on_lets_in_who_waits(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """A vehicle that came while the lane was off is let in when it is switched on."""
    rig = make_rig()
    rig.lane.set_automatic_opening(False)
    await arrive(rig, PLATE)
    assert rig.passages[0].reasons[-1] is Reason.AUTOMATIC_OPENING_OFF
    rig.lane.set_automatic_opening(True)
    await rig.show()
    assert cover.opened == 1


async def test_who_has_parked_is_not_let_in(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """Who was refused minutes ago has parked: what is allowed now opens nothing."""
    rig = make_rig()
    rig.lane.set_automatic_opening(False)
    await arrive(rig, PLATE)
    while rig.clock < 100 + 200:
        await rig.show(after=1.0)
    rig.lane.set_automatic_opening(True)
    for _ in range(5):
        await rig.show(after=1.0)
    assert cover.opened == 0


async def test_opened_too_often(make_rig: Callable[..., Rig], cover: GateCover) -> None:
    """A gate that was opened too often switches the lane off, and says so once."""
    rig = make_rig(
        terms=lambda gate: Terms(
            rules=Rules(standing=lambda vehicle: (Reason.TOO_MANY_OPENINGS,))
        )
    )
    await arrive(rig, PLATE)
    await rig.show()
    assert rig.disarmed == [True]
    assert not rig.lane.state.automatic_opening
    assert cover.opened == 0


class Shelf:
    """Keeps what a ledger saves."""

    data: dict[str, Any] | None = None

    async def async_load(self) -> dict[str, Any] | None:
        """Return it."""
        return self.data

    async def async_save(self, data: dict[str, Any]) -> None:
        """Take it."""
        self.data = data

    async def async_begin_anew(self, data: dict[str, Any]) -> None:
        """Take it, whatever was there."""
        self.data = data


async def test_last_use_of_a_pass(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """A pass opens as often as it says; an opening that fails uses nothing up."""
    ledger = Ledger(Shelf())
    await ledger.load()
    vehicle = replace(LISTED.by_id["1"], uses=1)
    rig = make_rig(
        terms=lambda gate: Terms(rules=Rules(usage=ledger), ledger=ledger),
        vehicles=VehicleIndex([vehicle]),
    )
    cover.failure = GateUnavailableError()
    await arrive(rig, PLATE)
    await settle()
    assert rig.passages[0].reasons[-1] is Reason.GATE_FAILED
    assert ledger.uses("1") == 0

    cover.failure = None
    for _ in range(2):
        rig.backend.plates = []
        for _ in range(14):
            await rig.show(after=1.0)
        await cover.async_close_cover()
        await arrive(rig, PLATE)
        await settle()
    assert ledger.uses("1") == 1
    assert [passage.outcome for passage in rig.passages][1:] == [
        Outcome.GRANTED,
        Outcome.DENIED,
    ]
    assert rig.passages[-1].reasons[-1] is Reason.USES_UP


async def test_gate_that_does_not_move_uses_a_pass_up(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """It may move late, with the vehicle before it: a pass must not last for ever."""
    ledger = Ledger(Shelf())
    await ledger.load()
    cover.hold.clear()
    rig = make_rig(
        confirm_seconds=0.01,
        terms=lambda gate: Terms(rules=Rules(usage=ledger), ledger=ledger),
        vehicles=VehicleIndex([replace(LISTED.by_id["1"], uses=1)]),
    )
    await arrive(rig, PLATE)
    await eventually(lambda: rig.passages)
    assert rig.passages[0].reasons[-1] is Reason.GATE_FAILED
    assert ledger.uses("1") == 1
    cover.hold.set()


async def test_switched_off_while_another_lane_has_the_gate(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """What was decided before the lane was switched off opens nothing after it."""
    first, second = make_rig(), make_rig()
    cover.hold.clear()
    await arrive(first, PLATE)
    await eventually(lambda: cover.opened)
    await arrive(second, PLATE)
    second.lane.set_automatic_opening(False)
    cover.failure = HomeAssistantError()
    cover.hold.set()
    await eventually(lambda: second.passages)
    assert second.passages[0].reasons[-1] is Reason.AUTOMATIC_OPENING_OFF
    assert cover.opened == 1
