"""Makes the backend that a config entry, a subentry or a form describes."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_TOKEN, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.translation import async_get_translations

from .const import (
    BACKEND_BUILT_IN,
    BACKEND_CODEPROJECT,
    BACKEND_OMNI_LPR,
    BACKEND_OPENALPR,
    BACKEND_PLATE_RECOGNIZER,
    CONF_BACKEND,
    CONF_REGIONS,
    DOMAIN,
    SUBENTRY_BACKEND,
)
from .recognition import (
    BackendPool,
    BuiltInBackend,
    CodeProjectBackend,
    Member,
    OmniLprBackend,
    OpenAlprBackend,
    PlateRecognizerBackend,
    RecognitionBackend,
)

BACKEND_NAMES: Final = {
    BACKEND_CODEPROJECT: "CodeProject.AI",
    BACKEND_OMNI_LPR: "omni-lpr",
    BACKEND_OPENALPR: "OpenALPR",
    BACKEND_PLATE_RECOGNIZER: "Plate Recognizer",
}
"""What systems are called by those who make them, in every language."""

_BUILT_IN_NAME: Final = (
    f"component.{DOMAIN}.config.step.user.menu_options.{BACKEND_BUILT_IN}"
)


_PAID: Final = ("openalpr.com", "rekor.ai")
"""Domains of OpenALPR's web service, and what it is called by now."""


def _is_metered(data: Mapping[str, Any]) -> bool:
    """Tell whether each picture that is sent counts against what was paid for."""
    if data[CONF_BACKEND] == BACKEND_OPENALPR:
        host = urlsplit(data[CONF_URL]).hostname or ""
        return any(host == domain or host.endswith(f".{domain}") for domain in _PAID)
    return bool(data[CONF_BACKEND] == BACKEND_PLATE_RECOGNIZER)


def create_backend(hass: HomeAssistant, data: Mapping[str, Any]) -> RecognitionBackend:
    """Make a backend; nothing of it runs yet, and nothing is asked."""
    session = async_get_clientsession(hass)
    kind = data[CONF_BACKEND]
    if kind == BACKEND_BUILT_IN:
        return BuiltInBackend(session)
    url: str = data[CONF_URL]
    token: str | None = data.get(CONF_TOKEN)
    verify_ssl: bool = data.get(CONF_VERIFY_SSL, True)
    regions: list[str] = data.get(CONF_REGIONS, [])
    if kind == BACKEND_OPENALPR:
        return OpenAlprBackend(
            session, url, token=token, regions=regions, verify_ssl=verify_ssl
        )
    if kind == BACKEND_PLATE_RECOGNIZER:
        return PlateRecognizerBackend(
            session, url, token=token, regions=regions, verify_ssl=verify_ssl
        )
    if kind == BACKEND_OMNI_LPR:
        return OmniLprBackend(session, url, token=token, verify_ssl=verify_ssl)
    return CodeProjectBackend(session, url, token=token, verify_ssl=verify_ssl)


async def async_check_backend(hass: HomeAssistant, data: Mapping[str, Any]) -> None:
    """Start a backend, let it read a small picture, and stop it again.

    A pool does that, with the patience that it has at the gate, lest a form accept what
    no site can be set up with. One that is paid for reads once, too, since only that
    tells whether it can; a site which is set up does not ask for so much.

    Raises:
        BackendError: It cannot be used as it is described.

    """
    backend = create_backend(hass, data)
    pool = BackendPool([Member(key="", name=data[CONF_BACKEND], backend=backend)])
    try:
        await pool.start()
        [health] = pool.health.backends
        if health.error is not None:
            # It is there, but too busy to show that it reads.
            raise health.error
    finally:
        await pool.stop()


async def async_backend_name(hass: HomeAssistant, kind: str) -> str:
    """Return what a backend of some kind is called if the user does not say."""
    if kind in BACKEND_NAMES:
        return BACKEND_NAMES[kind]
    texts = await async_get_translations(hass, hass.config.language, "config", {DOMAIN})
    return texts[_BUILT_IN_NAME]


@callback
def backends_of(entry: ConfigEntry) -> dict[str, Mapping[str, Any]]:
    """Return what is stored of the backends of a site, in their order.

    Returns:
        By key, which is the id of the entry for the first one, else that of the
        subentry.

    """
    further = entry.get_subentries_of_type(SUBENTRY_BACKEND)
    return {
        entry.entry_id: entry.data,
        **{subentry.subentry_id: subentry.data for subentry in further},
    }


async def async_create_members(hass: HomeAssistant, entry: ConfigEntry) -> list[Member]:
    """Make all backends of a site, the first one first."""
    return [
        Member(
            key=key,
            name=entry.subentries[key].title
            if key in entry.subentries
            else await async_backend_name(hass, data[CONF_BACKEND]),
            backend=create_backend(hass, data),
            metered=_is_metered(data),
        )
        for key, data in backends_of(entry).items()
    ]
