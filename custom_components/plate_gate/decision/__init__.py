"""Stage 3: reads and the list in, decisions out.

Nothing here does any I/O or looks at a clock, and nothing remembers a read for longer
than its vehicle is there. What was told of listed vehicles is remembered a little longer
where the camera has not seen them leave.
"""

from .decide import decide
from .decider import Decider
from .policy import Policy
from .vehicles import VehicleIndex

__all__ = ["Decider", "Policy", "VehicleIndex", "decide"]
