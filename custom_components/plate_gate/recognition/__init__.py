"""Stage 2: from a frame to the plates in it, by asking a recognition backend."""

from .backend import Backend, BackendInfo
from .builtin import BuiltInBackend, built_in_available
from .codeproject import CodeProjectBackend

__all__ = [
    "Backend",
    "BackendInfo",
    "BuiltInBackend",
    "CodeProjectBackend",
    "built_in_available",
]
