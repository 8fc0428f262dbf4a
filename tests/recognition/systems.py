"""The systems that are spoken to by HTTP, for what holds for all of them alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from custom_components.plate_gate.models import Frame, PlateRead
from custom_components.plate_gate.recognition import (
    CodeProjectBackend,
    OmniLprBackend,
    OpenAlprBackend,
    PlateRecognizerBackend,
    RecognitionBackend,
    codeproject,
    omni_lpr,
    openalpr,
    plate_recognizer,
)
from custom_components.plate_gate.recognition.http import Answer
from custom_components.plate_gate.recognition.reads import load_object

from .answers import fixture_bytes
from .server import RecordingServer, says


@dataclass(frozen=True, kw_only=True)
class System:
    """A system, and how it answers when all is well."""

    name: str
    make: Callable[..., RecognitionBackend]
    """The constructor of its backend."""
    ping: str
    """Method and path of the question whether it is there."""
    pong: str
    """The fixture that answers it."""
    read: str
    """Method and path of a reading."""
    plates: Sequence[str]
    """Fixtures that answer a reading of a picture with plates."""
    empty: str
    """The fixture that answers a reading of a picture without."""
    parse: Callable[[bytes, Frame], list[PlateRead]]
    limits: frozenset[int] = frozenset()
    """Statuses by which it says that no more may be asked for, besides 429."""
    takes_regions: bool = False
    """Whether it wants to know which plates to expect."""
    tells_presence: bool = True
    """Whether it has a question whether it is there, of which the answer is known."""

    def server(self) -> RecordingServer:
        """Return a server on which all is well, and no plate is seen."""
        return RecordingServer(
            {
                self.ping: says(fixture_bytes(self.pong)),
                self.read: says(fixture_bytes(self.empty)),
            }
        )

    def understand(self, answer: Answer, frame: Frame) -> list[PlateRead]:
        """Do with an answer what the backend does with it."""
        return self.parse(answer.content(limits=self.limits, picture=True), frame)


CODEPROJECT: Final = System(
    name="codeproject",
    make=CodeProjectBackend,
    ping="GET /v1/status/ping",
    pong="ping",
    read="POST /v1/vision/alpr",
    plates=("alpr_two_plates", "alpr_label_only", "alpr_mesh_two_plates"),
    empty="alpr_empty",
    parse=lambda body, frame: codeproject.parse_reads(
        codeproject.load_answer(body), frame
    ),
)

OPENALPR: Final = System(
    name="openalpr",
    make=OpenAlprBackend,
    ping="GET /v2/recognize",
    pong="openalpr_error",
    read="POST /v2/recognize",
    plates=("openalpr_cli", "openalpr_cloud", "openalpr_daemon"),
    empty="openalpr_cli_empty",
    parse=lambda body, frame: openalpr.parse_reads(load_object(body), frame),
    limits=frozenset({402, 403}),
    takes_regions=True,
    tells_presence=False,
)

PLATE_RECOGNIZER: Final = System(
    name="plate_recognizer",
    make=PlateRecognizerBackend,
    ping="GET /info/",
    pong="platerec_info",
    read="POST /v1/plate-reader/",
    plates=("platerec_sdk", "platerec_cloud", "platerec_vehicles"),
    empty="platerec_sdk_empty",
    parse=lambda body, frame: plate_recognizer.parse_reads(load_object(body), frame),
    limits=frozenset({402}),
    takes_regions=True,
    tells_presence=False,
)

OMNI_LPR: Final = System(
    name="omni_lpr",
    make=OmniLprBackend,
    ping="GET /api/health",
    pong="omni_health",
    read="POST /api/v1/tools/detect_and_recognize_plate/invoke",
    plates=("omni_plates",),
    empty="omni_empty",
    parse=lambda body, frame: omni_lpr.parse_reads(load_object(body), frame),
)

SYSTEMS: Final = (CODEPROJECT, OPENALPR, PLATE_RECOGNIZER, OMNI_LPR)
