"""What cameras suffer from in the soak: how it begins, how it ends, how it shows."""

from dataclasses import dataclass, replace
from typing import Any, Final, Literal

type Orders = tuple[dict[str, Any], ...]
"""What `cameras` is told."""

type Sign = Literal["lost", "corrupt", "late", "perhaps"]
"""How a fault is noticed: the camera is lost, or pictures count as damaged or late. Some
need not be noticed: between two single pictures, a new connection is no loss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that happens to a camera, and passes."""

    name: str
    begin: Orders
    end: Orders = ()
    seconds: tuple[float, float] = (0.0, 0.0)
    """How long it lasts: at least and at most. Long enough to be noticed meanwhile."""
    patience: float = 0.0
    """Seconds that it goes on for, beyond that, as long as nobody notices."""
    sign: Sign = "lost"


def _set(**attributes: object) -> dict[str, Any]:
    return {"do": "set", "attributes": attributes}


_KICK: Final = {"do": "kick"}

_RESET: Final = Fault(name="reset", begin=(_KICK,))
_END: Final = Fault(name="silent end", begin=({"do": "hang up"},))
_STUCK: Final = Fault(
    name="frozen picture",
    begin=({"do": "stick", "on": True},),
    end=({"do": "stick", "on": False},),
    seconds=(1.0, 3.0),
    patience=60.0,
)
_ANY: Final = (
    Fault(
        name="freeze, TCP open",
        begin=(_set(freeze=True),),
        end=(_set(freeze=False),),
        seconds=(6.5, 9.0),
    ),
    Fault(
        name="refused, same port again",
        begin=({"do": "stop"},),
        end=({"do": "start"},),
        seconds=(2.0, 8.0),
    ),
    Fault(
        name="black hole",
        begin=({"do": "stop"}, {"do": "swallow"}),
        end=({"do": "spit out"}, {"do": "start"}),
        # Connecting is given up after five seconds, and tried anew before.
        seconds=(6.0, 9.0),
    ),
    Fault(
        name="wrong password",
        begin=({"do": "password", "right": False}, _KICK),
        end=({"do": "password", "right": True},),
        seconds=(3.0, 8.0),
    ),
)

RTSP: Final = (
    _RESET,
    _END,
    *_ANY,
    Fault(
        name="never answers",
        begin=(_set(mute=True), _KICK),
        end=(_set(mute=False),),
        seconds=(2.0, 8.0),
    ),
    Fault(
        name="never describes",
        begin=(_set(stall_describe=True), _KICK),
        end=(_set(stall_describe=False),),
        seconds=(2.0, 8.0),
    ),
    Fault(
        name="corrupt slices",
        begin=(_set(corrupt=0.4),),
        end=(_set(corrupt=0.0),),
        seconds=(3.0, 6.0),
        sign="corrupt",
    ),
    Fault(name="resolution change", begin=({"do": "resize"}, _KICK)),
    Fault(
        name="late burst",
        begin=(_set(hold=True),),
        end=(_set(hold=False),),
        # Shorter than the time after which the camera counts as lost.
        seconds=(2.6, 3.2),
        sign="late",
    ),
    _STUCK,
)
"""What RTSP cameras suffer from."""

HTTP: Final = (
    replace(_RESET, sign="perhaps"),
    replace(_END, sign="perhaps"),
    *_ANY,
    Fault(
        name="HTTP error",
        begin=(_set(status=503), _KICK),
        end=(_set(status=None),),
        seconds=(2.0, 8.0),
    ),
    Fault(
        name="cut-off pictures",
        begin=(_set(truncate=True),),
        end=(_set(truncate=False),),
        seconds=(3.0, 6.0),
        sign="corrupt",
    ),
    Fault(
        name="garbage for pictures",
        begin=(_set(garbage=True),),
        end=(_set(garbage=False),),
        seconds=(3.0, 6.0),
        sign="corrupt",
    ),
    Fault(
        name="giant pictures",
        begin=(_set(giant=True),),
        end=(_set(giant=False),),
        seconds=(3.0, 6.0),
        sign="corrupt",
    ),
    replace(_STUCK, patience=20.0),
)
"""What HTTP cameras suffer from."""
