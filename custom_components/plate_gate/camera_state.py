"""What a camera is doing, in one word."""

from enum import StrEnum
from typing import Final

from .capture import CameraStatus
from .errors import (
    CameraAuthError,
    CameraError,
    CameraFrozenError,
    CameraLateError,
    CameraPictureError,
)


class CameraState(StrEnum):
    """What a camera is doing. The values are translation keys."""

    STREAMING = "streaming"
    WAITING = "waiting"
    CONNECTING = "connecting"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    NO_PICTURE = "no_picture"
    FROZEN = "frozen"
    LATE = "late"


_FAULTS: Final[tuple[tuple[type[CameraError], CameraState], ...]] = (
    # The special ones before those that they are a kind of.
    (CameraAuthError, CameraState.REFUSED),
    (CameraFrozenError, CameraState.FROZEN),
    (CameraLateError, CameraState.LATE),
    (CameraPictureError, CameraState.NO_PICTURE),
    (CameraError, CameraState.UNREACHABLE),
)


def camera_state(status: CameraStatus) -> CameraState:
    """Say what a camera is doing."""
    if status.waiting:
        return CameraState.WAITING
    if status.connected:
        return CameraState.STREAMING
    return next(
        (state for kind, state in _FAULTS if isinstance(status.error, kind)),
        CameraState.CONNECTING,
    )
