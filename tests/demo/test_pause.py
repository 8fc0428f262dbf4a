"""The pause between two rounds of a clip."""

import av
import numpy as np
from PIL import Image
import pytest

from demo.cameras import Clip
from demo.pause import decoder_for, with_pause
from demo.plate_drawing import draw_plate


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_pause(codec: str) -> None:
    """After its pictures the clip goes on, for as long as asked, without detail."""
    picture = Image.new("RGB", (640, 360), (90, 100, 110))
    picture.paste(draw_plate("AB12CDE", 40), (240, 200))
    sharp = np.asarray(picture, np.uint8)
    clip = Clip.from_frames([sharp] * 10, 10, codec)  # type: ignore[arg-type]

    paused = with_pause(clip, 3.0)
    assert paused.packets[:10] == clip.packets
    assert paused.duration == pytest.approx(4.0)
    times = [packet.pts for packet in paused.packets]
    assert times == pytest.approx([number / 10 for number in range(40)])

    decoder = decoder_for(paused)
    pictures = [
        frame.to_ndarray(format="gray").astype(float)
        for data in [*(packet.data for packet in paused.packets), None]
        for frame in decoder.decode(None if data is None else av.Packet(data))
    ]
    assert len(pictures) == 40
    steps = [float(np.abs(np.diff(one, axis=1)).max()) for one in pictures]
    assert min(steps[:10]) > 50
    assert max(steps[10:]) < 15
