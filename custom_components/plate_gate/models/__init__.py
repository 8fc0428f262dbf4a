"""The vocabulary: what the stages hand to one another.

Everything here is frozen, knows nothing of Home Assistant, and says nothing of a plate
unless it is asked to with `Plate.reveal`.
"""

from .decision import Decision, Direction, Movement, Outcome, Passage, Reason
from .picture import ALPHABET, BLANK, Box, Characters, Frame, PlateRead
from .plate import PLATE_MAX, PLATE_MIN, Plate
from .vehicle import Access, Assurance, Period, Vehicle

__all__ = [
    "ALPHABET",
    "BLANK",
    "PLATE_MAX",
    "PLATE_MIN",
    "Access",
    "Assurance",
    "Box",
    "Characters",
    "Decision",
    "Direction",
    "Frame",
    "Movement",
    "Outcome",
    "Passage",
    "Period",
    "Plate",
    "PlateRead",
    "Reason",
    "Vehicle",
]
