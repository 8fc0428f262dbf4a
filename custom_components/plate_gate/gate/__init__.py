"""Stage 4: a decision becomes an open gate."""

from .gate import Gate
from .target import GATE_DOMAINS

__all__ = ["GATE_DOMAINS", "Gate"]
