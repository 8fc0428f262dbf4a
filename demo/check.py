"""Run the main job without anyone watching, and say whether the gate opened."""

import asyncio
import contextlib
from dataclasses import dataclass, replace
import json
from pathlib import Path
import time
from typing import Any, Final

from .configuration import files_with
from .errors import DemoError
from .home_assistant import version
from .site import Options, Site, simulated_site
from .watch import Say, Story, Watch

_FIRST_FRAME: Final = 45.0
"""Seconds for camera and recognizer to get going, from the end of the set-up."""

_AT_LEAST: Final = 30.0
_MARGIN: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a check.

    Attributes:
        story: what happened.
        seconds: how long it was watched, from the first frame on.
        folder: the configuration folder, which is left as it is.
        files_with_a_listed_plate: files in it that hold a listed plate in clear text,
            relative to the folder.
    """

    story: Story
    seconds: float
    folder: Path
    files_with_a_listed_plate: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as it is written to the file."""
        story = self.story
        return {
            "opened": story.opened,
            "label": story.label,
            "time_to_open_ms": story.time_to_open_ms,
            "frames": story.frames,
            "reads": story.reads,
            "pictures": story.pictures,
            "recognition_ms": story.recognition_ms,
            "outcome": story.outcome,
            "reasons": list(story.reasons),
            "unknown": story.unknown,
            "seconds": round(self.seconds, 1),
            "home_assistant": version(),
            "configuration": str(self.folder),
            "files_with_a_listed_plate": list(self.files_with_a_listed_plate),
        }


async def check(options: Options, limit: float | None, say: Say) -> Result:
    """Build the site, watch until the gate opens or the time is up, take it down.

    Args:
        options: what the site shall be like.
        limit: seconds to watch, from the first frame on. When None: twice the clip and
            ten seconds more, at least 30.
        say: what is called with each line of progress.

    Raises:
        DemoError: something did not work, so that the answer would mean nothing.
    """
    async with simulated_site(replace(options, dashboard=False)) as site:
        result = await _watch(site, options, limit, say)
    # Only now has everything been written.
    found = await asyncio.to_thread(files_with, options.folder, options.allow)
    return replace(result, files_with_a_listed_plate=tuple(map(str, found)))


class Report:
    """The JSON file that a check writes.

    Args:
        path: where it goes; it is emptied at once, so that no older result is taken for
            this one, and a minute is not spent on what cannot be written.

    Raises:
        DemoError: it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        """Empty the file."""
        self._path = path
        self._write("")

    def result(self, result: Result) -> None:
        """Write what came of the check."""
        self._write(json.dumps(result.as_json(), indent=2) + "\n")

    def fault(self, error: DemoError) -> None:
        """Write why nothing came of it."""
        self._write(json.dumps({"error": str(error)}, indent=2) + "\n")

    def _write(self, text: str) -> None:
        try:
            self._path.write_text(text)
        except OSError as err:
            raise DemoError(
                f"{self._path} cannot be written: {err.strerror}."
            ) from None


async def _watch(site: Site, options: Options, limit: float | None, say: Say) -> Result:
    watch = Watch(site, say)
    await watch.start()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_FIRST_FRAME):
            while watch.story.frames == 0:
                await watch.step()
    await _require_health(site, watch.story)
    begin = time.monotonic()
    if limit is None:
        limit = max(_AT_LEAST, 2 * site.clip.duration + _MARGIN)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(limit):
            while not watch.story.opened:
                await watch.step()
    if not watch.story.opened:
        await _require_health(site, watch.story)
    return Result(
        story=watch.story, seconds=time.monotonic() - begin, folder=options.folder
    )


async def _require_health(site: Site, story: Story) -> None:
    """Tell a gate that stayed closed from a site that does not work."""
    if await site.state("recognizer") != "on":
        raise DemoError("The recognizer does not answer.")
    if await site.state("camera") != "on":
        raise DemoError("No picture of the camera arrives.")
    if story.frames == 0:
        raise DemoError("The recognizer has not answered for a single frame.")
    if story.outcome == "granted" and not story.opened:
        raise DemoError("A vehicle was let in, but the gate did not open.")
