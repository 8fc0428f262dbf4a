"""Simulated cameras, for the demo and for the tests.

They are real servers on loopback, so what they test is the real code; and they break on
request, the way that cameras do.
"""

from .auth import Guard
from .black_hole import BlackHole
from .clip import Clip, ClipError, Packet
from .http import HttpCamera
from .rtsp import RtspCamera

__all__ = [
    "BlackHole",
    "Clip",
    "ClipError",
    "Guard",
    "HttpCamera",
    "Packet",
    "RtspCamera",
]
