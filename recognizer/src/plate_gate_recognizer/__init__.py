"""Reads license plates in pictures, on this machine, and says so over HTTP.

The way of one picture, a file for each step: `picture` (bytes to pixels), `detector`
(where text may stand), `geometry` (cut it out upright), `reader` and `ctc` (which
characters), `ranking` (which of it looks like a plate), all of it led by `cascade`.
`worker`, `service` and `wire` put that on the network; `server` starts and ends it.
"""

from typing import Final

__version__: Final = "0.1.0"
