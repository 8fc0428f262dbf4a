"""Plate Gate's recognizer, as `accuracy` asks it: in a process of its own."""

from pathlib import Path
import time
from typing import Any

from plate_gate_recognizer.bench import peak_memory
from plate_gate_recognizer.cascade import Cascade
from plate_gate_recognizer.errors import PictureError
from plate_gate_recognizer.picture import decode

from .machine import versions
from .orders import follow


class Ours:
    """The recognizer."""

    def __init__(self) -> None:
        """Begin without it."""
        self._cascade: Cascade | None = None

    def load(self, threads: int) -> dict[str, Any]:
        """Load it, and run it once; return the seconds that took."""
        begin = time.perf_counter()
        self._cascade = Cascade.load(threads)
        return {"load_s": time.perf_counter() - begin} | versions()

    def read(self, file: str) -> dict[str, Any]:
        """Read a picture.

        Returns:
            `lines`: text, confidence and place (x_min, y_min, x_max, y_max) of each
            read, the likeliest first; `ms` from the content of the file to the reads.
            No `ms` if it cannot be decoded.

        """
        assert self._cascade is not None
        content = Path(file).read_bytes()
        begin = time.perf_counter()
        try:
            reads = self._cascade.read(decode(content))
        except PictureError:
            return {"lines": []}
        ms = 1000 * (time.perf_counter() - begin)
        return {"ms": ms, "lines": [(r.text, r.confidence, list(r.box)) for r in reads]}

    def memory(self) -> dict[str, Any]:
        """Return the most memory that this process ever held, in MB."""
        return {"rss_mb": peak_memory()}


if __name__ == "__main__":
    ours = Ours()
    follow({task.__name__: task for task in (ours.load, ours.read, ours.memory)})
