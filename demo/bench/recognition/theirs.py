"""rapidocr, as `accuracy` asks it: in a process and an environment of its own."""

from pathlib import Path
import time
from typing import Any

from demo.bench.process import peak

from .machine import versions
from .orders import follow
from .stock import Stock


class Theirs:
    """The pipeline."""

    def __init__(self) -> None:
        """Begin without it."""
        self._stock: Stock | None = None

    def load(self, threads: int) -> dict[str, Any]:
        """Load it, and run it once; return the seconds that took."""
        self._stock = Stock(threads)
        return {"load_s": self._stock.load_s} | versions()

    def read(self, file: str) -> dict[str, Any]:
        """Read a picture; see `ours`. The lines come in its own order."""
        assert self._stock is not None
        content = Path(file).read_bytes()
        begin = time.perf_counter()
        lines = self._stock.read(content)
        if lines is None:
            return {"lines": []}
        return {"ms": 1000 * (time.perf_counter() - begin), "lines": lines}

    def memory(self) -> dict[str, Any]:
        """Return the most memory that this process ever held, in MB."""
        return {"rss_mb": peak()}


if __name__ == "__main__":
    theirs = Theirs()
    follow({task.__name__: task for task in (theirs.load, theirs.read, theirs.memory)})
