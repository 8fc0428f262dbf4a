"""What can go wrong. No message ever holds a plate or a part of a picture."""


class RecognizerError(Exception):
    """Something that the recognizer can put into words for whoever runs it."""


class WeightsError(RecognizerError):
    """The weights of the networks are absent or not the ones that were measured."""


class PictureError(RecognizerError):
    """What was sent is no picture that can be read."""


class DeviceError(RecognizerError):
    """The networks do not run on an accelerator."""


class BusyError(RecognizerError):
    """The picture is not read, because others come first.

    Attributes:
        retry_after: Whole seconds after which it is worth trying again, at least 1.

    """

    def __init__(self, message: str, retry_after: int = 1) -> None:
        """Take the reason and the advice."""
        super().__init__(message)
        self.retry_after = retry_after


class ReplacedError(BusyError):
    """A newer picture of the same camera has come, so this one is not worth reading."""


class StoppingError(BusyError):
    """The recognizer is about to end."""


class StuckError(RecognizerError):
    """Reading hangs, so there is no telling when it is worth trying again."""


class ConfigurationError(RecognizerError):
    """What the command line or a file that it names says cannot be done."""


class BenchError(RecognizerError):
    """The folder holds nothing that can be measured."""
