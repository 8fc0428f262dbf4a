"""Explains what would become of a picture: each stage, with its reasons and its time.

Nothing is opened, counted or kept by it. The picture and what is read in it are gone when
the answer is.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
import io
import time
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.util.json import JsonObjectType
import numpy as np
from PIL import Image, ImageOps

from .capture import CameraSettings, WatchSettings, async_grab_frame
from .capture.jpeg import MAX_BYTES, MAX_PIXELS, Size, encode, measure
from .capture.picture import JpegPicture, Shot
from .capture.view.region import Region
from .decision import Policy, Rules, VehicleIndex
from .decision.explain import Explanation, Fit, ReadExplained, explain
from .errors import CameraPictureError
from .models import Assurance, Decision, Frame, Reason, Vehicle
from .recognition import RecognitionBackend

FORMATS: Final = ("JPEG", "PNG", "WEBP")
"""What a picture that somebody brings along may be; each more is one more decoder."""

_ASKED: Final[Mapping[Assurance, tuple[Reason, ...]]] = {
    Assurance.PLATE: (),
    # Whether somebody is present is known, so that it is the rules which tell.
    Assurance.PRESENCE: (),
    Assurance.CONFIRMATION: (Reason.CONFIRMATION_NEEDED,),
    Assurance.ANNOUNCE: (Reason.ANNOUNCE_ONLY,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureExplained:
    """What would become of one picture."""

    size: Size
    explanation: Explanation
    picture_ms: float = field(compare=False)
    """How long it took to get the picture, and to make a frame of it."""
    recognition_ms: float = field(compare=False)

    @property
    def milliseconds(self) -> dict[str, float]:
        """How long each stage took."""
        return {
            "picture": self.picture_ms,
            "recognition": self.recognition_ms,
            "decision": self.explanation.decision_ms,
            "rules": self.explanation.rules_ms,
        }

    def as_response(self) -> JsonObjectType:
        """Return it for an automation, the plates masked.

        A response can end up in the stored trace of the automation that asked for it.
        """
        policy = self.explanation.policy
        return {
            "outcome": self.explanation.outcome.value,
            "picture": {"width": self.size.width, "height": self.size.height},
            "milliseconds": {k: round(v, 1) for k, v in self.milliseconds.items()},
            "vehicles": self.explanation.vehicles,
            "limits": {
                "minimum_confidence": policy.minimum_confidence,
                "relative": policy.relative,
                "agreeing_frames": policy.agreeing_frames,
                "single_frame": policy.single_frame_confidence is not None,
            },
            "reads": [_read(read) for read in self.explanation.reads],
        }


async def explain_picture(
    picture: Awaitable[Frame],
    *,
    backend: RecognitionBackend,
    vehicles: VehicleIndex,
    policy: Policy,
    rules: Rules,
    now: datetime,
    assurance: Callable[[Vehicle], Assurance] = lambda _: Assurance.PLATE,
    trial: bool = False,
    clock: Callable[[], float] = time.perf_counter,
) -> PictureExplained:
    """Explain what would become of a picture at a lane.

    Args:
        picture: Gives the picture; `take_now` and `take_file` do.
        backend: What reads it.
        vehicles: The list.
        policy: How much evidence the lane asks for.
        rules: What listed vehicles may do at the lane, and what its gate has to say.
        now: The time, in the site's time zone.
        assurance: What it takes besides the plate of a vehicle.
        trial: Whether the lane decides everything and opens nothing.
        clock: Seconds, for the times that it takes.

    Raises:
        CameraError: There is no picture to be had, or it is none.
        BackendError: The recognizer gave no usable answer.

    """

    def besides(vehicle: Vehicle) -> tuple[Reason, ...]:
        return _ASKED[assurance(vehicle)] + ((Reason.TRIAL,) if trial else ())

    began = clock()
    frame = await picture
    taken = clock()
    reads = await backend.read(frame)
    answered = clock()
    return PictureExplained(
        size=Size(frame.width, frame.height),
        explanation=explain(
            reads,
            vehicles=vehicles,
            policy=policy,
            now=now,
            clock=clock,
            rules=rules,
            besides=besides,
        ),
        picture_ms=(taken - began) * 1000,
        recognition_ms=(answered - taken) * 1000,
    )


async def take_now(hass: HomeAssistant, lane: Mapping[str, Any]) -> Frame:
    """Take one picture with a lane's camera, as the lane would look at it.

    Args:
        hass: Home Assistant.
        lane: What is stored of the lane.

    Raises:
        CameraError: There is none to be had.

    """
    frame = await async_grab_frame(hass, CameraSettings.from_data(lane))
    region = WatchSettings.from_data(lane).region
    if region.is_whole:
        return frame
    return await hass.async_add_executor_job(_cut, frame, region)


async def take_file(hass: HomeAssistant, file: bytes) -> Frame:
    """Take a picture that somebody brings along.

    It is looked at as a whole: what the lane leaves out is elsewhere in this one.

    Args:
        hass: Home Assistant.
        file: A JPEG, PNG or WebP file of at most 16 MiB and 36 megapixels.

    Raises:
        CameraPictureError: It is anything else, or damaged.

    """
    return await hass.async_add_executor_job(frame_of, file)


def frame_of(file: bytes) -> Frame:
    """Make a frame of a file, as recognizers want it: JPEG, and upright.

    A camera's file stays as it is. Phones write beside the pixels how they were held,
    which not every recognizer looks at, and where that was, which is none of its
    business; some write more behind the end of the picture. Those are decoded, as other
    formats are, and written anew. This blocks.

    Raises:
        CameraPictureError: It is no picture that can be used.

    """
    if len(file) > MAX_BYTES:
        raise CameraPictureError
    try:
        return _upright(file)
    except CameraPictureError:
        raise
    except Exception:  # noqa: BLE001
        # Readers of damaged files raise whatever they stumble over: struct.error,
        # KeyError, ZeroDivisionError. What they say may quote the file.
        raise CameraPictureError from None


def _upright(file: bytes) -> Frame:
    with Image.open(io.BytesIO(file), formats=FORMATS) as image:
        # Known from the header, before anything of that size is reserved.
        if image.width * image.height > MAX_PIXELS:
            raise CameraPictureError
        if image.format == "JPEG" and not image.getexif() and _is_whole(file):
            # The recognizer is the one to decode it, but what is broken within is told
            # here as it is of any other file.
            image.load()
            return _frame(file, Size(*image.size))
        pixels = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    return _frame(encode(pixels), Size(pixels.shape[1], pixels.shape[0]))


def _is_whole(file: bytes) -> bool:
    """Tell whether it is a JPEG file from its begin to its end, and nothing more."""
    try:
        measure(file)
    except CameraPictureError:
        return False
    return True


def _cut(frame: Frame, region: Region) -> Frame:
    """Leave out what the lane does not look at."""
    picture = JpegPicture(frame.jpeg, Size(frame.width, frame.height))
    return Shot(picture, frame.taken).develop(region)


def _frame(jpeg: bytes, size: Size) -> Frame:
    return Frame(
        jpeg=jpeg, width=size.width, height=size.height, taken=time.monotonic()
    )


def _read(read: ReadExplained) -> JsonObjectType:
    return {
        "plate": read.plate.masked(),
        "confidence": round(read.confidence, 3),
        "box": None if read.box is None else [round(edge) for edge in read.box],
        "characters": read.characters,
        "counts": read.counts,
        "again": read.again,
        **_decision(read.decision),
        "frames": read.frames,
        "then": _decision(read.then),
        "candidates": [_fit(fit) for fit in read.fits],
    }


def _decision(decision: Decision) -> JsonObjectType:
    return {
        "outcome": decision.outcome.value,
        "reasons": [reason.value for reason in decision.reasons],
        "label": None if decision.vehicle is None else decision.vehicle.label,
    }


def _fit(fit: Fit) -> JsonObjectType:
    return {
        "vehicle_id": fit.vehicle.vehicle_id,
        "label": fit.vehicle.label,
        "plate": fit.vehicle.plate.masked(),
        "how": fit.how.value,
        "relative": round(fit.relative, 2),
        "fits": fit.fits,
        "alone": fit.alone,
        "refusals": [reason.value for reason in fit.refusals],
        "besides": [reason.value for reason in fit.besides],
    }
