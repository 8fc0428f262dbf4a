"""Where simulated cameras are, and how they cut a connection off."""

import asyncio
import socket
import struct
from typing import Final

HOST: Final = "127.0.0.1"


def reset(transport: asyncio.WriteTransport) -> None:
    """Reset a connection, instead of closing it in good order."""
    if transport.is_closing():
        return
    sock: socket.socket = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
