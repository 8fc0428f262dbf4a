"""The faults of cameras, one row each: what happens, and what is to be shown then."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, override

from custom_components.plate_gate.camera_state import CameraState

from . import acts, show
from .acts import Fault
from .rig import Kind, Rig

STREAMS: Final[tuple[Kind, ...]] = ("rtsp", "mjpeg")
HTTP: Final[tuple[Kind, ...]] = ("mjpeg", "snapshot")
ALL: Final[tuple[Kind, ...]] = ("rtsp", "mjpeg", "snapshot")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One fault.

    It lasts until it is noticed, and at least as long as the row says.
    """

    name: str
    kinds: tuple[Kind, ...]
    """The ways of reading a camera for which it is tried."""
    fault: Fault
    from_start: bool = False
    """Whether it is there before the camera is read."""
    shows: CameraState | None = None
    """What is to be shown; None for what does not end the stream."""
    sign: Callable[[Rig], bool] | None = None
    """How such a thing is noticed; None if all goes on as if nothing had happened."""
    seconds: float = 0.0
    reconnects: int = 0
    """How many attempts to connect it outlasts; then it also lasts as long as the
    patience says that cameras are gone."""
    trust_stamps: bool = True
    """As the camera is set up."""
    looks_quiet: bool = False
    """Whether it looks as if nothing happened in view of the camera, so that before it
    is noticed nobody can tell that the pictures are old."""
    stalls: bool = False
    """Whether it is about what arrives just before the capture loses its patience, so
    that this must not be shortened."""


class Case(NamedTuple):
    """A fault of a camera that is read in one way."""

    row: Row
    kind: Kind

    @override
    def __str__(self) -> str:
        """Name it."""
        return f"{self.kind}: {self.row.name}"


def _goes_on(rig: Rig) -> bool:
    """Tell whether frames still come when they would be too late by their stamps."""
    if not rig.judge.put:
        return False
    first, last = rig.judge.put[0].at, rig.judge.put[-1].at
    patience = rig.patience
    return (last - first) * (1 - patience.stamp_rate) > 1.2 * patience.max_age


def _has_grown(rig: Rig) -> bool:
    return any(handed.width == show.LARGER[0] for handed in rig.judge.put)


ROWS: Final = (
    Row(
        name="refused, nobody listens",
        kinds=ALL,
        fault=acts.gone,
        from_start=True,
        shows=CameraState.UNREACHABLE,
    ),
    Row(
        name="black hole, no answer to TCP",
        kinds=ALL,
        fault=acts.black_hole,
        from_start=True,
        shows=CameraState.UNREACHABLE,
    ),
    Row(
        name="black hole, connects and says nothing",
        kinds=ALL,
        fault=acts.mute,
        from_start=True,
        shows=CameraState.UNREACHABLE,
    ),
    Row(
        name="wrong password",
        kinds=ALL,
        fault=acts.other_password,
        shows=CameraState.REFUSED,
    ),
    Row(
        name="forbidden (403)",
        kinds=ALL,
        fault=acts.forbidden,
        shows=CameraState.REFUSED,
    ),
    Row(
        name="reset (RST)",
        kinds=STREAMS,
        fault=acts.reset,
        shows=CameraState.UNREACHABLE,
    ),
    # Between two single pictures, a new connection is no loss.
    Row(name="reset (RST)", kinds=("snapshot",), fault=acts.reset),
    Row(
        name="silent end (FIN)",
        kinds=STREAMS,
        fault=acts.silent_end,
        shows=CameraState.UNREACHABLE,
    ),
    Row(
        name="freeze with TCP open",
        kinds=ALL,
        fault=acts.changed(freeze=True),
        shows=CameraState.UNREACHABLE,
    ),
    Row(
        name="frozen picture, frames flow",
        kinds=("rtsp",),
        fault=acts.hanging_sensor,
        shows=CameraState.FROZEN,
        looks_quiet=True,
    ),
    Row(
        name="frozen picture, frames flow",
        kinds=HTTP,
        fault=acts.hanging_sensor,
        shows=CameraState.FROZEN,
    ),
    Row(
        name="corrupt slices",
        kinds=("rtsp",),
        fault=acts.changed(corrupt=0.5),
        sign=lambda rig: rig.status.corrupt > 0,
    ),
    Row(
        name="resolution change",
        kinds=("rtsp",),
        fault=acts.growing,
        from_start=True,
        sign=_has_grown,
    ),
    Row(
        name="gone for a while, same port",
        kinds=("rtsp", "mjpeg", "snapshot"),
        fault=acts.gone,
        shows=CameraState.UNREACHABLE,
        reconnects=3,
    ),
    Row(
        name="address change",
        kinds=("entity",),
        fault=acts.moving,
        shows=CameraState.UNREACHABLE,
    ),
    Row(
        name="truncated JPEG",
        kinds=HTTP,
        fault=acts.changed(truncate=True),
        shows=CameraState.NO_PICTURE,
    ),
    Row(
        name="no Content-Length",
        kinds=("mjpeg",),
        fault=acts.changed(content_length=False),
        from_start=True,
        seconds=1.0,
    ),
    Row(
        name="stalled network, then a burst",
        kinds=ALL,
        fault=acts.changed(hold=True),
        seconds=2.5,
        stalls=True,
    ),
    Row(
        name="stalled for longer, then a burst",
        kinds=("rtsp",),
        fault=acts.changed(hold=True),
        shows=CameraState.UNREACHABLE,
        stalls=True,
    ),
    Row(
        name="each answer takes 2.5 s",
        kinds=("snapshot",),
        fault=acts.changed(delay=2.5),
        shows=CameraState.LATE,
        stalls=True,
    ),
    Row(
        name="backlog of 5 s at connect",
        kinds=("rtsp",),
        fault=acts.changed(backlog=5.0),
        from_start=True,
        sign=lambda rig: rig.status.late > 0,
    ),
    Row(
        name="stamps of 25 fps on 12",
        kinds=("rtsp",),
        fault=acts.wrong_stamps,
        from_start=True,
        shows=CameraState.LATE,
    ),
    Row(
        name="the same, stamps not trusted",
        kinds=("rtsp",),
        fault=acts.wrong_stamps,
        from_start=True,
        sign=_goes_on,
        trust_stamps=False,
    ),
)


def cases() -> Iterator[Case]:
    """Yield every fault for every way of reading a camera."""
    for row in ROWS:
        for kind in row.kinds:
            yield Case(row, kind)
