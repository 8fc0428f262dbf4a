"""A port that swallows whoever connects to it."""

import contextlib
import socket
from typing import Final, Self

from .loopback import HOST

_PATIENCE: Final = 0.2
"""Seconds; on loopback, a connection that takes longer is not made."""

_MOST: Final = 8
"""More waiting connections than any system keeps for a server that wants none."""


class BlackHole:
    """A port of loopback at which nobody ever answers, nor refuses.

    So it is with a camera that was unplugged, behind a router that does not tell. A
    server does the same on Linux once it has no place left for those who wait.
    """

    def __init__(self, port: int) -> None:
        """Prepare.

        Args:
            port: One that is free.

        """
        self._port = port
        self._open: list[socket.socket] = []

    def __enter__(self) -> Self:
        """Swallow whoever comes from now on.

        Raises:
            OSError: The port is taken, or this system refuses in such a case.

        """
        server = socket.socket()
        self._open.append(server)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((HOST, self._port))
        server.listen(0)
        for _ in range(_MOST):
            client = socket.socket()
            self._open.append(client)
            client.settimeout(_PATIENCE)
            try:
                client.connect((HOST, self._port))
            except TimeoutError:
                return self
        self.__exit__()
        raise OSError("This system makes every connection")

    def __exit__(self, *exc_info: object) -> None:
        """Free the port."""
        while self._open:
            with contextlib.suppress(OSError):
                self._open.pop().close()
