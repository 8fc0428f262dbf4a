"""A real Home Assistant in a process of its own, which ends with the demo."""

import asyncio
from collections import deque
import contextlib
import importlib.metadata
import os
from pathlib import Path
import signal
import socket
import sys
from typing import Self

import aiohttp

from .configuration import ConfigurationFolder
from .errors import DemoError

START_LIMIT = 120.0  # seconds; a laptop needs 10, a busy single core a minute
STOP_LIMIT = 25.0  # seconds until SIGKILL; Home Assistant ends in 2 to 3

_LEASH = Path(__file__).with_name("leash.py")
_OUTPUT = "hass.out"


def version() -> str:
    """Return the version of the installed Home Assistant."""
    return importlib.metadata.version("homeassistant")


def free_port() -> int:
    """Return a TCP port of loopback that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class HomeAssistant:
    """One Home Assistant on loopback, as an asynchronous context manager.

    Args:
        folder: its configuration folder; emptied when the context is entered.
        port: where it shall serve, a free port when None.
    """

    def __init__(self, folder: ConfigurationFolder, port: int | None = None) -> None:
        """Choose folder and address; nothing is started yet."""
        self.folder = folder
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        """Start and wait until the web interface answers."""
        _require_free(self.port)
        self.folder.prepare(self.port)
        try:
            await self._start()
            await self._wait()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop, whatever happened."""
        await self.stop()

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._process is not None and self._process.returncode is None

    async def _start(self) -> None:
        hass = Path(sys.executable).with_name("hass")
        if not hass.exists():
            raise DemoError(
                "Home Assistant is not installed beside this Python. Start the demo"
                " with scripts/demo, which sets everything up."
            )
        # What the shell has in its PYTHONPATH is none of Home Assistant's business.
        environment = os.environ | {"PYTHONPATH": "", "PYTHONUNBUFFERED": "1"}
        with (self.folder.path / _OUTPUT).open("wb") as output:
            # A session of its own: Ctrl-C reaches the demo alone, which then stops
            # Home Assistant in good order, and its children can be ended with it.
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                str(_LEASH),
                str(hass),
                "--config",
                str(self.folder.path),
                "--skip-pip",
                "--log-no-color",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                start_new_session=True,
            )

    async def _wait(self) -> None:
        assert self._process is not None
        try:
            async with asyncio.timeout(START_LIMIT), aiohttp.ClientSession() as session:
                while self.running:
                    with contextlib.suppress(aiohttp.ClientError):
                        async with session.get(f"{self.url}/api/onboarding") as answer:
                            if answer.status == 200:
                                return
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise DemoError(
                f"Home Assistant did not answer within {START_LIMIT:.0f} s."
                f" Its log is {self.folder.path / _OUTPUT}."
            ) from None
        raise DemoError(
            f"Home Assistant ended at its start (code {self._process.returncode})."
            f" The last lines of {self.folder.path / _OUTPUT}:\n{self._last_lines()}"
        )

    def _last_lines(self, count: int = 8) -> str:
        with (self.folder.path / _OUTPUT).open(errors="replace") as output:
            return "".join(f"  {line}" for line in deque(output, count)).rstrip()

    def require_running(self) -> None:
        """Raise if the process has ended by itself.

        Raises:
            DemoError: it has; the text says where its log is.
        """
        if not self.running:
            raise DemoError(
                "Home Assistant ended by itself. The last lines of"
                f" {self.folder.path / _OUTPUT}:\n{self._last_lines()}"
            )

    async def stop(self) -> None:
        """End Home Assistant and every process it left behind."""
        if (process := self._process) is not None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(STOP_LIMIT):
                    await process.wait()
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            self._process = None
        self.folder.release()


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as err:
            raise DemoError(f"Port {port} is not free: {err.strerror}.") from None
