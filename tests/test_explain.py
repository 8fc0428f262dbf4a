"""What becomes of a picture that somebody tries: the chain, its times, and no trace."""

from collections.abc import Callable, Iterator
from contextlib import suppress
import io
import json
from pathlib import Path
import struct
from typing import Any, override
import zlib

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from hypothesis import given, settings, strategies as st
import numpy as np
from PIL import Image
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.plate_gate.capture.jpeg import MAX_BYTES
from custom_components.plate_gate.const import DOMAIN
from custom_components.plate_gate.decision import Policy, Rules, VehicleIndex
from custom_components.plate_gate.errors import (
    BackendProtocolError,
    CameraPictureError,
    CameraUnreachableError,
)
from custom_components.plate_gate.explain import (
    PictureExplained,
    explain_picture,
    frame_of,
    take_file,
    take_now,
)
from custom_components.plate_gate.models import (
    Assurance,
    Frame,
    Outcome,
    Plate,
    Reason,
    Vehicle,
)
from custom_components.plate_gate.recognition import CodeProjectBackend
from demo.cameras import HttpCamera

from .common import (
    LABEL,
    LANE,
    PICTURES,
    PLATE,
    STRANGER,
    FakeBackend,
    GateCover,
    Recognizer,
    lane_data,
    lane_subentry,
    list_vehicle,
    says_json,
    set_up,
    site_entry,
)
from .lane_rig import NOON

ANNA = Vehicle(vehicle_id="1", label=LABEL, plate=Plate(PLATE))
ORIENTATION = 0x0112


class BadPicture(FakeBackend):
    """A backend that must not be asked."""

    @override
    async def read(self, frame: Frame) -> list[Any]:
        """Fail."""
        raise AssertionError("There was no picture to read")


def saved(image: Image.Image, format: str, **options: object) -> bytes:
    """Return an image as a file."""
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def drive(mode: str = "RGB") -> Image.Image:
    """Return a picture whose left half is black and whose right half is white."""
    image = Image.new("L", (320, 240))
    image.paste(255, (160, 0, 320, 240))
    return image.convert(mode)


def held(orientation: int) -> bytes:
    """Return a picture as a phone takes it that was held so, and where."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[0x010E] = "At home"
    return saved(drive(), "JPEG", exif=exif)


def bomb(width: int, height: int) -> bytes:
    """Return a PNG file that says it is large, and has nothing in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data))
            + kind
            + data
            + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


# -- From a file to a frame ------------------------------------------------------------


@pytest.mark.parametrize(
    "file", [*PICTURES, saved(drive(), "JPEG")], ids=["one", "other", "color"]
)
def test_a_camera_file_stays_as_it_is(file: bytes) -> None:
    """What a recognizer can take is not made worse."""
    frame = frame_of(file)

    assert frame.jpeg == file
    assert (frame.width, frame.height) == (320, 240)


@pytest.mark.parametrize(
    "file",
    [
        saved(drive(), "PNG"),
        saved(drive("RGBA"), "PNG"),
        saved(drive("P"), "PNG"),
        saved(drive("1"), "PNG"),
        saved(drive(), "WEBP", lossless=True),
        saved(drive("CMYK"), "JPEG") + b"a phone writes more behind the end",
        saved(drive(), "MPO", save_all=True, append_images=[drive()]),
    ],
    ids=["png", "alpha", "palette", "bits", "webp", "more", "mpo"],
)
def test_other_files_become_jpeg(file: bytes) -> None:
    """What people have on their phones and computers is written anew."""
    frame = frame_of(file)

    with Image.open(io.BytesIO(frame.jpeg), formats=("JPEG",)) as image:
        assert image.size == (frame.width, frame.height) == (320, 240)
        pixels = np.asarray(image.convert("L"))
    assert pixels[:, :150].mean() < 10
    assert pixels[:, 170:].mean() > 245


@pytest.mark.parametrize(
    ("orientation", "size", "dark"),
    [
        (1, (320, 240), np.s_[:, :150]),
        (3, (320, 240), np.s_[:, 170:]),
        (6, (240, 320), np.s_[:150, :]),
        (8, (240, 320), np.s_[170:, :]),
    ],
)
def test_a_phone_that_was_turned(
    orientation: int, size: tuple[int, int], dark: tuple[slice, slice]
) -> None:
    """The picture is upright, and says nothing of where it was taken."""
    frame = frame_of(held(orientation))

    assert (frame.width, frame.height) == size
    with Image.open(io.BytesIO(frame.jpeg)) as image:
        assert image.size == size
        assert not image.getexif()
        assert np.asarray(image.convert("L"))[dark].mean() < 10


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"no picture",
        b"\xff\xd8\xff\xd9",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        saved(drive(), "GIF"),
        saved(drive(), "BMP"),
        saved(drive(), "TIFF"),
        saved(drive(), "PNG")[:-60],
        saved(drive(), "PNG")[:20],
        saved(drive(), "JPEG")[:700],
        saved(drive(), "WEBP")[:-40],
        bomb(320, 240),
        bomb(7000, 7000),
        bomb(60000, 60000),
        PICTURES[0] + bytes(MAX_BYTES),
    ],
    ids=[
        *("empty", "text", "ends", "svg", "gif", "bmp", "tiff"),
        *("cut-png", "cut-header", "cut-jpeg", "cut-webp"),
        *("hollow", "large", "bomb", "heavy"),
    ],
)
def test_what_is_no_picture(file: bytes) -> None:
    """It is refused in our own words, whatever the decoder had to say."""
    with pytest.raises(CameraPictureError) as error:
        frame_of(file)

    assert error.value.__cause__ is None
    assert str(error.value) == ""


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_what_is_damaged_anywhere(data: st.DataObject) -> None:
    """Whatever a decoder stumbles over, it is a picture or it is none."""
    file = bytearray(
        data.draw(st.sampled_from([held(6), *PICTURES, saved(drive(), "WEBP")]))
    )
    for _ in range(data.draw(st.integers(1, 6))):
        # Mostly in the header, which says how the rest is to be read.
        place = data.draw(st.integers(0, min(len(file) - 1, 400)))
        file[place] = data.draw(st.integers(0, 255))
    with suppress(CameraPictureError):
        frame = frame_of(bytes(file))
        assert frame.width > 0


def test_exif_block_that_is_cut() -> None:
    """Readers of such a block raise errors of their own kinds."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[0x010E] = "At home"
    block = exif.tobytes()
    for end in range(6, len(block)):
        with suppress(CameraPictureError):
            frame = frame_of(saved(drive(), "JPEG", exif=block[:end]))
            assert {frame.width, frame.height} == {240, 320}


# -- The chain -------------------------------------------------------------------------


def strokes() -> Callable[[], float]:
    """Return a clock that is a second later each time it is looked at."""
    ticks: Iterator[int] = iter(range(100))
    return lambda: float(next(ticks))


async def explained(
    hass: HomeAssistant,
    recognizer: Recognizer,
    *,
    rules: Rules | None = None,
    assurance: Assurance = Assurance.PLATE,
    trial: bool = False,
) -> PictureExplained:
    """Explain a picture, read by a real server."""
    return await explain_picture(
        take_file(hass, PICTURES[0]),
        backend=CodeProjectBackend(async_get_clientsession(hass), recognizer.url),
        vehicles=VehicleIndex([ANNA]),
        policy=Policy(),
        rules=rules or Rules(),
        now=NOON,
        assurance=lambda _: assurance,
        trial=trial,
        clock=strokes(),
    )


async def test_the_chain(hass: HomeAssistant, recognizer: Recognizer) -> None:
    """Each stage is told of, with its time."""
    recognizer.plates = [PLATE, STRANGER]
    found = await explained(hass, recognizer)

    assert found.size == (320, 240)
    assert found.milliseconds == {
        "picture": 1000,
        "recognition": 1000,
        "decision": 1000,
        "rules": 1000,
    }
    ours, stranger = found.explanation.reads
    assert ours.plate == Plate(PLATE)
    assert ours.box is not None
    assert ours.best is not None
    assert ours.best.vehicle == ANNA
    assert ours.frames == 2
    assert stranger.best is None
    assert found.explanation.outcome is Outcome.UNDECIDED
    assert recognizer.reads == 1


async def test_the_response(hass: HomeAssistant, recognizer: Recognizer) -> None:
    """It can be written as JSON, and holds no plate but masked."""
    recognizer.plates = [PLATE, STRANGER]
    found = await explained(
        hass, recognizer, rules=Rules(standing=lambda _: (Reason.INTERLOCKED,))
    )
    response = found.as_response()

    text = json.dumps(response)
    assert PLATE not in text
    assert STRANGER not in text
    assert "KN\\u2022\\u2022\\u2022TX" in text
    assert "WX\\u2022\\u2022\\u2022ZV" in text
    assert response == {
        "outcome": "undecided",
        "picture": {"width": 320, "height": 240},
        "milliseconds": {
            "picture": 1000.0,
            "recognition": 1000.0,
            "decision": 1000.0,
            "rules": 1000.0,
        },
        "vehicles": 1,
        "limits": {
            "minimum_confidence": Policy().minimum_confidence,
            "relative": Policy().relative,
            "agreeing_frames": 2,
            "single_frame": True,
        },
        "reads": [
            {
                "plate": "KN•••TX",
                "confidence": 0.97,
                "box": [10, 100, 90, 120],
                "characters": False,
                "counts": True,
                "again": False,
                "outcome": "undecided",
                "reasons": ["exact_text", "more_frames_needed"],
                "label": None,
                "frames": 2,
                "then": {
                    "outcome": "denied",
                    "reasons": ["exact_text", "agreeing_frames", "interlocked"],
                    "label": LABEL,
                },
                "candidates": [
                    {
                        "vehicle_id": "1",
                        "label": LABEL,
                        "plate": "KN•••TX",
                        "how": "exact_text",
                        "relative": 0.0,
                        "fits": True,
                        "alone": False,
                        "refusals": ["interlocked"],
                        "besides": [],
                    }
                ],
            },
            {
                "plate": "WX•••ZV",
                "confidence": 0.97,
                "box": [10, 140, 90, 160],
                "characters": False,
                "counts": True,
                "again": False,
                "outcome": "undecided",
                "reasons": ["not_listed"],
                "label": None,
                "frames": None,
                "then": {
                    "outcome": "undecided",
                    "reasons": ["not_listed"],
                    "label": None,
                },
                "candidates": [],
            },
        ],
    }


@pytest.mark.parametrize(
    ("assurance", "trial", "besides"),
    [
        (Assurance.PLATE, False, ()),
        (Assurance.PLATE, True, (Reason.TRIAL,)),
        # Whether it is there is among the refusals.
        (Assurance.PRESENCE, False, ()),
        (Assurance.CONFIRMATION, False, (Reason.CONFIRMATION_NEEDED,)),
        (Assurance.ANNOUNCE, True, (Reason.ANNOUNCE_ONLY, Reason.TRIAL)),
    ],
)
async def test_what_it_takes_besides(
    hass: HomeAssistant,
    recognizer: Recognizer,
    assurance: Assurance,
    trial: bool,
    besides: tuple[Reason, ...],
) -> None:
    """A vehicle that the plate alone does not let in is told to be one."""
    recognizer.plates = [PLATE]
    found = await explained(hass, recognizer, assurance=assurance, trial=trial)

    (read,) = found.explanation.reads
    assert read.best is not None
    assert read.best.besides == besides


async def test_a_recognizer_that_fails(
    hass: HomeAssistant, recognizer: Recognizer
) -> None:
    """Its error is what one gets."""
    recognizer.alpr = says_json(nonsense=True)

    with pytest.raises(BackendProtocolError):
        await explained(hass, recognizer)


async def test_a_file_that_is_none(hass: HomeAssistant) -> None:
    """The recognizer is not asked about it."""
    with pytest.raises(CameraPictureError):
        await explain_picture(
            take_file(hass, b"no picture"),
            backend=BadPicture(),
            vehicles=VehicleIndex([]),
            policy=Policy(),
            rules=Rules(),
            now=NOON,
        )


async def test_now(hass: HomeAssistant, camera: HttpCamera) -> None:
    """The camera's picture is taken as the lane looks at it."""
    whole = await take_now(hass, lane_data(camera.url()))
    part = await take_now(hass, lane_data(camera.url(), region="50,50 100,100"))

    assert whole.jpeg in PICTURES
    assert (whole.width, whole.height) == (320, 240)
    assert (part.width, part.height) == (160, 120)


async def test_no_camera(hass: HomeAssistant) -> None:
    """That there is none is what one gets."""
    with pytest.raises(CameraUnreachableError):
        await take_now(hass, lane_data("http://127.0.0.1:1/"))


# -- The action ------------------------------------------------------------------------


@pytest.fixture
async def entry(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera, cover: GateCover
) -> MockConfigEntry:
    """Return a site with a lane, and a vehicle on the list."""
    entry = site_entry(recognizer.url, lane_subentry(lane_data(camera.url())))
    await set_up(hass, entry)
    await list_vehicle(entry)
    return entry


async def call(
    hass: HomeAssistant, context: Context | None = None, **data: object
) -> dict[str, Any]:
    """Ask for an explanation."""
    response = await hass.services.async_call(
        DOMAIN, "explain", data, blocking=True, return_response=True, context=context
    )
    assert response is not None
    return response


@pytest.fixture
def pictures(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Return a folder that Home Assistant allows."""
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    (tmp_path / "drive.jpg").write_bytes(PICTURES[0])
    return tmp_path


async def test_a_picture_of_now(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    recognizer: Recognizer,
    cover: GateCover,
) -> None:
    """The only lane needs no name; nothing opens, and nothing is counted."""
    recognizer.plates = [PLATE]
    lane = entry.runtime_data.lanes["lane1"].lane
    lane.set_automatic_opening(False)
    found = await call(hass)

    (read,) = found["reads"]
    assert read["plate"] == "KN•••TX"
    (fit,) = read["candidates"]
    assert fit["label"] == LABEL
    assert fit["refusals"] == ["automatic_opening_off"]
    assert cover.opened == 0
    assert lane.metrics.granted == 0
    assert PLATE not in json.dumps(found)


async def test_a_picture_from_a_file(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    recognizer: Recognizer,
    cover: GateCover,
    pictures: Path,
) -> None:
    """A file is looked at for the lane that is named, in any of the ways."""
    recognizer.plates = [PLATE]
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, "lane1"), entry.entry_id
    )
    assert device is not None
    for name in (LANE, "lane1", device.id):
        found = await call(hass, lane=name, picture=str(pictures / "drive.jpg"))
        assert found["picture"] == {"width": 320, "height": 240}
        assert found["vehicles"] == 1
    assert cover.opened == 0


@pytest.mark.usefixtures("entry")
@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("../drive.jpg", None, "path_not_allowed"),
        ("gone.jpg", None, "picture_invalid"),
        (".", None, "picture_invalid"),
        ("text.jpg", b"no picture", "picture_invalid"),
        ("heavy.jpg", PICTURES[0] + bytes(MAX_BYTES), "picture_invalid"),
    ],
    ids=["elsewhere", "gone", "folder", "text", "heavy"],
)
async def test_a_file_that_cannot_be_used(
    hass: HomeAssistant, pictures: Path, name: str, content: bytes | None, key: str
) -> None:
    """It is said why, without a word of where it is."""
    path = pictures / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ServiceValidationError) as error:
        await call(hass, picture=str(path))

    assert error.value.translation_key == key
    assert str(pictures) not in str(error.value)


@pytest.mark.usefixtures("entry")
async def test_an_unknown_lane(hass: HomeAssistant) -> None:
    """There is no such lane."""
    with pytest.raises(ServiceValidationError) as error:
        await call(hass, lane="Nowhere")

    assert error.value.translation_key == "lane_unknown"


@pytest.mark.usefixtures("entry")
async def test_a_failure_is_told(
    hass: HomeAssistant, recognizer: Recognizer, pictures: Path
) -> None:
    """A recognizer that answers with nonsense is what went wrong."""
    recognizer.alpr = says_json(nonsense=True)
    with pytest.raises(HomeAssistantError) as error:
        await call(hass, picture=str(pictures / "drive.jpg"))

    assert error.value.translation_key == "backend_protocol"


@pytest.mark.usefixtures("entry")
async def test_only_for_administrators(
    hass: HomeAssistant, hass_read_only_user: MockUser
) -> None:
    """Whoever may see plates may try pictures; others may not."""
    with pytest.raises(Unauthorized):
        await call(hass, Context(user_id=hass_read_only_user.id))


async def test_two_lanes(
    hass: HomeAssistant, recognizer: Recognizer, camera: HttpCamera, cover: GateCover
) -> None:
    """One of several has to be named."""
    entry = site_entry(
        recognizer.url,
        lane_subentry(lane_data(camera.url())),
        lane_subentry(lane_data(camera.url()), "Exit", "lane2"),
    )
    await set_up(hass, entry)
    with pytest.raises(ServiceValidationError) as error:
        await call(hass)

    assert error.value.translation_key == "lane_ambiguous"
