"""The picture that the lane form shows after its live test."""

from datetime import timedelta
from http import HTTPStatus
import time
from typing import Final

from aiohttp import web
from homeassistant.components.http import KEY_HASS, HomeAssistantView
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .models import Frame

_VALID_FOR: Final = timedelta(minutes=10)

_PREVIEWS: HassKey[dict[str, Frame]] = HassKey(f"{DOMAIN}_previews")
"""Frames by the flow that took them; each goes with its flow."""


@callback
def async_setup_views(hass: HomeAssistant) -> None:
    """Register the view."""
    hass.data[_PREVIEWS] = {}
    hass.http.register_view(PreviewView())


@callback
def async_keep_preview(hass: HomeAssistant, flow_id: str, frame: Frame) -> str:
    """Keep a flow's test frame in memory.

    Returns:
        A signed path under which it can be seen for ten minutes, as long as the flow
        is open.

    """
    previews = hass.data[_PREVIEWS]
    # A dialog that was closed with its browser leaves its flow, and so its picture.
    oldest = time.monotonic() - _VALID_FOR.total_seconds()
    for other in [key for key, kept in previews.items() if kept.taken < oldest]:
        del previews[other]
    previews[flow_id] = frame
    return async_sign_path(hass, PreviewView.url.format(flow_id=flow_id), _VALID_FOR)


@callback
def async_drop_preview(hass: HomeAssistant, flow_id: str) -> None:
    """Forget a flow's test frame."""
    hass.data[_PREVIEWS].pop(flow_id, None)


class PreviewView(HomeAssistantView):
    """Serves the test frame of an open flow."""

    url = "/api/plate_gate/preview/{flow_id}"
    name = "api:plate_gate:preview"

    async def get(self, request: web.Request, flow_id: str) -> web.Response:
        """Return the picture, or 404 once the flow is over."""
        frame = request.app[KEY_HASS].data[_PREVIEWS].get(flow_id)
        if frame is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        return web.Response(
            body=frame.jpeg,
            content_type="image/jpeg",
            headers={"Cache-Control": "no-store"},
        )
