"""What the tests of the site, its lanes and its face share."""

import asyncio
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from io import BytesIO
import json
from typing import Any, Final, override

from aiohttp import web
from homeassistant.components.camera import Camera, CameraEntityFeature
from homeassistant.components.cover import CoverEntity, CoverEntityFeature
from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryState,
    ConfigSubentryData,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_component import DATA_INSTANCES
from homeassistant.setup import async_setup_component
from PIL import Image
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.plate_gate.capture import CameraStatus
from custom_components.plate_gate.const import DOMAIN
from custom_components.plate_gate.models import Box, Frame, Plate, PlateRead
from custom_components.plate_gate.recognition import BackendInfo
from custom_components.plate_gate.site import PlateGateConfigEntry

from .recognition.server import Answer, CodeProjectServer, says

PLATE: Final = "KN18RTX"
"""A plate that tests put on the list."""

STRANGER: Final = "WX73QZV"
"""A plate that they do not."""

LABEL: Final = "Anna's car"
GATE: Final = "cover.gate"
LANE: Final = "Driveway"

ENTRY_ID: Final = "01SITE0000000000000000TEST"


def picture(place: int = 100) -> bytes:
    """Return a small JPEG picture of a box that stands somewhere on a drive."""
    image = Image.linear_gradient("L").resize((320, 240))
    image.paste(255, (place, 80, place + 100, 160))
    jpeg = BytesIO()
    image.save(jpeg, "JPEG")
    return jpeg.getvalue()


PICTURES: Final = (picture(60), picture(160))
"""What a camera shows in turn: the same picture twice would be one that hangs."""


async def eventually(condition: Callable[[], object], timeout: float = 15.0) -> None:
    """Wait until something is the case; fail if it does not come to be."""
    try:
        async with asyncio.timeout(timeout):
            while not condition():
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError("It did not come to be") from None


@dataclass
class Recognizer(CodeProjectServer):
    """A CodeProject.AI server that sees the plates that it is told to.

    Another way to answer can be put in place of `alpr` and `ping`.
    """

    plates: Sequence[str] = ()
    reads: int = 0
    """How many pictures it has looked at."""

    def __post_init__(self) -> None:
        """Begin to see nothing."""
        self.alpr = self.see

    async def see(self, request: web.Request) -> web.Response:
        """Answer with the plates."""
        self.reads += 1
        # A vehicle moves, or it would be taken for a sign.
        left = 10 * (self.reads % 10)
        predictions = [
            {
                "plate": text,
                "label": f"Plate: {text}",
                "confidence": 0.97,
                "x_min": left,
                "y_min": 100 + 40 * number,
                "x_max": left + 80,
                "y_max": 120 + 40 * number,
            }
            for number, text in enumerate(self.plates)
        ]
        return web.json_response(
            {"success": True, "code": 200, "predictions": predictions}
        )

    def refuses(self, pictures: Container[bytes], answer: Answer) -> None:
        """Answer otherwise where it is asked about certain pictures."""

        async def choose(request: web.Request) -> web.StreamResponse:
            ((_, _, _, picture),) = self.received[-1].parts
            return await (answer if picture in pictures else self.see)(request)

        self.alpr = choose

    async def start(self) -> None:
        """Come back, on the same port as before."""
        await self.__aenter__()

    async def stop(self) -> None:
        """Vanish."""
        await self.__aexit__()


def says_json(status: int = 200, **answer: object) -> Answer:
    """Return a way to answer that always says the same."""
    return says(json.dumps(answer).encode(), status=status)


def needs_token(token: str, answer: Answer) -> Answer:
    """Return a way to answer only those who know the token."""
    refuse = says_json(401, error="no")

    async def check(request: Any) -> Any:
        allowed = request.headers.get("Authorization") == f"Bearer {token}"
        return await (answer if allowed else refuse)(request)

    return check


def protect(recognizer: Recognizer, token: str) -> None:
    """Let a recognizer answer only those who know a token."""
    recognizer.ping = needs_token(token, says_json(success=True, version="1.0"))
    recognizer.alpr = needs_token(token, recognizer.see)


class GateCover(CoverEntity):
    """A gate that counts how often it was opened.

    Attributes:
        opened: How many pulses it got.
        failure: Raised instead of opening, if any.
        hold: While it is cleared, the action does not end.

    """

    _attr_should_poll = False
    _attr_name = "Gate"
    _attr_unique_id = "gate"
    _attr_supported_features = CoverEntityFeature.OPEN | CoverEntityFeature.CLOSE

    def __init__(self) -> None:
        """Begin closed."""
        self._attr_is_closed = True
        self.opened = 0
        self.failure: BaseException | None = None
        self.hold = asyncio.Event()
        self.hold.set()

    @override
    async def async_open_cover(self, **kwargs: Any) -> None:
        """Open."""
        self.opened += 1
        await self.hold.wait()
        if self.failure is not None:
            raise self.failure
        self._attr_is_closed = False
        self.async_write_ha_state()

    @override
    async def async_close_cover(self, **kwargs: Any) -> None:
        """Close."""
        self._attr_is_closed = True
        self.async_write_ha_state()

    def set_available(self, available: bool) -> None:
        """Go away, or come back."""
        self._attr_available = available
        self.async_write_ha_state()


class StillCamera(Camera):
    """A camera of another integration, with a stream or without."""

    _attr_name = "Porch"
    _attr_unique_id = "porch"

    def __init__(self, stream: str | None = None) -> None:
        """Say where the stream is."""
        super().__init__()
        self._stream = stream
        self._turn = 0
        if stream is not None:
            self._attr_supported_features = CameraEntityFeature.STREAM

    @override
    async def stream_source(self) -> str | None:
        """Return where the stream is."""
        return self._stream

    @override
    async def async_camera_image(
        self, width: int | None = None, height: int | None = None
    ) -> bytes | None:
        """Return a still."""
        self._turn += 1
        return PICTURES[self._turn % 2]


class FakeSource:
    """A camera that shows what a test puts before it."""

    def __init__(self) -> None:
        """Begin disconnected."""
        self.status = CameraStatus()
        self.running = False
        self.wanted = 0
        self.woken = 0
        self.views_accepted = 0
        self._frames: asyncio.Queue[Frame] = asyncio.Queue()
        self._listeners: list[Callable[[], None]] = []

    def start(self) -> None:
        """Begin."""
        self.running = True

    async def stop(self) -> None:
        """End."""
        self.running = False

    async def newest(self) -> Frame:
        """Wait for a frame."""
        return await self._frames.get()

    def want(self) -> None:
        """Count how often a frame is asked for in which nothing moves."""
        self.wanted += 1

    def wake(self) -> None:
        """Count how often it is told not to wait for its trigger."""
        self.woken += 1

    def accept_view(self) -> None:
        """Count how often the view is said to be right."""
        self.views_accepted += 1

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call the listener with each new status."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def show(
        self, taken: float, *, live: bool = True, quiet_since: float | None = None
    ) -> None:
        """Deliver a frame."""
        self._frames.put_nowait(
            Frame(
                jpeg=b"picture",
                width=640,
                height=360,
                taken=taken,
                live=live,
                quiet_since=quiet_since,
            )
        )

    def become(self, status: CameraStatus) -> None:
        """Change the status."""
        self.status = status
        for listener in tuple(self._listeners):
            listener()

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)


class FakeBackend:
    """A backend that reads what a test tells it to.

    Attributes:
        plates: What is seen in each frame.
        box: Where it is seen.
        failures: Raised by the next readings, one each.
        asked: How many frames came.
        while_reading: Called during each reading.

    """

    def __init__(self) -> None:
        """Begin to see nothing."""
        self.plates: Sequence[str] = ()
        self.box: Box | None = None
        self.failures: list[Exception] = []
        self.asked = 0
        self.while_reading: Callable[[], None] = lambda: None

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
        """Read what is to be read."""
        self.asked += 1
        self.while_reading()
        if self.failures:
            raise self.failures.pop(0)
        return [
            PlateRead(plate=Plate(text), confidence=0.97, box=self.box)
            for text in self.plates
        ]


def lane_data(url: str | None = None, **changes: object) -> dict[str, Any]:
    """Return what the lane form stores."""
    camera: dict[str, Any] = {} if url is None else {"url": url}
    return {
        **camera,
        "transport": "tcp",
        "verify_ssl": True,
        "fps": 5.0,
        "gate_entity": GATE,
        "direction": "entry",
        **changes,
    }


def lane_subentry(
    data: dict[str, Any], title: str = LANE, subentry_id: str = "lane1"
) -> ConfigSubentryData:
    """Return a lane as an entry stores it."""
    return {
        "data": data,
        "subentry_id": subentry_id,
        "subentry_type": "lane",
        "title": title,
        "unique_id": None,
    }  # type: ignore[typeddict-unknown-key]


def backend_subentry(
    url: str,
    title: str = "Garage",
    subentry_id: str = "backend2",
    *,
    unique_id: str | None = None,
    **data: object,
) -> ConfigSubentryData:
    """Return a further backend as an entry stores it."""
    return {
        "data": {"backend": "codeproject", "url": url, "verify_ssl": True, **data},
        "subentry_id": subentry_id,
        "subentry_type": "backend",
        "title": title,
        "unique_id": unique_id,
    }  # type: ignore[typeddict-unknown-key]


def site_entry(
    url: str,
    *subentries: ConfigSubentryData,
    entry_id: str = ENTRY_ID,
    unique_id: str | None = None,
    **data: object,
) -> MockConfigEntry:
    """Return the entry of a site with a recognizer at an address, and what it has."""
    return MockConfigEntry(
        domain=DOMAIN,
        title="Plate Gate",
        entry_id=entry_id,
        unique_id=unique_id,
        data={"backend": "codeproject", "url": url, "verify_ssl": True, **data},
        subentries_data=subentries,
    )


async def add_entity(hass: HomeAssistant, domain: str, entity: Entity) -> None:
    """Add an entity to Home Assistant."""
    assert await async_setup_component(hass, domain, {})
    await hass.data[DATA_INSTANCES][domain].async_add_entities([entity])
    await hass.async_block_till_done()


def state_of(hass: HomeAssistant, entity_id: str) -> str | None:
    """Return the state of an entity, None if there is no such entity."""
    state = hass.states.get(entity_id)
    return None if state is None else state.state


def entry_state(entry: ConfigEntry[Any]) -> ConfigEntryState:
    """Return the state of an entry, which changes behind a type checker's back."""
    return entry.state


async def set_up(hass: HomeAssistant, entry: PlateGateConfigEntry) -> None:
    """Set a site up, and expect that it works."""
    entry.add_to_hass(hass)  # type: ignore[attr-defined]
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


async def list_vehicle(
    entry: PlateGateConfigEntry, plate: str = PLATE, label: str = LABEL
) -> str:
    """Put a vehicle on a site's list; return its id."""
    vehicle = await entry.runtime_data.allowlist.add(label, Plate(plate))
    return vehicle.vehicle_id
