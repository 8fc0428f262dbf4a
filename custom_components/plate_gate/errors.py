"""What can go wrong, as one short tree.

The texts are fixed: an error never carries a plate, a password or an address, because
an exception may be logged by anyone.
"""


class PlateGateError(Exception):
    """Anything that Plate Gate raises on purpose."""


class CameraError(PlateGateError):
    """The camera gives no usable picture."""


class CameraAddressError(CameraError, ValueError):
    """What was typed is no address of a camera."""


class CameraUnreachableError(CameraError):
    """The camera refuses, does not answer, or went away."""


class CameraAuthError(CameraError):
    """The camera refuses the user name or the password."""


class CameraPictureError(CameraError):
    """The camera answers, but with nothing that is a picture."""


class CameraFrozenError(CameraPictureError):
    """The camera goes on sending, but always the same picture."""


class CameraLateError(CameraUnreachableError):
    """The pictures of the camera arrive too late to be of use."""


class RegionError(PlateGateError, ValueError):
    """What was typed is no region of a picture."""


class BackendError(PlateGateError):
    """The recognizer gives no usable answer."""


class BackendUnavailableError(BackendError):
    """The recognizer refuses, does not answer in time, or is overloaded."""


class BackendTimeoutError(BackendUnavailableError):
    """The recognizer does not answer in time; it may hang."""


class BackendRateLimitedError(BackendUnavailableError):
    """The recognizer is well, but takes no more pictures for now.

    Attributes:
        retry_after: Seconds that it asks to be left alone; None if it does not say.

    """

    def __init__(self, message: str = "", *, retry_after: float | None = None) -> None:
        """Take what it said.

        Args:
            message: Fixed words; nothing of the answer.
            retry_after: Seconds, at least 0.

        """
        super().__init__(message)
        self.retry_after = retry_after


class BackendAuthError(BackendError):
    """The recognizer refuses the token."""


class BackendRejectedError(BackendError):
    """The recognizer understood the request and could not fulfill it."""


class BackendProtocolError(BackendError):
    """The answer is not what a recognizer says; most often a wrong address."""


class GateError(PlateGateError):
    """The gate was not opened."""


class GateMissingError(GateError):
    """The entity that opens the gate does not exist."""


class GateUnavailableError(GateError):
    """The entity that opens the gate is there, but cannot be used now."""


class GateNotMovingError(GateError):
    """The gate was told to open, once more after a while, and did not move."""


class GateInterlockedError(GateError):
    """The gate may not be opened by a plate now.

    Attributes:
        reasons: Why, as members of `models.Reason`.

    """

    def __init__(self, reasons: tuple[str, ...] = ()) -> None:
        """Take why."""
        super().__init__()
        self.reasons = reasons


class ConfirmationError(PlateGateError):
    """What somebody said yes to was not opened."""


class ConfirmationGoneError(ConfirmationError):
    """Nothing waits for this any more: too late, answered, or the vehicle has left."""


class PinWrongError(ConfirmationError):
    """This is not the PIN."""


class PinLockedError(ConfirmationError):
    """There were too many wrong PINs; none is looked at for a while."""


class PinInvalidError(ConfirmationError, ValueError):
    """This cannot be a PIN."""


class LedgerDamagedError(PlateGateError):
    """What was counted of listed vehicles cannot be understood; it is left untouched."""


class AllowlistError(PlateGateError):
    """The allowlist does not accept a change."""


class PlateInvalidError(AllowlistError):
    """The text cannot be a plate."""


class PlateListedError(AllowlistError):
    """The plate is on the list already."""


class LabelListedError(AllowlistError):
    """The label is on the list already."""


class VehicleUnknownError(AllowlistError):
    """No vehicle of the list has this id or label."""


class ValidityError(AllowlistError):
    """The validity ends before it begins, or its times have no time zone."""


class ScheduleError(AllowlistError, ValueError):
    """What was typed is no schedule."""


class AllowlistDamagedError(AllowlistError):
    """The stored allowlist cannot be understood, and is left untouched."""


class AllowlistNotSavedError(AllowlistError):
    """A change could not be written, so it was not made."""


class LabelInvalidError(AllowlistError):
    """The label is empty or too long."""


class LabelShowsPlateError(AllowlistError):
    """The label shows the plate, and labels are shown to everybody."""


class RecordsError(PlateGateError):
    """What is kept cannot be used, or may not."""


class VaultLockedError(RecordsError):
    """The passphrase has to be typed first."""


class KeyMissingError(RecordsError):
    """The key is not where it should be; what is sealed with it is left untouched."""


class KeyWrongError(RecordsError):
    """This passphrase, recovery code or key file does not open what is kept."""


class StoreDamagedError(RecordsError):
    """What is kept does not fit its seal; it is left untouched."""


class StoreRolledBackError(StoreDamagedError):
    """What is kept is intact, and older or newer than what was kept last."""


class StoreNotSavedError(RecordsError):
    """A change could not be written, so it was not made."""


class NotLoggedError(RecordsError):
    """What cannot be written into the audit log is not done."""


class HeldError(RecordsError):
    """What shall be erased has to be kept for now."""


class ListFileError(RecordsError, ValueError):
    """The file is no list of vehicles."""
