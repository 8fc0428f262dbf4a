"""Reading a camera that Home Assistant knows."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
import time
from typing import Final

from homeassistant.components.camera import async_get_image, async_get_stream_source
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant

from ..errors import CameraAddressError, CameraUnreachableError
from .outlet import Outlet
from .reader import Reader
from .settings import CameraSettings, split_address
from .sieve import FROZEN, Sieve

MAX_STILLS: Final = 2.0
"""Per second. Behind a still may be a process that was started for it."""

STREAM_TIMEOUT: Final = 10.0
"""Seconds that an entity may take to say where its stream is."""


class EntityReader:
    """Reads a camera entity: its stream where it has one, else its still pictures."""

    def __init__(
        self,
        hass: HomeAssistant,
        settings: CameraSettings,
        open_address: Callable[[CameraSettings], Reader],
        *,
        frozen: float = FROZEN,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare to read.

        Args:
            hass: Home Assistant.
            settings: With the id of an entity.
            open_address: Makes a reader for the address of a stream.
            frozen: Seconds until stills that repeat are given up.
            clock: The clock of `Frame.taken`.

        """
        self._hass = hass
        self._settings = settings
        self._entity_id = settings.entity_id or ""
        self._open_address = open_address
        self._frozen = frozen
        self._clock = clock

    async def run(self, outlet: Outlet) -> None:
        """Deliver frames until the camera is lost.

        Raises:
            CameraError: It could not be reached, or was lost.

        """
        self._require_available()
        # Asked for at each connection, because the tokens in some addresses expire.
        stream = await self._stream()
        if stream is None:
            await self._poll(Sieve(outlet, self._frozen))
        else:
            await self._open_address(stream).run(outlet)

    async def _stream(self) -> CameraSettings | None:
        """Return how to reach the stream, or None if there is none that we can read."""
        try:
            async with asyncio.timeout(STREAM_TIMEOUT):
                source = await async_get_stream_source(self._hass, self._entity_id)
        except Exception:  # noqa: BLE001
            # Whatever the integration of the camera raises; it may hold the address.
            raise CameraUnreachableError from None
        if not source:
            return None
        try:
            address = split_address(source)
        except CameraAddressError:
            return None
        return replace(
            self._settings,
            entity_id=None,
            url=address.url,
            username=address.username,
            password=address.password,
        )

    async def _poll(self, sieve: Sieve) -> None:
        """Ask for one still picture after another."""
        interval = 1 / min(self._settings.fps, MAX_STILLS)
        while True:
            asked = self._clock()
            await sieve.offer(await self._still(), asked)
            await asyncio.sleep(max(0.0, asked + interval - self._clock()))
            self._require_available()

    async def _still(self) -> bytes:
        """Return one still picture."""
        try:
            image = await async_get_image(self._hass, self._entity_id)
        except Exception:  # noqa: BLE001
            # As above: it is the code of others that runs here.
            raise CameraUnreachableError from None
        return image.content

    def _require_available(self) -> None:
        """Refuse an entity that is not there, or says itself that it does not work."""
        state = self._hass.states.get(self._entity_id)
        if state is None or state.state == STATE_UNAVAILABLE:
            raise CameraUnreachableError
