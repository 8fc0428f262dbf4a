"""Stage 4: a decision becomes an open gate."""

from .assurance import asked, least_assurance
from .confirmation import Confirmations, PinCheck, PinThrottle, Request
from .gate import Gate, Opening
from .pin import check_pin, hash_pin
from .presence import PRESENCE_DOMAINS, async_watch_start, is_present
from .settings import GateSettings
from .target import GATE_DOMAINS

__all__ = [
    "GATE_DOMAINS",
    "PRESENCE_DOMAINS",
    "Confirmations",
    "Gate",
    "GateSettings",
    "Opening",
    "PinCheck",
    "PinThrottle",
    "Request",
    "asked",
    "async_watch_start",
    "check_pin",
    "hash_pin",
    "is_present",
    "least_assurance",
]
