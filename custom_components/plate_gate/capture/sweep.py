"""Collecting what connections leave behind."""

import gc
from itertools import count
from typing import Final

EVERY: Final = 40
"""Connections, of all cameras, until what they left behind is collected.

PyAV 19 makes a stream and its index refer to each other, which closing the container
does not undo. So each stream stays, with the decoder that PyAV made for it (50 kB for
H.264, 20 kB for H.265), until the garbage collector looks at its oldest objects, which in
a large process it seldom does. That stops all of Home Assistant for a fraction of a
second, so it is not done after each connection.
"""

_connections = count(1)
"""Not in a reader: a camera that is reached by its entity has a new one each time."""


def sweep() -> None:
    """Note the end of a connection, and collect the streams of the last ones if due."""
    if next(_connections) % EVERY == 0:
        gc.collect()
