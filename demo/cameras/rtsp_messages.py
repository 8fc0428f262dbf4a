"""The messages of RTSP (RFC 2326), as a camera reads and writes them."""

import asyncio
import base64
import contextlib
from dataclasses import dataclass
import struct

from .clip import CLOCK, Clip, parameter_sets
from .loopback import HOST
from .rtp import PAYLOAD


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks for."""

    method: str
    uri: str
    headers: dict[str, str]
    """By their names in small letters."""


async def next_request(reader: asyncio.StreamReader) -> Request | None:
    """Read the next request, or None if the client has left."""
    with contextlib.suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        while (first := await reader.readexactly(1)) == b"$":
            # Reports of the receiver, which travel on the same connection.
            (length,) = struct.unpack("!xH", await reader.readexactly(3))
            await reader.readexactly(length)
        head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        request_line, *lines = head.strip().split("\r\n")
        method, _, rest = request_line.partition(" ")
        pairs = (line.partition(":") for line in lines)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        await reader.readexactly(int(headers.get("content-length", "0")))
        return Request(method, rest.rpartition(" ")[0], headers)
    return None


def response(
    request: Request, status: str = "200 OK", extra: str = "", body: bytes = b""
) -> bytes:
    """Return a whole response.

    Args:
        request: What it answers.
        status: A number and its meaning.
        extra: More lines for the head, each with its end.
        body: What follows the head.

    """
    sequence = request.headers.get("cseq", "0")
    head = f"RTSP/1.0 {status}\r\nCSeq: {sequence}\r\n{extra}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def description(clip: Clip) -> bytes:
    """Return the session description (SDP) of a clip."""
    sets = parameter_sets(clip.packets[0].data, clip.codec)
    encoded = {k: base64.b64encode(unit).decode() for k, unit in sets.items()}
    if clip.codec == "h264":
        name = "H264"
        profile = f"packetization-mode=1;profile-level-id={sets[7][1:4].hex()}"
        details = f"{profile};sprop-parameter-sets={encoded[7]},{encoded[8]}"
    else:
        name = "H265"
        details = ";".join(
            f"sprop-{kind}={encoded[number]}"
            for kind, number in (("vps", 32), ("sps", 33), ("pps", 34))
        )
    lines = (
        "v=0",
        f"o=- 0 0 IN IP4 {HOST}",
        "s=simulated camera",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=control:*",
        f"m=video 0 RTP/AVP {PAYLOAD}",
        f"a=rtpmap:{PAYLOAD} {name}/{CLOCK}",
        f"a=fmtp:{PAYLOAD} {details}",
        f"a=framerate:{clip.fps:.6g}",
        "a=control:track0",
        "",
    )
    return "\r\n".join(lines).encode()
