"""What decoding alone costs: the least that a program which looks at pictures can take."""

import time
from typing import Any, cast

import av
from av.video.codeccontext import VideoCodecContext

from .process import work


def cpu(url: str, seconds: float, settle: float) -> dict[str, Any]:
    """Receive and decode every picture, and drop it.

    Returns:
        Seconds of CPU time `used` and of `wall` time, and how many pictures were
        `decoded`.

    """
    options = {
        "rtsp_transport": "tcp",
        "fpsprobesize": "0",
        "analyzeduration": "100000",
    }
    start, begin, used, pictures = time.monotonic(), 0.0, 0.0, 0
    with av.open(url, options=options, timeout=(5.0, 5.0)) as container:
        stream = container.streams.video[0]
        name = stream.codec_context.name
        decoder = cast(VideoCodecContext, av.CodecContext.create(name, "r"))
        decoder.extradata = stream.codec_context.extradata
        decoder.thread_count = 1
        for packet in container.demux(stream):
            count = len(decoder.decode(packet)) if packet.size else 0
            now = time.monotonic()
            if begin:
                pictures += count
                if now - begin >= seconds:
                    break
            elif now - start >= settle:
                begin, used = now, time.process_time()
        used, wall = time.process_time() - used, time.monotonic() - begin
    return {"used": used, "wall": wall, "decoded": pictures}


if __name__ == "__main__":
    work({"cpu": cpu})
