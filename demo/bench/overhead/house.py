"""A house: Home Assistant's core with Plate Gate in it, a gate, and a played street."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from functools import partial
import logging
from pathlib import Path
import tempfile
import time
from types import MappingProxyType
from typing import Any, Final, override
from unittest.mock import patch

from homeassistant.auth import auth_manager_from_config
from homeassistant.bootstrap import async_load_base_functionality
from homeassistant.components.cover import (
    DATA_COMPONENT,
    DOMAIN as COVER_DOMAIN,
    CoverEntity,
    CoverEntityFeature,
)
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntries,
    ConfigEntry,
    ConfigEntryState,
    ConfigSubentryData,
)
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.loader import async_setup as async_setup_loader
from homeassistant.setup import async_setup_component

from custom_components.plate_gate.capture import CameraStatus
from custom_components.plate_gate.const import (
    CONF_CONFIRM_SECONDS,
    CONF_COOL_DOWN,
    CONF_DIRECTION,
    CONF_GATE_ENTITY,
    CONF_PER_MINUTE,
    CONF_VEHICLE_COOL_DOWN,
    DOMAIN,
    SUBENTRY_LANE,
)
from custom_components.plate_gate.lane import Lane
from custom_components.plate_gate.models import Frame, Plate, PlateRead
from custom_components.plate_gate.recognition import BackendInfo, Member
from custom_components.plate_gate.site import PlateGateConfigEntry
from demo.bench.process import BenchError

_SITE: Final = "custom_components.plate_gate.site"
_LANE: Final = "lane"

_NO_INTERLOCKS: Final = {
    CONF_COOL_DOWN: 0.0,
    CONF_VEHICLE_COOL_DOWN: 0.0,
    CONF_PER_MINUTE: 1_000_000,
    CONF_CONFIRM_SECONDS: 5.0,
}
"""Hundreds of vehicles a minute come to this gate."""


class BenchGate(CoverEntity):
    """A gate that is open at once, and notes when it was told to."""

    entity_id = "cover.bench_gate"
    _attr_name = "Bench gate"
    _attr_should_poll = False
    _attr_supported_features = CoverEntityFeature.OPEN | CoverEntityFeature.CLOSE

    def __init__(self) -> None:
        """Begin closed."""
        self._attr_is_closed = True
        self.told: list[float] = []
        """When it was told to open, in seconds of `time.perf_counter`."""

    @override
    async def async_open_cover(self, **kwargs: Any) -> None:
        """Open."""
        self.told.append(time.perf_counter())
        self._attr_is_closed = False
        self.async_write_ha_state()

    @override
    async def async_close_cover(self, **kwargs: Any) -> None:
        """Close."""
        self._attr_is_closed = True
        self.async_write_ha_state()


class BenchReader:
    """A recognizer whose answer is there already, and notes when it gave it."""

    def __init__(self) -> None:
        """Begin to see nothing."""
        self.sees: Sequence[PlateRead] = ()
        self.answered = 0.0
        """When it gave the last answer, in seconds of `time.perf_counter`."""

    async def start(self) -> None:
        """Do nothing."""

    async def stop(self) -> None:
        """Do nothing."""

    async def ping(self) -> BackendInfo:
        """Be there."""
        return BackendInfo(version="1")

    async def check(self) -> BackendInfo:
        """Be there."""
        return BackendInfo(version="1")

    async def read(self, frame: Frame) -> list[PlateRead]:
        """Say what it sees."""
        # A real one answers from another process, when the loop has had its turn.
        await asyncio.sleep(0)
        answer = list(self.sees)
        self.answered = time.perf_counter()
        return answer


class BenchCamera:
    """A camera that takes a frame when it is told to."""

    def __init__(self) -> None:
        """Begin connected."""
        self.status = CameraStatus(connected=True)
        self._frames: asyncio.Queue[Frame] = asyncio.Queue()

    def take(self, taken: float) -> None:
        """Take a frame."""
        frame = Frame(jpeg=b"", width=1280, height=720, taken=taken)
        self._frames.put_nowait(frame)

    def start(self) -> None:
        """Do nothing: it waits to be told."""

    async def stop(self) -> None:
        """Do nothing."""

    async def newest(self) -> Frame:
        """Wait for a frame."""
        return await self._frames.get()

    def want(self) -> None:
        """Do nothing: all of its frames are shown."""

    def wake(self) -> None:
        """Do nothing: it has no trigger."""

    def accept_view(self) -> None:
        """Do nothing: its view is right."""

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Never call the listener: its state does not change."""
        return lambda: None


class House:
    """A site with one lane, and all that is needed to let vehicles come to it."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Prepare; `house` sets it up."""
        self.hass = hass
        self.gate = BenchGate()
        self.reader = BenchReader()
        self.camera = BenchCamera()
        self._ahead = 0.0

    def clock(self) -> float:
        """Return monotonic seconds, with what was skipped."""
        return time.monotonic() + self._ahead

    def skip(self, seconds: float) -> None:
        """Let time pass, as far as the lane knows."""
        self._ahead += seconds

    async def set_up(self, texts: Sequence[str]) -> None:
        """Add the gate and the site, and put plates on its list.

        Raises:
            BenchError: It does not come up.

        """
        if not await async_setup_component(self.hass, COVER_DOMAIN, {}):
            raise BenchError("the gate's integration does not come up")
        await self.hass.data[DATA_COMPONENT].async_add_entities([self.gate])
        entry = _entry(self.gate.entity_id)
        await self.hass.config_entries.async_add(entry)
        if entry.state is not ConfigEntryState.LOADED:
            raise BenchError("the site does not come up")
        for number, text in enumerate(texts):
            await entry.runtime_data.allowlist.add(f"No {number}", Plate(text))
        await self.hass.async_block_till_done()


async def _nothing(hass: HomeAssistant) -> None:
    """Prepare nothing."""


@asynccontextmanager
async def house(
    texts: Sequence[str],
    config: Path | None = None,
    prepare: Callable[[HomeAssistant], Awaitable[None]] = _nothing,
) -> AsyncIterator[House]:
    """Run a house in which Plate Gate is set up as it is in any other.

    What is played is the camera, the recognizer behind the pool, and the lane's clock,
    so that a vehicle leaves in no time.

    Args:
        texts: The plates on its list.
        config: Its configuration folder; None for one that is deleted in the end.
        prepare: Sets up what else is in the house, before Plate Gate.

    """
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        folder = temporary if config is None else str(config)
        # Home Assistant tells of itself where nobody set up what becomes of it.
        logging.getLogger().addHandler(logging.NullHandler())
        hass = HomeAssistant(folder)
        hass.config.skip_pip = True
        hass.config_entries = ConfigEntries(hass, {})
        async_setup_loader(hass)
        await async_load_base_functionality(hass)
        hass.auth = await auth_manager_from_config(hass, [], [])
        hass.set_state(CoreState.running)
        made = House(hass)

        async def members(*_: object) -> list[Member]:
            return [Member(key="bench", name="Bench", backend=made.reader)]

        lane = partial(Lane, clock=made.clock)
        stack.enter_context(patch(f"{_SITE}.async_create_members", members))
        stack.enter_context(patch(f"{_SITE}.open_source", lambda *_: made.camera))
        stack.enter_context(patch(f"{_SITE}.Lane", lane))
        try:
            await prepare(hass)
            await made.set_up(texts)
            yield made
        finally:
            await hass.async_stop(force=True)


def _entry(gate: str) -> PlateGateConfigEntry:
    """Return a site as the forms would have made it."""
    lane: ConfigSubentryData = {
        "data": MappingProxyType(
            {
                "url": "rtsp://127.0.0.1/",
                "transport": "tcp",
                "verify_ssl": True,
                "fps": 5.0,
                CONF_GATE_ENTITY: gate,
                CONF_DIRECTION: "entry",
                **_NO_INTERLOCKS,
            }
        ),
        "subentry_id": _LANE,
        "subentry_type": SUBENTRY_LANE,
        "title": "Bench lane",
        "unique_id": None,
    }  # type: ignore[typeddict-unknown-key]
    return ConfigEntry(
        data={
            "backend": "codeproject",
            "url": "http://127.0.0.1:1/",
            "verify_ssl": True,
        },
        discovery_keys=MappingProxyType({}),
        domain=DOMAIN,
        entry_id="bench",
        minor_version=1,
        options={},
        source=SOURCE_USER,
        subentries_data=[lane],
        title="Bench",
        unique_id=None,
        version=1,
    )
