"""Explains a picture as a lane of a running site would see it."""

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .coordinator import LaneCoordinator
from .explain import PictureExplained, explain_picture, take_file, take_now
from .site import Site


async def async_explain_lane(
    hass: HomeAssistant,
    site: Site,
    coordinator: LaneCoordinator,
    file: bytes | None = None,
) -> PictureExplained:
    """Explain what would become of a picture at a lane; nothing opens.

    Args:
        hass: Home Assistant.
        site: The site of the lane.
        coordinator: The lane.
        file: A JPEG, PNG or WebP file; None takes a picture with the lane's camera now.

    Raises:
        CameraError: There is no picture to be had, or the file is none.
        BackendError: The recognizer gave no usable answer.

    """
    lane = coordinator.lane
    picture = (
        take_now(hass, coordinator.subentry.data)
        if file is None
        else take_file(hass, file)
    )
    return await explain_picture(
        picture,
        backend=site.recognizer.pool,
        vehicles=site.index,
        policy=lane.policy,
        rules=lane.rules,
        assurance=lane.terms.assurance,
        trial=lane.terms.trial,
        now=dt_util.now(),
    )
