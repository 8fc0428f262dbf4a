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
CONF_ANTI_PASSBACK: Final = "anti_passback"
"""Whether a vehicle that came in has to go out before it comes in again."""
CONF_OCCUPANCY: Final = "occupancy"
"""How many listed vehicles may be inside."""

CONF_PROFILE: Final = "profile"
"""How much evidence a lane asks for."""
CONF_AGREEING_FRAMES: Final = "agreeing_frames"
CONF_MINIMUM_CONFIDENCE: Final = "minimum_confidence"
CONF_RELATIVE: Final = "relative"
CONF_SINGLE_FRAME: Final = "single_frame"
"""The numbers of a profile of one's own; see `decision.Policy`."""

CONF_MOVEMENT: Final = "movement"
"""How a vehicle has to move to be let in."""
CONF_TRIAL: Final = "trial"
"""Whether the lane decides everything and opens nothing."""
CONF_ASSURANCE: Final = "assurance"
"""What it takes besides the plate."""
CONF_ASSURANCE_REASON: Final = "assurance_reason"
"""Why a plate alone may open a lock, a garage or a house."""
CONF_PRESENCE: Final = "presence"
"""Entities that tell that somebody of the household is here, for every vehicle."""

CONF_CONFIRM_ENTITY: Final = "confirm_entity"
"""A sensor that is on while the gate is open."""
CONF_CONFIRM_SECONDS: Final = "confirm_seconds"
CONF_COOL_DOWN: Final = "cool_down"
CONF_VEHICLE_COOL_DOWN: Final = "vehicle_cool_down"
CONF_PER_MINUTE: Final = "per_minute"
CONF_STAYS_CLOSED: Final = "stays_closed"
"""Entities which, while they are active, keep Plate Gate from opening."""
CONF_OPENS_WHEN: Final = "opens_when"
"""Entities that open the gate when they become active, such as a fire alarm."""
CONF_HOLD_OPEN: Final = "hold_open"
CONF_CLOSE_AFTER: Final = "close_after"
CONF_OBSTRUCTION_ENTITY: Final = "obstruction_entity"

DIRECTIONS: Final = ("entry", "exit", "both")

MOVEMENTS: Final = ("any", "approaching", "receding")

SENSITIVITIES: Final = ("off", "low", "medium", "high")
"""Of the motion gate. "off": every picture counts as moving."""

PING_INTERVAL: Final = timedelta(seconds=30)
