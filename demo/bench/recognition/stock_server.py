"""rapidocr behind HTTP, in the way that one writes it in an afternoon.

A stand-in for what people run: it takes every picture, and one thread reads them in the
order in which they came, however many wait. It speaks like CodeProject.AI, so that the
same client asks it.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
import json
import re
import sys
from typing import Any, Final

from aiohttp import web

from .machine import versions
from .stock import Line, Stock

_BODY_MAX: Final = 16 * 1024 * 1024
_OTHERS: Final = re.compile(r"[^A-Z0-9]")


class StockService:
    """Answers requests."""

    def __init__(self, stock: Stock) -> None:
        """Begin to wait for pictures."""
        self._stock = stock
        self._executor = ThreadPoolExecutor(1)

    async def read(self, request: web.Request) -> web.Response:
        """Read the picture in a form."""
        form = await request.post()
        file = next(part for part in form.values() if isinstance(part, web.FileField))
        lines = await asyncio.get_running_loop().run_in_executor(
            self._executor, self._stock.read, file.file.read()
        )
        if lines is None:
            return web.json_response({"success": False, "code": 500})
        predictions = [one for line in lines if (one := _prediction(line)) is not None]
        return web.json_response({"success": True, "predictions": predictions})

    def close(self) -> None:
        """Drop what waits."""
        self._executor.shutdown(cancel_futures=True)


def _prediction(line: Line) -> dict[str, Any] | None:
    """Return a line as CodeProject.AI tells of a plate; None if it can be none."""
    text, confidence, (x_min, y_min, x_max, y_max) = line
    plate = _OTHERS.sub("", text.upper())
    if not 2 <= len(plate) <= 12:
        return None
    return {
        "plate": plate,
        "confidence": confidence,
        "x_min": x_min,
        "y_min": y_min,
        "x_max": x_max,
        "y_max": y_max,
    }


async def serve(threads: int) -> None:
    """Answer requests until standard input ends."""
    service = StockService(await asyncio.to_thread(Stock, threads))
    app = web.Application(client_max_size=_BODY_MAX)
    app.add_routes([web.post("/v1/vision/alpr", service.read)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    print(json.dumps({"ready": True, "port": port} | versions()), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    service.close()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
