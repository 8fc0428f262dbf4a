"""RTP: one encoded picture as packets, as RFC 6184 (H.264) and RFC 7798 (H.265) say."""

from collections.abc import Iterator
import struct
from typing import Final

from .clip import Codec, nal_type, nal_units

PAYLOAD: Final = 96
"""The first of the payload types that a session defines itself."""

MAX_PAYLOAD: Final = 1400
"""Bytes; what fits into an Ethernet frame with its headers."""

_FRAGMENT: Final[dict[Codec, int]] = {"h264": 28, "h265": 49}


def payloads(data: bytes, codec: Codec) -> Iterator[bytes]:
    """Yield the payloads of one picture: a NAL unit each, or fragments of it."""
    for unit in nal_units(data):
        if len(unit) <= MAX_PAYLOAD:
            yield unit
        else:
            yield from _fragments(unit, codec)


def interleaved(payload: bytes, *, sequence: int, ticks: int, last: bool) -> bytes:
    """Return an RTP packet as it travels within the RTSP connection (channel 0).

    Args:
        payload: What `payloads` yielded.
        sequence: The number of the packet; it may wrap around.
        ticks: The time of the picture, in 1/90000 s; it may wrap around.
        last: Whether this is the last packet of the picture.

    """
    kind = PAYLOAD | (0x80 if last else 0)
    header = struct.pack(
        "!BBHII", 0x80, kind, sequence & 0xFFFF, ticks & 0xFFFFFFFF, 0x506C4761
    )
    return struct.pack("!cBH", b"$", 0, len(header) + len(payload)) + header + payload


def _fragments(unit: bytes, codec: Codec) -> Iterator[bytes]:
    """Yield a large NAL unit in pieces, each with the header that joins them again."""
    kind = nal_type(unit, codec)
    if codec == "h264":
        indicator, body = bytes([unit[0] & 0xE0 | _FRAGMENT[codec]]), unit[1:]
    else:
        first = unit[0] & 0x81 | _FRAGMENT[codec] << 1
        indicator, body = bytes([first, unit[1]]), unit[2:]
    for begin in range(0, len(body), MAX_PAYLOAD):
        end = begin + MAX_PAYLOAD
        flags = (0x80 if begin == 0 else 0) | (0x40 if end >= len(body) else 0)
        yield indicator + bytes([flags | kind]) + body[begin:end]
