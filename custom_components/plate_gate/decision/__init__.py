"""Stage 3: reads and the list in, decisions out.

Nothing here does any I/O or looks at a clock, and nothing remembers a read for longer
than its vehicle is there. What was told of listed vehicles is remembered a little longer
where the camera has not seen them leave.
"""

from .decide import decide
from .decider import Decider
from .policy import Policy, Profile
from .rules import Rules, SiteRules, Usage
from .schedule import format_schedule, next_change, next_start, parse_schedule, within
from .similar import similar_plates
from .vehicles import VehicleIndex

__all__ = [
    "Decider",
    "Policy",
    "Profile",
    "Rules",
    "SiteRules",
    "Usage",
    "VehicleIndex",
    "decide",
    "format_schedule",
    "next_change",
    "next_start",
    "parse_schedule",
    "similar_plates",
    "within",
]
