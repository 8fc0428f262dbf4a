"""The cameras of the soak, in a process of their own, with faults on order.

Every picture carries a number. Those of an RTSP camera come again only after several
connections, those of an HTTP camera after many seconds, so that an old picture does not
pass for a new one.
"""

import asyncio
from collections.abc import Sequence
import io
import json
import logging
import sys
from typing import Any, Final, override

from PIL import Image

from demo.bench import numbers
from demo.bench.films import Film, path_of
from demo.bench.journal import Journal
from demo.bench.yard import Yard
from demo.cameras import BlackHole, Clip, HttpCamera, RtspCamera
from demo.cameras.auth import AuthScheme
from demo.cameras.clip import Codec
from demo.cameras.http import giant_jpeg

FROZEN: Final = (1 << numbers.BITS) - 1
"""The number of the picture that a stuck RTSP camera shows."""

USER: Final = "bench-hidden-user"
PASSWORD: Final = "bench-pass:w@rd/7"
PATH: Final = "/bench-hidden-path"
TOKEN: Final = "bench-hidden-token"
"""What must not be found in any log. Some of the characters mean something else in an
address."""

_FPS: Final = 10
_SECONDS: Final = 4.0
_SIZES: Final = ((480, 272), (640, 360))
_ROUNDS: Final = 4
"""How many connections later the same numbers come again."""

_ALBUM: Final = 200
"""Pictures of an HTTP camera: 20 seconds of its stream, 40 of single pictures."""


class LoopingCamera(RtspCamera):
    """An RTSP camera that shows each connection other numbers than those before."""

    def __init__(self, codec: Codec, sizes: Sequence[tuple[int, int]] = _SIZES) -> None:
        """Make what it shows, which takes a while when it is done for the first time.

        Args:
            codec: How its pictures are encoded.
            sizes: Of its pictures in pixels; `resize` goes from one to the next.

        """
        self._shows = [
            _shows(codec, size, number * _ROUNDS) for number, size in enumerate(sizes)
        ]
        self._stills = [_still(codec, size) for size in sizes]
        self._size = self._round = 0
        clip, _ = self._shows[0][0]
        super().__init__(
            clip, username=USER, password=PASSWORD, auth="digest", path=PATH
        )
        self.journal = Journal()
        self.taken = self.journal

    def resize(self) -> None:
        """Show pictures of another size to those who connect from now on."""
        self._size = (self._size + 1) % len(self._shows)
        self.clip, _ = self._shows[self._size][0]

    def stick(self, *, on: bool) -> None:
        """Show one picture again and again, or end this."""
        self.still = self._stills[self._size] if on else None

    @override
    async def play(self, writer: asyncio.StreamWriter) -> None:
        """Send pictures with numbers that were not used lately."""
        self._round = (self._round + 1) % _ROUNDS
        # The sender takes the clip over before it lets anything else happen.
        self.clip, self.journal.first = self._shows[self._size][self._round]
        await super().play(writer)


class AlbumCamera(HttpCamera):
    """An HTTP camera with numbered pictures."""

    def __init__(self, auth: AuthScheme) -> None:
        """Draw what it shows."""
        yard = Yard(*_SIZES[0])
        files = [
            _file(yard.picture(number / _ALBUM * 4, number)) for number in range(_ALBUM)
        ]
        super().__init__(files, fps=_FPS, username=USER, password=PASSWORD, auth=auth)
        self.journal = Journal()
        self.taken = self.journal

    def stick(self, *, on: bool) -> None:
        """Show one picture again and again, or end this."""
        self.still = on


type Camera = LoopingCamera | AlbumCamera


class Stand:
    """All cameras, and what is done to them."""

    def __init__(self) -> None:
        """Prepare the cameras."""
        giant_jpeg()
        self._cameras: dict[str, Camera] = {
            "rtsp h264": LoopingCamera("h264"),
            "rtsp h265": LoopingCamera("h265"),
            "mjpeg": AlbumCamera("basic"),
            "snapshot": AlbumCamera("digest"),
        }
        self._holes: dict[str, BlackHole] = {}

    async def open(self) -> dict[str, str]:
        """Let the cameras be seen; return their addresses."""
        for camera in self._cameras.values():
            await _start(camera)
        return {name: _url(name, camera) for name, camera in self._cameras.items()}

    async def close(self) -> None:
        """Let them vanish."""
        for camera in self._cameras.values():
            await _stop(camera)

    async def follow(self, order: dict[str, Any]) -> Any:
        """Do something to one camera; return what it says to that."""
        name = order["name"]
        camera = self._cameras[name]
        match order["do"]:
            case "taken":
                return camera.journal.take()
            case "set":
                for attribute, value in order["attributes"].items():
                    setattr(camera, attribute, value)
            case "kick":
                camera.kick()
            case "hang up":
                camera.hang_up()
            case "password":
                camera.guard.password = PASSWORD if order["right"] else "another"
            case "stick":
                camera.stick(on=order["on"])
            case "resize" if isinstance(camera, LoopingCamera):
                camera.resize()
            case other:
                await self._appear(other, name)
        return None

    async def _appear(self, how: str, name: str) -> None:
        """Let a camera vanish or come back, or what is in its place."""
        camera = self._cameras[name]
        match how:
            case "start":
                await _start(camera)
            case "stop":
                await _stop(camera)
            case "swallow":
                hole = self._holes[name] = BlackHole(camera.port)
                await asyncio.to_thread(hole.__enter__)
            case "spit out":
                self._holes.pop(name).__exit__()
            case _:
                raise ValueError(how)


async def main() -> None:
    """Follow orders, one JSON object per line, until there are no more."""
    stand = Stand()
    print(json.dumps(await stand.open()), flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(await stand.follow(json.loads(line))), flush=True)
    await stand.close()


async def _start(camera: Camera) -> None:
    if isinstance(camera, LoopingCamera):
        await asyncio.to_thread(camera.start)
    else:
        await camera.start()


async def _stop(camera: Camera) -> None:
    if isinstance(camera, LoopingCamera):
        await asyncio.to_thread(camera.stop)
    else:
        await camera.stop()


def _url(name: str, camera: Camera) -> str:
    """Return the address of a camera, with something in it that is nobody's business."""
    if isinstance(camera, LoopingCamera):
        return camera.url()
    path = "/stream.mjpg" if name == "mjpeg" else "/snapshot.jpg"
    return camera.url(f"{path}?token={TOKEN}")


def _shows(codec: Codec, size: tuple[int, int], first: int) -> list[tuple[Clip, int]]:
    """Return clips of one size, and the number of the first picture of each.

    Args:
        codec: How they are encoded.
        size: Width and height in pixels.
        first: How many clips there are before these.

    """
    width, height = size
    shows = []
    for show in range(first, first + _ROUNDS):
        film = Film(
            name="soak",
            width=width,
            height=height,
            fps=_FPS,
            codec=codec,
            seconds=_SECONDS,
            mbit=1,
            number=show * 1000,
        )
        shows.append((Clip.from_file(path_of(film)), film.number))
    return shows


def _still(codec: Codec, size: tuple[int, int]) -> Clip:
    """Return what a sensor that hangs shows."""
    picture = Yard(*size).picture(0.5, FROZEN)
    return Clip.from_frames([picture], _FPS, codec).held(0, 2.0)


def _file(picture: numbers.Picture) -> bytes:
    """Return a picture as a JPEG file."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


if __name__ == "__main__":
    # It tells of every client that leaves in the middle of a picture.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    asyncio.run(main())
