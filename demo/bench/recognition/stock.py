"""rapidocr's stock pipeline, in its own environment.

As it comes: detection with the short side brought to 736 pixels, its classifier of
upside-down lines, recognition, everything by default and with the weights of its wheel. Only
the number of threads is set, to that of ours, and that it keeps quiet. The picture is
decoded by OpenCV, as ours is.
"""

from importlib import import_module
import time
from typing import Any, Final

import cv2
import numpy as np

type Line = tuple[str, float, list[float]]
"""Text as it was read, confidence from 0 to 1, place (x_min, y_min, x_max, y_max)."""

_SOME_TEXT: Final = "AB12CDE"


class Stock:
    """The pipeline."""

    def __init__(self, threads: int) -> None:
        """Load it, and run it once on a drawn text, since it loads on demand.

        Args:
            threads: How many threads a picture may use.

        """
        # By name: it is installed only where this runs.
        rapidocr = import_module("rapidocr")
        begin = time.perf_counter()
        cv2.setNumThreads(threads)
        self._read: Any = rapidocr.RapidOCR(
            params={
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
                "Global.log_level": "critical",
            }
        )
        drawn = np.full((540, 960, 3), 128, np.uint8)
        black = (0, 0, 0)
        cv2.putText(
            drawn, _SOME_TEXT, (300, 300), cv2.FONT_HERSHEY_SIMPLEX, 3, black, 8
        )
        assert self._read(drawn).txts, "rapidocr reads nothing at all"
        self.load_s: Final = time.perf_counter() - begin

    def read(self, content: bytes) -> list[Line] | None:
        """Read a JPEG or PNG file; None if it cannot be decoded."""
        picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
        if picture is None:
            return None
        found = self._read(picture)
        if found.boxes is None or found.txts is None:
            return []
        return [
            (text, float(score), [*map(float, quad.min(0)), *map(float, quad.max(0))])
            for text, score, quad in zip(
                found.txts, found.scores, found.boxes, strict=True
            )
        ]
