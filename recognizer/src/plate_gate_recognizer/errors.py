"""What can go wrong. No message ever holds a plate or a part of a picture."""


class RecognizerError(Exception):
    """Something that the recognizer can put into words for whoever runs it."""


class WeightsError(RecognizerError):
    """The weights of the networks are absent or not the ones that were measured."""


class PictureError(RecognizerError):
    """What was sent is no picture that can be read."""


class BusyError(RecognizerError):
    """Too many pictures wait already."""


class BenchError(RecognizerError):
    """The folder holds nothing that can be measured."""
