"""Tests of one lane, with its camera and its recognizer played, and a real gate."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from datetime import UTC, date, datetime
import logging
import traceback

from homeassistant.const import STATE_OPEN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest

from custom_components.plate_gate import (
    admission as admission_module,
    lane as lane_module,
)
from custom_components.plate_gate.capture import CameraStatus
from custom_components.plate_gate.coordinator import LaneCoordinator
from custom_components.plate_gate.decision import VehicleIndex
from custom_components.plate_gate.errors import (
    BackendRateLimitedError,
    BackendRejectedError,
    BackendTimeoutError,
    BackendUnavailableError,
    CameraAuthError,
    CameraUnreachableError,
    GateMissingError,
    GateNotMovingError,
    GateUnavailableError,
)
from custom_components.plate_gate.models import (
    Box,
    Frame,
    Outcome,
    Passage,
    Plate,
    PlateRead,
    Reason,
    Vehicle,
)
from custom_components.plate_gate.records import DayCount

from .common import (
    GATE,
    LABEL,
    PLATE,
    STRANGER,
    GateCover,
    eventually,
    lane_data,
    lane_subentry,
    site_entry,
    state_of,
)
from .lane_rig import LISTED, NOON, TODAY, Rig, settle


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a lane look at each frame at once."""
    monkeypatch.setattr(lane_module, "IDLE_INTERVAL", 0.0)
    monkeypatch.setattr(lane_module, "IDLE_AFTER", 1)
    monkeypatch.setattr(lane_module, "BACKEND_PAUSE", (0.0, 0.0))
    monkeypatch.setattr(lane_module, "BUSY_REST", 0.0)


@pytest.fixture
async def make_rig(hass: HomeAssistant) -> AsyncGenerator[Callable[..., Rig]]:
    """Return what makes a lane that is stopped at the end."""
    rigs: list[Rig] = []

    def make(**changes: object) -> Rig:
        rigs.append(Rig(hass, **changes))  # type: ignore[arg-type]
        return rigs[-1]

    yield make
    for rig in rigs:
        await rig.stop()


@pytest.fixture
async def rig(make_rig: Callable[..., Rig], cover: GateCover) -> Rig:
    """Return a running lane before a closed gate."""
    rig = make_rig()
    rig.run()
    return rig


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[int, str]]:
    """Return what the lane has logged."""
    return [
        (record.levelno, record.getMessage())
        for record in caplog.records
        if record.name in {lane_module.__name__, admission_module.__name__}
    ]


async def test_one_arrival_opens_once(
    hass: HomeAssistant, rig: Rig, cover: GateCover
) -> None:
    """A listed vehicle that stays in front of the camera gets one pulse."""
    rig.backend.plates = [PLATE]
    for _ in range(6):
        await rig.show()
        await cover.async_close_cover()

    assert cover.opened == 1
    assert rig.passages == [
        Passage(
            time=NOON,
            vehicle_id="1",
            label=LABEL,
            outcome=Outcome.GRANTED,
            reasons=(Reason.EXACT_TEXT, Reason.AGREEING_FRAMES),
            opened=True,
            time_to_open_ms=200,
        )
    ]
    assert rig.gate_reports == [None]
    assert rig.lane.state.entries.on(TODAY) == 1
    assert rig.lane.state.unknown.on(TODAY) == 0
    assert rig.lane.state.last_opening == NOON
    metrics = rig.lane.metrics
    assert (metrics.frames, metrics.reads, metrics.granted) == (6, 6, 1)
    assert metrics.time_to_open_ms == 200
    assert metrics.recognition_ms == 0


async def test_vehicle_that_comes_back_is_let_in_again(
    rig: Rig, cover: GateCover
) -> None:
    """A vehicle that has been gone for a while is a new arrival."""
    for _ in range(2):
        rig.backend.plates = [PLATE]
        await rig.show()
        await rig.show()
        await cover.async_close_cover()
        rig.backend.plates = []
        for _ in range(24):
            await rig.show(after=1.0)

    assert cover.opened == 2
    assert rig.lane.state.entries.on(TODAY) == 2


async def test_first_picture_may_be_of_yesterday(rig: Rig, cover: GateCover) -> None:
    """A camera that has shown nothing else yet may hang, and that opens nothing."""
    rig.backend.plates = [PLATE]
    await rig.show(live=False)
    await rig.show(live=False)
    assert rig.lane.metrics.frames == 2
    await rig.show()
    assert cover.opened == 0

    await rig.show()
    assert cover.opened == 1


async def test_stale_frame_is_not_read(rig: Rig) -> None:
    """A frame that waited for too long is dropped and counted."""
    rig.backend.plates = [PLATE]
    await rig.show(age=lane_module.MAX_FRAME_AGE + 0.1)

    assert rig.backend.asked == 0
    assert rig.lane.metrics.stale == 1


async def test_late_answer_is_not_decided_on(rig: Rig, cover: GateCover) -> None:
    """An answer about a vehicle that may be gone by now opens nothing."""

    def dawdle() -> None:
        rig.clock += lane_module.MAX_READ_AGE + 0.1

    rig.backend.plates = [PLATE]
    rig.backend.while_reading = dawdle
    for _ in range(3):
        await rig.show()

    assert cover.opened == 0
    assert rig.passages == []
    assert (rig.lane.metrics.frames, rig.lane.metrics.stale) == (3, 3)
    assert rig.lane.metrics.recognition_ms == 5100


async def test_stranger_opens_nothing_and_is_only_counted(
    rig: Rig, cover: GateCover, caplog: pytest.LogCaptureFixture
) -> None:
    """Of a vehicle that is not on the list, a count is all that stays."""
    caplog.set_level(logging.DEBUG)
    rig.backend.plates = [STRANGER]
    await rig.show()
    await rig.show()
    rig.backend.plates = []
    await rig.show(after=30.0)

    assert cover.opened == 0
    assert rig.passages == []
    assert rig.lane.metrics.unknown == 1
    assert rig.lane.state.unknown.on(TODAY) == 1
    assert rig.lane.state.entries.on(TODAY) == 0
    assert STRANGER not in caplog.text


async def test_departed_are_forgotten_without_frames(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A camera that falls silent does not keep a read alive."""
    monkeypatch.setattr(lane_module, "QUIET_CHECK", 0.01)
    rig.backend.plates = [STRANGER]
    await rig.show()
    await rig.show()

    rig.clock += 30.0

    await eventually(lambda: rig.lane.metrics.unknown == 1)
    assert rig.lane._decider.open_arrivals == 0


async def test_departed_are_forgotten_while_the_recognizer_fails(rig: Rig) -> None:
    """A recognizer that fails does not keep a read alive either."""
    rig.backend.plates = [STRANGER]
    await rig.show()
    assert rig.lane._decider.open_arrivals == 1

    rig.backend.failures = [BackendUnavailableError()]
    await rig.show(after=30.0)

    assert rig.lane._decider.open_arrivals == 0


async def test_disarmed_lane_denies(rig: Rig, cover: GateCover) -> None:
    """With automatic opening off, a listed vehicle is told of, and stays outside."""
    rig.lane.set_automatic_opening(False)
    rig.backend.plates = [PLATE]
    await rig.show()
    await rig.show()
    await rig.show()

    assert cover.opened == 0
    (passage,) = rig.passages
    assert passage.outcome is Outcome.DENIED
    assert not passage.opened
    assert passage.reasons[-1] is Reason.AUTOMATIC_OPENING_OFF
    assert passage.time_to_open_ms is None
    assert rig.lane.metrics.denied == 1
    assert rig.lane.state.entries.on(TODAY) == 0


async def test_expired_vehicle_is_denied(rig: Rig, cover: GateCover) -> None:
    """A pass that is over opens nothing, and the reason is told."""
    (vehicle,) = LISTED.by_id.values()
    rig.vehicles = VehicleIndex([replace(vehicle, valid_until=NOON)])
    rig.backend.plates = [PLATE]
    await rig.show()
    await rig.show()

    assert cover.opened == 0
    (passage,) = rig.passages
    assert passage.outcome is Outcome.DENIED
    assert passage.reasons[-1] is Reason.EXPIRED


async def test_vehicle_removed_while_in_front(rig: Rig, cover: GateCover) -> None:
    """A vehicle that is taken off the list at the last moment is not let in."""
    rig.backend.plates = [PLATE]
    await rig.show()
    rig.vehicles = VehicleIndex(())
    await rig.show()
    await rig.show()

    assert cover.opened == 0
    assert rig.passages == []


async def test_failing_gate(
    rig: Rig, cover: GateCover, caplog: pytest.LogCaptureFixture
) -> None:
    """A gate that does not open is told of, on the passage and to whoever watches."""
    cover.failure = HomeAssistantError("secret")
    rig.backend.plates = [PLATE]
    await rig.show()
    await rig.show()
    await eventually(lambda: rig.passages)

    (passage,) = rig.passages
    assert passage.outcome is Outcome.GRANTED
    assert not passage.opened
    assert passage.reasons[-1] is Reason.GATE_FAILED
    assert [type(report) for report in rig.gate_reports] == [GateUnavailableError]
    assert rig.lane.metrics.failed == 1
    assert rig.lane.metrics.granted == 0
    assert rig.lane.state.entries.on(TODAY) == 0
    assert rig.lane.state.last_opening is None
    assert lines(caplog) == [
        (logging.WARNING, "Driveway: the gate did not open (GateUnavailableError)")
    ]


async def test_canceled_action_is_a_failed_one(rig: Rig, cover: GateCover) -> None:
    """A gate whose integration goes away in the middle did not open."""
    cover.failure = asyncio.CancelledError()
    rig.backend.plates = [PLATE]
    await rig.show()
    await rig.show()
    await eventually(lambda: rig.passages)

    (passage,) = rig.passages
    assert not passage.opened
    assert passage.reasons[-1] is Reason.GATE_FAILED
    assert [type(report) for report in rig.gate_reports] == [GateUnavailableError]
    assert rig.lane.metrics.failed == 1
    assert rig.lane.state.entries.on(TODAY) == 0


async def test_two_vehicles_at_once_are_one_pulse(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """Two listed plates in one picture are two passages, and do not stop the gate."""
    listed = {"1": PLATE, "2": "AB12CDE"}
    rig = make_rig(
        vehicles=VehicleIndex(
            Vehicle(vehicle_id=key, label=key, plate=Plate(text))
            for key, text in listed.items()
        ),
    )
    rig.run()
    cover.hold.clear()
    rig.backend.plates = list(listed.values())
    await rig.show()
    await rig.show()
    await eventually(lambda: cover.opened)
    assert rig.passages == []
    cover.hold.set()
    await eventually(lambda: len(rig.passages) == 2)

    assert cover.opened == 1
    assert {passage.vehicle_id for passage in rig.passages} == {"1", "2"}
    assert all(passage.opened for passage in rig.passages)
    assert rig.lane.state.entries.on(TODAY) == 2


async def test_lane_that_stops_forgets_who_is_there(rig: Rig, cover: GateCover) -> None:
    """A read does not wait in memory for a lane that may never go on."""
    rig.backend.plates = [STRANGER, PLATE]
    await rig.show()
    assert rig.lane._decider.open_arrivals == 2

    await rig.stop()

    assert rig.lane._decider.open_arrivals == 0


async def test_missing_gate(make_rig: Callable[..., Rig]) -> None:
    """A gate that does not exist is told of, too."""
    rig = make_rig(gate_entity="cover.gone")
    rig.run()
    rig.backend.plates = [PLATE]
    await rig.show()
    await rig.show()

    assert [type(report) for report in rig.gate_reports] == [GateMissingError]


async def test_gate_that_fails_late(
    make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """An action that fails after the gate was given up is told of, too."""
    rig = make_rig(confirm_seconds=0.01)
    rig.run()
    cover.hold.clear()
    cover.failure = HomeAssistantError("secret")
    rig.backend.plates = [PLATE]
    await rig.show()
    await rig.show()
    await eventually(lambda: rig.passages)
    assert not rig.passages[0].opened

    cover.hold.set()
    await eventually(lambda: len(rig.gate_reports) == 2)

    assert [type(report) for report in rig.gate_reports] == [
        GateNotMovingError,
        GateUnavailableError,
    ]


async def test_unload_while_opening_leaves_nothing(
    hass: HomeAssistant, rig: Rig, cover: GateCover
) -> None:
    """A lane that stops tells what it has told the gate, and that opens all the same."""
    cover.hold.clear()
    rig.backend.plates = [PLATE]
    await rig.show()
    await rig.show()
    await eventually(lambda: cover.opened)
    assert rig.lane._admission._openings

    await rig.stop()
    await settle()

    assert not rig.lane._admission._openings
    assert [passage.opened for passage in rig.passages] == [True]
    assert not rig.source.running
    assert rig.source.listeners == 0
    cover.hold.set()
    await eventually(lambda: state_of(hass, GATE) == STATE_OPEN)


async def test_end_of_home_assistant_while_opening(
    hass: HomeAssistant, make_rig: Callable[..., Rig], cover: GateCover
) -> None:
    """Home Assistant cancels a lane and then tells of its end: the opening is told."""
    rig = make_rig()
    entry = site_entry("http://127.0.0.1", lane_subentry(lane_data()))
    entry.add_to_hass(hass)
    (subentry,) = entry.subentries.values()
    coordinator = LaneCoordinator(hass, entry, subentry, rig.lane)
    coordinator.async_start()
    cover.hold.clear()
    rig.backend.plates = [PLATE]
    await rig.show()
    await rig.show()
    await eventually(lambda: cover.opened)

    assert coordinator._task is not None
    coordinator._task.cancel()
    await asyncio.sleep(0)
    assert rig.lane.ending
    await coordinator.async_stop()

    assert [passage.opened for passage in rig.passages] == [True]
    cover.hold.set()
    await entry._async_process_on_unload(hass)


async def test_lane_survives_the_unexpected(
    rig: Rig, cover: GateCover, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of ours is logged without its words, and the next vehicle gets in."""
    rig.backend.failures = [ValueError(f"rtsp://me:secret@camera {PLATE}")]
    await rig.show()
    rig.backend.plates = [PLATE]
    await rig.show()
    await rig.show()

    assert cover.opened == 1
    ((level, text),) = lines(caplog)
    assert level == logging.ERROR
    assert text.startswith("Driveway: unexpected ValueError in FakeBackend.read:")
    assert "secret" not in caplog.text
    assert PLATE not in caplog.text


async def test_unexpected_while_opening(
    rig: Rig, cover: GateCover, caplog: pytest.LogCaptureFixture
) -> None:
    """A listener's fault does not reach asyncio's log with its words either."""

    def stumble(passage: Passage) -> None:
        raise ValueError(f"secret {passage.label}")

    rig.lane.subscribe_passages(stumble)
    rig.backend.plates = [PLATE]
    await rig.show()
    await rig.show()
    await eventually(lambda: not rig.lane._admission._openings)
    await settle()

    assert cover.opened == 1
    ((level, text),) = lines(caplog)
    assert level == logging.ERROR
    assert "unexpected ValueError" in text
    assert "secret" not in caplog.text


async def test_recognizer_failing_is_told(rig: Rig) -> None:
    """Those who watch hear of each failure, and when it ends."""
    rig.backend.failures = [
        BackendUnavailableError(),
        BackendUnavailableError(),
        *[BackendRejectedError() for _ in range(lane_module.REFUSALS)],
    ]
    for _ in range(lane_module.REFUSALS + 4):
        await rig.show()

    assert [type(report) for report in rig.backend_reports] == [
        BackendUnavailableError,
        BackendUnavailableError,
        BackendRejectedError,
        type(None),
    ]
    assert rig.lane.metrics.backend_errors == lane_module.REFUSALS + 2
    assert rig.lane.metrics.frames == 2


async def test_told_failure_keeps_no_picture(rig: Rig) -> None:
    """Who remembers a failure does not remember the frame with it."""
    rig.backend.failures = [BackendUnavailableError()]
    reading = asyncio.create_task(rig.lane.read_now())
    await settle()
    await rig.show()
    with pytest.raises(BackendUnavailableError) as caught:
        await reading

    (told,) = rig.backend_reports
    for error in (told, caught.value):
        assert error is not None
        held = [
            value
            for entry in traceback.walk_tb(error.__traceback__)
            for value in entry[0].f_locals.values()
        ]
        assert not any(isinstance(value, Frame) for value in held)
    assert told is not None
    assert told.__traceback__ is None


async def test_refusals_now_and_then_are_not_told(rig: Rig) -> None:
    """A picture may be damaged; that is not worth a repair issue."""
    for _ in range(3):
        rig.backend.failures = [
            BackendRejectedError() for _ in range(lane_module.REFUSALS - 1)
        ]
        for _ in range(lane_module.REFUSALS):
            await rig.show()

    assert rig.backend_reports == []
    assert rig.lane.metrics.frames == 3


async def test_busy_recognizer_drops_frames(
    make_rig: Callable[..., Rig],
    cover: GateCover,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """That is no trouble: the newest frame has its turn after a short rest."""
    monkeypatch.setattr(lane_module, "BUSY_REST", 0.25)
    monkeypatch.setattr(lane_module, "IDLE_INTERVAL", 0.5)
    rests: list[float] = []
    rig = make_rig()

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    monkeypatch.setattr(rig.lane, "_rest", rest)
    rig.run()
    rig.backend.plates = [PLATE]
    for _ in range(2):
        rig.backend.failures = [BackendRateLimitedError(), BackendRateLimitedError()]
        for _ in range(3):
            await rig.show()

    assert rests == [0.25] * 4
    assert cover.opened == 1
    assert rig.backend_reports == []
    assert (rig.lane.metrics.busy, rig.lane.metrics.backend_errors) == (4, 0)
    assert rig.lane.metrics.frames == 2
    assert lines(caplog) == []


async def test_recognizer_that_stays_busy_is_told(rig: Rig) -> None:
    """One that has not read for long has too much to do, and people can change that."""
    patience = lane_module.BUSY_PATIENCE
    rig.backend.failures = [BackendRateLimitedError() for _ in range(4)]
    await rig.show()
    await rig.show(after=patience - 0.1)
    assert rig.backend_reports == []
    await rig.show()
    await rig.show()
    await rig.show()
    assert [type(report) for report in rig.backend_reports] == [
        BackendRateLimitedError,
        BackendRateLimitedError,
        type(None),
    ]
    rig.backend.failures = [BackendRateLimitedError()]
    await rig.show(after=patience)
    assert len(rig.backend_reports) == 3


async def test_read_now_with_a_busy_recognizer(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asked waits for the next frame, and is told if none is read in time."""
    rig.backend.failures = [BackendRateLimitedError()]
    reading = asyncio.create_task(rig.lane.read_now())
    await settle()
    await rig.show()
    assert not reading.done()
    await rig.show()
    assert await reading == 0

    monkeypatch.setattr(lane_module, "READ_NOW_TIMEOUT", 0.05)
    rig.backend.failures = [BackendRateLimitedError()]
    reading = asyncio.create_task(rig.lane.read_now())
    await settle()
    await rig.show()
    with pytest.raises(BackendRateLimitedError):
        await reading


@pytest.mark.parametrize(
    ("kind", "pauses"),
    [
        (BackendUnavailableError, [1.0, 2.0, 3.0, 3.0, 3.0, 3.0]),
        (ValueError, [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]),
    ],
)
async def test_pause_grows_while_readings_fail(
    make_rig: Callable[..., Rig],
    cover: GateCover,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[Exception],
    pauses: list[float],
) -> None:
    """What is in trouble is asked less and less often, and then as before."""
    monkeypatch.setattr(lane_module, "BACKEND_PAUSE", (1.0, 3.0))
    monkeypatch.setattr(lane_module, "IDLE_INTERVAL", 0.25)
    rests: list[float] = []
    rig = make_rig()

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    monkeypatch.setattr(rig.lane, "_rest", rest)
    rig.backend.failures = [kind() for _ in range(6)]
    rig.run()
    for _ in range(7):
        await rig.show()
    rig.backend.failures = [kind()]
    await rig.show()

    assert rests == [*pauses, 0.25, 1.0]


async def test_no_rest_while_a_vehicle_is_there(
    make_rig: Callable[..., Rig], cover: GateCover, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lane rests between frames only while nothing is in front of the camera."""
    rests: list[float] = []
    rig = make_rig()

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    monkeypatch.setattr(rig.lane, "_rest", rest)
    rig.run()
    await rig.show()
    assert len(rests) == 1
    rig.backend.plates = [PLATE]
    await rig.show()
    await rig.show()
    assert len(rests) == 1


async def test_rest_only_after_many_empty_frames(
    make_rig: Callable[..., Rig], cover: GateCover, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What moves may be a vehicle whose plate will soon be in sight."""
    monkeypatch.setattr(lane_module, "IDLE_AFTER", 3)
    rests: list[float] = []
    rig = make_rig()

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    monkeypatch.setattr(rig.lane, "_rest", rest)
    rig.run()
    for expected in (0, 0, 1, 2):
        await rig.show()
        assert len(rests) == expected
    rig.backend.plates = [STRANGER]
    await rig.show()
    rig.backend.plates = []
    await rig.show()
    assert len(rests) == 2


async def test_vehicle_that_stands_is_attended_to(rig: Rig, cover: GateCover) -> None:
    """One that has just come is read though it stands still; later, now and then."""
    await rig.show()
    assert rig.source.wanted == 0
    rig.backend.plates = [STRANGER]
    await rig.show()
    assert rig.source.wanted == 1
    await rig.show(after=lane_module.ATTENTION - 1.0)
    assert rig.source.wanted == 2
    await rig.show(after=lane_module.PRESENCE - 0.5)
    assert rig.source.wanted == 2
    rig.clock += lane_module.PRESENCE
    await eventually(lambda: rig.source.wanted == 3)


async def test_vehicle_that_stands_is_let_in_once(rig: Rig, cover: GateCover) -> None:
    """While nothing moves, a vehicle is there though its plate cannot be read."""
    rig.backend.plates = [PLATE]
    await rig.show()
    await rig.show()
    await cover.async_close_cover()
    stood = rig.clock
    rig.backend.plates = []
    for _ in range(8):
        await rig.show(after=5.0, quiet_since=stood)
    rig.backend.plates = [PLATE]
    await rig.show(after=5.0, quiet_since=stood)
    await rig.show()
    assert cover.opened == 1


async def test_vehicle_that_stands_while_the_recognizer_is_away(
    rig: Rig, cover: GateCover
) -> None:
    """Nobody looked meanwhile, so that nothing moved is no sign that it has left."""
    rig.backend.plates = [PLATE]
    await rig.show()
    await rig.show()
    await cover.async_close_cover()
    rig.clock += 1.0
    stood = rig.clock
    rig.backend.failures = [BackendUnavailableError() for _ in range(3)]
    for _ in range(3):
        await rig.show(after=5.0, quiet_since=stood)
    for _ in range(3):
        await rig.show(quiet_since=stood)
    assert cover.opened == 1


async def test_vehicle_that_stands_while_the_camera_is_not_believed(
    rig: Rig, cover: GateCover
) -> None:
    """Reads that nothing is decided on show that it is still there."""
    rig.backend.plates = [PLATE]
    await rig.show()
    await rig.show()
    await cover.async_close_cover()
    for _ in range(40):
        await rig.show(after=3.0, live=False)
    await rig.show()
    await rig.show()
    assert cover.opened == 1


async def test_vehicle_that_left_before_it_was_quiet_is_gone(
    rig: Rig, cover: GateCover
) -> None:
    """What is motionless without it has been watched without it."""
    rig.backend.plates = [PLATE]
    await rig.show()
    await rig.show()
    await cover.async_close_cover()
    rig.backend.plates = []
    await rig.show(after=1.0)
    left = rig.clock
    for _ in range(3):
        await rig.show(after=5.0, quiet_since=left)
    rig.backend.plates = [PLATE]
    await rig.show(after=1.0)
    await rig.show()
    assert cover.opened == 2


async def test_plate_width(rig: Rig) -> None:
    """How wide plates are is shown; of strangers, too, since it says nothing of them."""
    rig.backend.plates = [STRANGER]
    rig.backend.box = Box(100, 100, 196, 120)
    for _ in range(4):
        await rig.show()
    assert rig.lane.state.plate_width is None
    await rig.show()
    assert rig.lane.state.plate_width == 96


async def test_view_is_accepted(rig: Rig) -> None:
    """That the view is right now is told to the camera."""
    rig.lane.accept_view()
    assert rig.source.views_accepted == 1


async def test_read_now_does_not_wait_for_a_trigger(rig: Rig) -> None:
    """Who presses the button wants to see something."""
    reading = asyncio.create_task(rig.lane.read_now())
    await settle()
    assert rig.source.woken == 1
    await rig.show()
    assert await reading == 0


async def test_read_now(rig: Rig) -> None:
    """Reading at once tells how many plates there are."""
    rig.backend.plates = [STRANGER, PLATE]
    reading = asyncio.create_task(rig.lane.read_now())
    await settle()
    await rig.show()

    assert await reading == 2


async def test_read_now_ends_the_rest(
    make_rig: Callable[..., Rig], cover: GateCover, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the usual rest nor the pause after a failure is waited for."""
    monkeypatch.setattr(lane_module, "BACKEND_PAUSE", (3600.0, 3600.0))
    monkeypatch.setattr(lane_module, "IDLE_INTERVAL", 3600.0)
    rig = make_rig()
    rig.run()
    rig.backend.failures = [BackendUnavailableError()]
    await rig.show()

    for _ in range(2):
        reading = asyncio.create_task(rig.lane.read_now())
        await settle()
        await rig.show()
        assert await reading == 0


async def test_read_now_takes_no_stale_frame(
    make_rig: Callable[..., Rig], cover: GateCover, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A frame that is too old is passed over without a rest, for the next one."""
    monkeypatch.setattr(lane_module, "IDLE_INTERVAL", 3600.0)
    rig = make_rig()
    rig.run()
    reading = asyncio.create_task(rig.lane.read_now())
    await settle()
    await rig.show(age=lane_module.MAX_FRAME_AGE + 0.1)
    await rig.show()

    assert await reading == 0
    assert rig.backend.asked == 1


async def test_read_now_while_the_recognizer_fails(rig: Rig) -> None:
    """Whoever asked is told what the recognizer's trouble is."""
    rig.backend.failures = [BackendRejectedError()]
    reading = asyncio.create_task(rig.lane.read_now())
    await settle()
    await rig.show()

    with pytest.raises(BackendRejectedError):
        await reading


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (CameraStatus(), CameraUnreachableError),
        (CameraStatus(error=CameraAuthError()), CameraAuthError),
        (CameraStatus(connected=True), CameraUnreachableError),
    ],
)
async def test_read_now_without_an_answer(
    rig: Rig,
    status: CameraStatus,
    error: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever asked is told of the camera, also if it shows the same for ever."""
    monkeypatch.setattr(lane_module, "READ_NOW_TIMEOUT", 0.01)
    rig.source.become(status)

    with pytest.raises(error):
        await rig.lane.read_now()

    assert rig.lane._waiting == []


async def test_read_now_with_a_slow_recognizer(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asked is told of the recognizer while that has the picture."""
    monkeypatch.setattr(lane_module, "READ_NOW_TIMEOUT", 0.05)
    never = asyncio.Event()

    async def read(frame: Frame) -> list[PlateRead]:
        await never.wait()
        return []

    monkeypatch.setattr(rig.backend, "read", read)
    rig.source.show(rig.clock)
    await settle()

    with pytest.raises(BackendTimeoutError):
        await rig.lane.read_now()


async def test_camera_is_logged_once_when_lost_and_once_when_back(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    """However often it is tried, there are two lines about a camera that was away."""
    caplog.set_level(logging.INFO)
    changes: list[bool] = []
    rig.lane.subscribe(lambda: changes.append(rig.lane.state.camera.connected))
    for status in (
        CameraStatus(connected=True),
        CameraStatus(error=CameraUnreachableError()),
        CameraStatus(error=CameraUnreachableError()),
        CameraStatus(connected=True),
    ):
        rig.source.become(status)

    assert changes == [True, False, False, True]
    assert lines(caplog) == [
        (logging.WARNING, "Driveway: camera lost (CameraUnreachableError)"),
        (logging.INFO, "Driveway: camera is back"),
    ]
    assert rig.lane.camera == CameraStatus(connected=True)


async def test_counts_from_before_a_restart(rig: Rig) -> None:
    """What was counted today goes on; what was counted before is history."""
    opened = datetime(2026, 11, 23, 8, tzinfo=UTC)
    rig.lane.restore(
        entries=DayCount(TODAY, 3),
        unknown=DayCount(date(2026, 11, 22), 9),
        last_opening=opened,
    )

    assert rig.lane.state.entries.on(TODAY) == 3
    assert rig.lane.state.unknown.on(TODAY) == 0
    assert rig.lane.state.last_opening == opened
    rig.backend.plates = [PLATE]
    await rig.show()
    await rig.show()
    await eventually(lambda: rig.passages)
    assert rig.lane.state.entries.on(TODAY) == 4
    rig.lane.restore(last_opening=opened)
    assert rig.lane.state.last_opening == NOON


async def test_unsubscribing(rig: Rig) -> None:
    """Whoever has left hears nothing more, and may leave twice."""
    heard: list[None] = []
    unsubscribe = rig.lane.subscribe(lambda: heard.append(None))
    unsubscribe()
    unsubscribe()
    rig.lane.set_automatic_opening(False)

    assert heard == []
