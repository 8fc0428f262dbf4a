"""What can go wrong with the demo itself."""


class DemoError(Exception):
    """The demo cannot go on.

    The text is shown as it is, so it names no plate, password or stream address.
    """
