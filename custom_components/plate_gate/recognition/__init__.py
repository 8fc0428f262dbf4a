"""Stage 2: from a frame to the plates in it, by asking a recognition backend."""

from .backend import BackendInfo, RecognitionBackend
from .builtin import BuiltInBackend, built_in_available
from .codeproject import CodeProjectBackend
from .health import BackendHealth, BackendState, PoolHealth
from .member import Member
from .omni_lpr import OmniLprBackend
from .openalpr import OpenAlprBackend
from .plate_recognizer import PlateRecognizerBackend
from .pool import BackendPool, Strategy

__all__ = [
    "BackendHealth",
    "BackendInfo",
    "BackendPool",
    "BackendState",
    "BuiltInBackend",
    "CodeProjectBackend",
    "Member",
    "OmniLprBackend",
    "OpenAlprBackend",
    "PlateRecognizerBackend",
    "PoolHealth",
    "RecognitionBackend",
    "Strategy",
    "built_in_available",
]
