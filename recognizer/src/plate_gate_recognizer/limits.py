"""How much the service takes at a time, unless it is told otherwise."""

from typing import Final

BODY_MAX: Final = 16 * 1024 * 1024
"""Bytes of a request; a JPEG of 36 megapixels has about 12 million."""
CONNECTIONS_MAX: Final = 64
WAITING_MAX: Final = 4
"""Pictures that may wait. A lane sends its next one when it has the last answer, so
this suffices for five lanes; older pictures than that are worth nothing at a gate."""
