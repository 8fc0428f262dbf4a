"""A backend as a site knows it: with a name, and with what it costs."""

from dataclasses import dataclass

from .backend import RecognitionBackend


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A backend in a pool."""

    key: str
    """Tells it from the others; it means nothing."""
    name: str
    """What the user calls it."""
    backend: RecognitionBackend
    metered: bool = False
    """Whether each reading is paid for, so that none is spent on probing."""
