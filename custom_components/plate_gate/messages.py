"""Which text of the translations tells of which error."""

from typing import Final

from .errors import (
    AllowlistDamagedError,
    AllowlistNotSavedError,
    BackendAuthError,
    BackendError,
    BackendProtocolError,
    BackendRateLimitedError,
    BackendRejectedError,
    BackendTimeoutError,
    BackendUnavailableError,
    CameraAddressError,
    CameraAuthError,
    CameraError,
    CameraFrozenError,
    CameraLateError,
    CameraPictureError,
    CameraUnreachableError,
    GateMissingError,
    GateUnavailableError,
    LabelInvalidError,
    LabelListedError,
    LabelShowsPlateError,
    PlateGateError,
    PlateInvalidError,
    PlateListedError,
    RegionError,
    ValidityError,
    VehicleUnknownError,
)

_KEYS: Final[dict[type[PlateGateError], str]] = {
    AllowlistDamagedError: "allowlist_damaged",
    AllowlistNotSavedError: "not_saved",
    BackendAuthError: "backend_auth",
    BackendError: "backend_unavailable",
    BackendProtocolError: "backend_protocol",
    BackendRateLimitedError: "backend_rate_limited",
    BackendRejectedError: "backend_rejected",
    BackendTimeoutError: "backend_slow",
    BackendUnavailableError: "backend_unavailable",
    CameraAddressError: "camera_address",
    CameraAuthError: "camera_auth",
    CameraError: "camera_unreachable",
    CameraFrozenError: "camera_frozen",
    CameraLateError: "camera_late",
    CameraPictureError: "camera_picture",
    CameraUnreachableError: "camera_unreachable",
    GateMissingError: "gate_missing",
    GateUnavailableError: "gate_unavailable",
    LabelInvalidError: "label_invalid",
    LabelListedError: "label_listed",
    LabelShowsPlateError: "label_shows_plate",
    PlateGateError: "unknown",
    PlateInvalidError: "plate_invalid",
    PlateListedError: "plate_listed",
    RegionError: "region_invalid",
    ValidityError: "validity",
    VehicleUnknownError: "vehicle_unknown",
}


def error_key(error: PlateGateError) -> str:
    """Return the key, in `errors`, `exceptions` and `issues`, of an error's text."""
    return next(_KEYS[kind] for kind in type(error).__mro__ if kind in _KEYS)
