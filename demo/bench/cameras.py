"""Simulated RTSP cameras in a process of their own.

Orders, one JSON object per line: ``{"do": "open", "name", "film", "drop_after"}`` is
answered with the address, ``{"do": "taken", "name"}`` with the pictures that were taken
since the last time, in the order of sending, and ``{"do": "close", "name"}`` ends it.
"""

import json
import logging
import sys
from typing import Any

from demo.cameras import Clip, RtspCamera

from .journal import Journal


def main() -> None:
    """Follow orders until there are no more."""
    # It tells of every client that leaves in the middle of a picture.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    cameras: dict[str, RtspCamera] = {}
    journals: dict[str, Journal] = {}
    for line in sys.stdin:
        order = json.loads(line)
        name = order["name"]
        answer: Any = None
        match order["do"]:
            case "open":
                camera = RtspCamera(Clip.from_file(order["film"]))
                camera.taken = journals[name] = Journal()
                camera.drop_after = order.get("drop_after")
                cameras[name] = camera.start()
                answer = camera.url()
            case "taken":
                answer = journals[name].take()
            case "close":
                cameras.pop(name).stop()
                del journals[name]
        print(json.dumps(answer), flush=True)
    for camera in cameras.values():
        camera.stop()


if __name__ == "__main__":
    main()
