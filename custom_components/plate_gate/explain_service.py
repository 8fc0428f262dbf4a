"""The action that tells what would become of a picture."""

from pathlib import Path
from typing import Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
import voluptuous as vol

from .capture.jpeg import MAX_BYTES
from .const import DOMAIN
from .errors import BackendError, CameraError, CameraPictureError
from .lane_explain import async_explain_lane
from .messages import error_key
from .service_targets import SITE_FIELD, async_find_lane, async_site

SERVICE_EXPLAIN: Final = "explain"

ATTR_LANE: Final = "lane"
ATTR_PICTURE: Final = "picture"

EXPLAIN_SCHEMA = vol.Schema(
    {
        **SITE_FIELD,
        vol.Optional(ATTR_LANE): cv.string,
        vol.Optional(ATTR_PICTURE): cv.string,
    }
)


@callback
def async_setup_explain(hass: HomeAssistant) -> None:
    """Register the action. It is for administrators."""
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_EXPLAIN,
        _explain,
        EXPLAIN_SCHEMA,
        SupportsResponse.ONLY,
    )


async def _explain(call: ServiceCall) -> ServiceResponse:
    """Explain a picture: the one that is named, or one that is taken now."""
    site = async_site(call)
    if (named := call.data.get(ATTR_LANE)) is not None:
        coordinator = async_find_lane(call.hass, site.lanes.values(), named)
    elif len(site.lanes) == 1:
        (coordinator,) = site.lanes.values()
    else:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="lane_ambiguous" if site.lanes else "lane_unknown",
        )
    path: str | None = call.data.get(ATTR_PICTURE)
    file = None if path is None else await _file(call.hass, path)
    try:
        explained = await async_explain_lane(call.hass, site, coordinator, file)
    except CameraPictureError as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key=error_key(err) if file is None else "picture_invalid",
        ) from None
    except (BackendError, CameraError) as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key=error_key(err)
        ) from None
    return explained.as_response()


async def _file(hass: HomeAssistant, path: str) -> bytes:
    """Read a file from where Home Assistant allows it.

    Raises:
        ServiceValidationError: It is elsewhere, or it cannot be read.

    """
    # This looks at the disk, to follow links.
    if not await hass.async_add_executor_job(hass.config.is_allowed_path, path):
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="path_not_allowed"
        )
    content = await hass.async_add_executor_job(_read, Path(path))
    if content is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="picture_invalid"
        )
    return content


def _read(path: Path) -> bytes | None:
    """Return what is in a file, and no more of it than a picture can have."""
    try:
        # A pipe or a device would never end.
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError:
        return None
