"""Follow a site and say, line by line, what happens at its gate. Never a plate."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
import time
from typing import Any, Final

from .client import Json
from .errors import DemoError
from .site import Site

type Say = Callable[[str], None]

_POLL: Final = 0.5  # seconds between two looks at the counters
_QUIET: Final = 10.0  # seconds without a read, after which a read is another car's
_NOWHERE: Final = {"unknown", "unavailable"}
_PARTS: Final = {"camera": "the camera", "recognizer": "the recognizer"}


@dataclass(slots=True)
class Story:
    """What has happened so far.

    Attributes:
        frames: frames that the recognizer answered.
        reads: plates that it saw in them.
        pictures: pictures that the camera delivered.
        recognition_ms: how long the last answer took.
        unknown: vehicles that were on nobody's list.
        outcome: ``granted`` or ``denied``, of the last listed vehicle.
        label: how that vehicle is called.
        reasons: why it was let in or not.
        time_to_open_ms: from the capture of the first frame in which its plate was read
            to the call of the gate, when it was let in.
        opened: whether the gate has begun to open after a vehicle was granted entry.
    """

    frames: int = 0
    reads: int = 0
    pictures: int = 0
    recognition_ms: int | None = None
    unknown: int = 0
    outcome: str | None = None
    label: str | None = None
    reasons: tuple[str, ...] = ()
    time_to_open_ms: int | None = None
    opened: bool = False


class Watch:
    """Follows one site.

    Args:
        site: the site.
        say: what is called with each line.
    """

    def __init__(self, site: Site, say: Say) -> None:
        """Begin with an empty story."""
        self.story = Story()
        self._site = site
        self._say = say
        self._changes: asyncio.Queue[tuple[str, Json, Json]] = asyncio.Queue()
        self._keys = {entity: key for key, entity in site.entities.items()}
        self._last_read = float("-inf")
        self._lost: set[str] = set()
        self._let_in = False
        self._gate_called: float | None = None

    async def start(self) -> None:
        """Begin to follow."""
        await self._site.websocket.subscribe(
            self._hear, "subscribe_events", event_type="state_changed"
        )

    async def step(self) -> None:
        """Wait for the next change, at most half a second, and tell of it.

        Raises:
            DemoError: Home Assistant has ended.
        """
        change = None
        try:
            async with asyncio.timeout(_POLL):
                change = await self._changes.get()
        except TimeoutError:
            self._site.home_assistant.require_running()
        if self._site.websocket.closed.is_set():
            self._site.home_assistant.require_running()
            raise DemoError("Home Assistant closed the connection.")
        # First the counters: a car is seen before it is let in.
        await self._look_at_counters()
        if change is not None:
            self._tell_change(*change)

    def _hear(self, event: Json) -> None:
        """Keep what concerns the site, to be told in turn."""
        old, new = event["data"]["old_state"], event["data"]["new_state"]
        if old and new and (key := self._keys.get(new["entity_id"])):
            self._changes.put_nowait((key, old, new))

    async def _look_at_counters(self) -> None:
        now = await self._site.diagnostics()
        metrics, story = now["metrics"], self.story
        story.pictures = now["camera"]["decoded"]
        story.recognition_ms = metrics["recognition_ms"]
        if metrics["reads"] > story.reads:
            quiet = time.monotonic() - self._last_read > _QUIET
            self._last_read = time.monotonic()
            if quiet:
                self._line("car seen", f"in frame {metrics['frames']}")
                self._line("read", f"in {story.recognition_ms} ms by the recognizer")
        if metrics["unknown"] > story.unknown:
            self._line("unknown", "a vehicle that is not on the list has left")
        story.frames, story.reads = metrics["frames"], metrics["reads"]
        story.unknown = metrics["unknown"]

    def _tell_change(self, key: str, old: Json, new: Json) -> None:
        state: str = new["state"]
        if state == old["state"]:
            return
        if key == "access" and state not in _NOWHERE:
            self._tell_access(new["attributes"])
        elif key == "gate":
            self._tell_gate(state)
        elif key in _PARTS:
            self._tell_part(key, old["state"], state)
        elif key == "automatic_opening" and state not in _NOWHERE:
            self._line("switch", f"automatic opening {state}")

    def _tell_access(self, attributes: Json) -> None:
        story = self.story
        story.outcome = attributes["event_type"]
        story.label = attributes["vehicle"]
        story.reasons = tuple(attributes["reasons"])
        story.time_to_open_ms = attributes["time_to_open_ms"]
        if story.outcome == "granted" and attributes["opened"]:
            self._let_in = True
            story.opened = self._gate_called is not None
            self._line(
                "granted",
                f"{story.label}; the gate was called {story.time_to_open_ms} ms after"
                " its plate was first in a picture",
            )
        else:
            why = ", ".join(story.reasons) or "no reason given"
            self._line(str(story.outcome), f"{story.label} ({why})")

    def _tell_gate(self, state: str) -> None:
        if state == "opening":
            self._gate_called = time.monotonic()
            self.story.opened |= self._let_in
        elif state == "open":
            took = ""
            if self._gate_called is not None:
                took = (
                    f"{_milliseconds_since(self._gate_called)} ms after it was called"
                )
            self._line("gate opened", took)
        elif state == "closed":
            self._gate_called = None
            self._let_in = False
            self._line("gate closed", "")

    def _tell_part(self, key: str, old: str, new: str) -> None:
        """Tell that a part is lost or back; that it is there at first is no news."""
        if new == "on" and key in self._lost:
            self._lost.discard(key)
            self._line("fault over", f"{_PARTS[key]} is back")
        elif new != "on" and old == "on":
            self._lost.add(key)
            self._line("fault", f"{_PARTS[key]} is lost")

    def _line(self, what: str, details: Any) -> None:
        clock = datetime.now().astimezone().strftime("%H:%M:%S")
        self._say(f"{clock}  {what:<12} {details}".rstrip())


def _milliseconds_since(moment: float) -> int:
    return round((time.monotonic() - moment) * 1000)
