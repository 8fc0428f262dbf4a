"""Reads license plates in pictures, on this machine, and says so over HTTP.

The way of one picture, a file for each step: `picture` (bytes to pixels), `detector`
(where text may stand), `geometry` (cut it out upright), `reader` and `ctc` (which
characters), `captions` (what is a clock), `joining` (two lines, one plate), `ranking`
(which of it looks like a plate), `formats` and `respell` (O or 0), all of it led by
`cascade`.
On the network: `uploads` (request to picture), `waiting` and `worker` (whose turn it
is), `wire` and `openalpr` (the answer), all of it led by `service`; `server` starts and
ends it.
"""

import os
from typing import Final

# From 1.29 on, ONNX Runtime sends usage data to its maker unless this is set before it
# is loaded (its Privacy.md); whoever imports any part of this package comes by here.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__version__: Final = "0.1.0"
