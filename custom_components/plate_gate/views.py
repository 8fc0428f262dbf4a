"""The picture that the lane form shows after its live test."""

from datetime import timedelta
from http import HTTPStatus
import time
from typing import Final, NamedTuple

from aiohttp import web
from homeassistant.components.http import KEY_HASS, HomeAssistantView
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

_VALID_FOR: Final = timedelta(minutes=10)


class _Preview(NamedTuple):
    """The newest picture of a flow."""

    jpeg: bytes
    number: int
    """Of the picture within its flow, from 1."""
    kept: float
    """Since when (monotonic)."""


_PREVIEWS: HassKey[dict[str, _Preview]] = HassKey(f"{DOMAIN}_previews")
"""Pictures by the flow that shows them; each goes with its flow."""


@callback
def async_setup_views(hass: HomeAssistant) -> None:
    """Register the view."""
    hass.data[_PREVIEWS] = {}
    hass.http.register_view(PreviewView())


@callback
def async_keep_preview(hass: HomeAssistant, flow_id: str, jpeg: bytes) -> str:
    """Keep the picture that a flow shows in memory, in place of the one before.

    Returns:
        A signed path under which it can be seen for ten minutes, as long as the flow
        is open and shows it. No two pictures have the same, since browsers do not load
        again what they show already.

    """
    previews = hass.data[_PREVIEWS]
    now = time.monotonic()
    before = previews.pop(flow_id, None)
    # A dialog that was closed with its browser leaves its flow, and so its picture.
    oldest = now - _VALID_FOR.total_seconds()
    for other in [key for key, preview in previews.items() if preview.kept < oldest]:
        del previews[other]
    number = before.number + 1 if before else 1
    previews[flow_id] = _Preview(jpeg, number, now)
    path = PreviewView.url.format(flow_id=flow_id, number=number)
    return async_sign_path(hass, path, _VALID_FOR)


@callback
def async_drop_preview(hass: HomeAssistant, flow_id: str) -> None:
    """Forget the picture of a flow."""
    hass.data[_PREVIEWS].pop(flow_id, None)


class PreviewView(HomeAssistantView):
    """Serves the picture that an open flow shows."""

    url = "/api/plate_gate/preview/{flow_id}/{number}"
    name = "api:plate_gate:preview"

    async def get(
        self, request: web.Request, flow_id: str, number: str
    ) -> web.Response:
        """Return the picture, or 404 once the flow is over or shows another."""
        preview = request.app[KEY_HASS].data[_PREVIEWS].get(flow_id)
        if preview is None or number != str(preview.number):
            return web.Response(status=HTTPStatus.NOT_FOUND)
        return web.Response(
            body=preview.jpeg,
            content_type="image/jpeg",
            headers={"Cache-Control": "no-store"},
        )
