"""The forms in which a backend is described."""

import re
from typing import Any, Final

from homeassistant.const import CONF_NAME, CONF_TOKEN, CONF_URL, CONF_VERIFY_SSL
from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .const import (
    BACKEND_BUILT_IN,
    BACKEND_CODEPROJECT,
    BACKEND_OMNI_LPR,
    BACKEND_OPENALPR,
    BACKEND_PLATE_RECOGNIZER,
    CONF_REGIONS,
)

type Fields = dict[vol.Marker, Any]

DEFAULT_URLS: Final = {
    BACKEND_CODEPROJECT: "http://localhost:32168",
    BACKEND_OMNI_LPR: "http://localhost:8000",
    BACKEND_PLATE_RECOGNIZER: "http://localhost:8080",
}
"""Where systems answer if they run beside Home Assistant and nobody has changed it."""

_PASSWORD = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
_NAME: Final[Fields] = {vol.Optional(CONF_NAME): TextSelector()}
_ADDRESS: Final[Fields] = {
    vol.Required(CONF_URL): TextSelector(
        TextSelectorConfig(type=TextSelectorType.URL, autocomplete="url")
    ),
    vol.Optional(CONF_TOKEN): _PASSWORD,
}
_REGIONS: Final[Fields] = {vol.Optional(CONF_REGIONS): TextSelector()}
_VERIFY_SSL: Final[Fields] = {
    vol.Required(CONF_VERIFY_SSL, default=True): BooleanSelector()
}

_PLAIN: Final[Fields] = {**_ADDRESS, **_VERIFY_SSL}
_REGIONAL: Final[Fields] = {**_ADDRESS, **_REGIONS, **_VERIFY_SSL}
_FIELDS: Final[dict[str, Fields]] = {
    BACKEND_BUILT_IN: {},
    BACKEND_CODEPROJECT: _PLAIN,
    BACKEND_OPENALPR: _REGIONAL,
    BACKEND_PLATE_RECOGNIZER: _REGIONAL,
    BACKEND_OMNI_LPR: _PLAIN,
}

FORMS: Final = {kind: vol.Schema(fields) for kind, fields in _FIELDS.items()}
"""Of the backend that a site begins with, by its kind."""

NAMED_FORMS: Final = {
    kind: vol.Schema({**_NAME, **fields}) for kind, fields in _FIELDS.items()
}
"""Of further backends, which are told from each other by name."""

TOKEN_SCHEMA = vol.Schema({vol.Required(CONF_TOKEN): _PASSWORD})
ACCESS_SCHEMA = vol.Schema({vol.Optional(CONF_TOKEN): _PASSWORD, **_VERIFY_SSL})
"""What is asked of a recognizer that has been found in the network."""

_REGION: Final = re.compile(r"[a-z]{2}[a-z0-9]{0,4}(-[a-z0-9]{1,4})?")


def read_regions(text: str) -> list[str] | None:
    """Read what is typed as regions, such as "de, US-ca".

    Returns:
        Their codes in lower case, each once; None if one of them cannot be a code.

    """
    codes = list(dict.fromkeys(text.lower().replace(",", " ").split()))
    return codes if all(_REGION.fullmatch(code) for code in codes) else None
