"""Names and numbers that more than one module needs."""

from datetime import timedelta
from typing import Final

DOMAIN: Final = "plate_gate"

SUBENTRY_BACKEND: Final = "backend"
"""A further backend of a site; the first one is in the data of its entry."""
SUBENTRY_LANE: Final = "lane"

CONF_BACKEND: Final = "backend"
BACKEND_BUILT_IN: Final = "built_in"
BACKEND_CODEPROJECT: Final = "codeproject"
BACKEND_OMNI_LPR: Final = "omni_lpr"
BACKEND_OPENALPR: Final = "openalpr"
BACKEND_PLATE_RECOGNIZER: Final = "plate_recognizer"

CONF_REGIONS: Final = "regions"
"""Codes of countries or states whose plates a backend shall expect, such as "de"."""
CONF_STRATEGY: Final = "strategy"
"""Which backend of several is asked first."""

CONF_CAMERA_ENTITY: Final = "camera_entity"
CONF_DIRECTION: Final = "direction"
CONF_FPS: Final = "fps"
CONF_GATE_ENTITY: Final = "gate_entity"
CONF_TRANSPORT: Final = "transport"

CONF_EXCLUSIONS: Final = "exclusions"
CONF_REGION: Final = "region"
CONF_SENSITIVITY: Final = "sensitivity"
CONF_TRUST_STAMPS: Final = "trust_stamps"
CONF_TRIGGER_ENTITY: Final = "trigger_entity"
CONF_TRIGGER_SECONDS: Final = "trigger_seconds"

CONF_LOOK_ALIKES: Final = "look_alikes"

DIRECTIONS: Final = ("entry", "exit", "both")

SENSITIVITIES: Final = ("off", "low", "medium", "high")
"""Of the motion gate. "off": every picture counts as moving."""

PING_INTERVAL: Final = timedelta(seconds=30)
