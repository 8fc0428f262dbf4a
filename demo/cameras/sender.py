"""What a simulated camera sends once it plays, and how it fails at it."""

import asyncio
from collections.abc import Iterator
import random
import time
from typing import Final

from .clip import CLOCK, Clip, Codec, Packet, nal_type, nal_units
from .rtp import interleaved, payloads

_POLL: Final = 0.02
"""Seconds between two looks at whether a fault has ended."""


class Sender:
    """Sends a clip in a loop, in real time, every client from the first picture on.

    Its attributes may be changed at any time, from any thread.

    Attributes:
        clip: What is played; a new one is seen by clients that come later.
        still: What a sensor that hangs goes on showing, in the same stream; the encoder
            does its work, so it is made with `Clip.held`. With None, the clip is
            played, after a still from its first picture on.
        freeze: Take no picture and send nothing, but keep the connection.
        hold: Go on taking pictures, but keep them back; all of them leave at once when
            this ends, as from a radio link that comes back.
        backlog: Seconds of pictures that a client gets at once when it comes, as from
            restreamers that remember everything since the last key picture.
        stamp_rate: Seconds by which the time stamps advance in a second. A camera that
            sends 12 pictures per second and stamps them as if they were 25 has 0.48.
        drop_after: Hang up after this many pictures.
        corrupt: The share of pictures, from 0 to 1, that arrive cut in half; key
            pictures never do.
        taken: When each picture of the clip was last taken, `time.monotonic` by its
            index. One that leaves late was taken when it was due.
        sent: When it was last sent.

    """

    def __init__(self, clip: Clip) -> None:
        """Prepare to send a clip, without any fault."""
        self.clip = clip
        self.still: Clip | None = None
        self.freeze = False
        self.hold = False
        self.backlog = 0.0
        self.stamp_rate = 1.0
        self.drop_after: int | None = None
        self.corrupt = 0.0
        self.taken: dict[int, float] = {}
        self.sent: dict[int, float] = {}
        self._chance = random.Random(1)

    async def play(self, writer: asyncio.StreamWriter) -> None:
        """Send pictures to one client until it leaves, or is to be left."""
        clip = self.clip
        stream = _Stream(writer, begin=time.monotonic() - self.backlog)
        begin = stream.begin
        try:
            while stream.count != self.drop_after:
                still = self.still
                if still is None:
                    await self._play(clip, begin, stream)
                else:
                    await self._play(still, begin, stream, still)
                begin = time.monotonic()
            writer.close()
        except ConnectionError:
            pass  # A client may leave as it likes.

    async def _play(
        self, clip: Clip, begin: float, stream: _Stream, still: Clip | None = None
    ) -> None:
        """Send pictures in a loop, until others are to be shown, or none.

        Args:
            clip: The pictures.
            begin: When the first one is taken.
            stream: To whom.
            still: The same if they are those of a sensor that hangs.

        """
        for index, due, pts in _timeline(clip):
            await asyncio.sleep(begin + due - time.monotonic())
            while self.hold:
                await asyncio.sleep(_POLL)
            while self.freeze:
                await asyncio.sleep(_POLL)
                begin = time.monotonic() - due
            if self.still is not still or stream.count == self.drop_after:
                return
            if still is None:
                self.taken[index] = begin + due
                self.sent[index] = time.monotonic()
            data = self._damaged(clip.packets[index], clip.codec)
            stamp = (begin - stream.begin + pts) * self.stamp_rate
            await stream.send(list(payloads(data, clip.codec)), stamp)

    def _damaged(self, packet: Packet, codec: Codec) -> bytes:
        """Return a picture as it leaves: whole, or cut in half."""
        if packet.is_key or self._chance.random() >= self.corrupt:
            return packet.data
        slices = 5 if codec == "h264" else 31
        return b"".join(
            b"\x00\x00\x01"
            + (unit[: len(unit) // 2] if nal_type(unit, codec) <= slices else unit)
            for unit in nal_units(packet.data)
        )


class _Stream:
    """The RTP packets that one client gets."""

    def __init__(self, writer: asyncio.StreamWriter, begin: float) -> None:
        """Begin with no packet.

        Args:
            writer: To the client.
            begin: Where its time stamps begin, of `time.monotonic`.

        """
        self.begin = begin
        self.count = 0
        """How many pictures were sent."""
        self._writer = writer
        self._sequence = 0

    async def send(self, pieces: list[bytes], stamp: float) -> None:
        """Send a picture.

        Args:
            pieces: The payloads.
            stamp: When it was taken, in seconds since the stream began.

        Raises:
            ConnectionError: The client has left.

        """
        for number, piece in enumerate(pieces, start=1):
            self._writer.write(
                interleaved(
                    piece,
                    sequence=self._sequence,
                    ticks=round(stamp * CLOCK),
                    last=number == len(pieces),
                )
            )
            self._sequence += 1
        self.count += 1
        # As in a camera, a client that does not read holds the sender up.
        await self._writer.drain()


def _timeline(clip: Clip) -> Iterator[tuple[int, float, float]]:
    """Yield, without end, the index of a picture, when to send it, and its time stamp.

    Pictures are sent in the order of decoding. With B-pictures that is not the order in
    which they are shown, so the n-th is sent when the n-th is shown.
    """
    due = sorted(packet.pts for packet in clip.packets)
    begin = 0.0
    while True:
        for index, packet in enumerate(clip.packets):
            yield index, begin + due[index], begin + packet.pts
        begin += clip.duration
