"""A camera entity whose stream may move to another address."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import logging
import tempfile
from typing import Final, override

from homeassistant.components.camera import DOMAIN, Camera
from homeassistant.components.camera.const import DATA_COMPONENT
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.entity_component import EntityComponent

ENTITY_ID: Final = "camera.bench"


class BenchCamera(Camera):
    """A camera entity that has nothing but the address of a stream."""

    _attr_name = "Bench"
    _attr_should_poll = False

    def __init__(self) -> None:
        """Begin without an address."""
        super().__init__()
        self.source: str | None = None

    @override
    async def stream_source(self) -> str | None:
        """Return the address of the stream."""
        return self.source


async def add_camera(hass: HomeAssistant) -> BenchCamera:
    """Add the entity to a Home Assistant, without more of its cameras than it needs."""
    component = EntityComponent[Camera](logging.getLogger(__name__), DOMAIN, hass)
    hass.data[DATA_COMPONENT] = component
    camera = BenchCamera()
    await component.async_add_entities([camera])
    return camera


@asynccontextmanager
async def home_assistant() -> AsyncIterator[HomeAssistant]:
    """Run the core of Home Assistant, with nothing in it and nothing to connect to."""
    with tempfile.TemporaryDirectory() as folder:
        hass = HomeAssistant(folder)
        dr.async_setup(hass)
        await dr.async_load(hass)
        await er.async_load(hass)
        try:
            yield hass
        finally:
            await hass.async_stop(force=True)
