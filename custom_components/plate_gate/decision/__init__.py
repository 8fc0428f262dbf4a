"""Stage 3: reads and the list in, decisions out.

Nothing here does any I/O or looks at a clock, and nothing remembers a read for longer
than its vehicle is there.
"""

from .decide import decide
from .decider import Decider
from .policy import Policy
from .vehicles import VehicleIndex

__all__ = ["Decider", "Policy", "VehicleIndex", "decide"]
