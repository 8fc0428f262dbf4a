"""The recognizer speaks to nobody, and neither does what it runs on."""

import os
from pathlib import Path
import subprocess
import sys

from plate_gate_recognizer import weights

_LOAD = """
import sys
from plate_gate_recognizer.sessions import Network
Network(sys.argv[1], 1)
"""


def _files_of(home: Path) -> list[Path]:
    """Load a network with this folder as home; return what was left there."""
    environment = {
        name: value
        for name, value in os.environ.items()
        # ONNX Runtime is silent by itself where it takes the machine for a test's.
        if not name.startswith(("CI", "GITHUB_", "TF_BUILD", "XDG_", "ORT_"))
    }
    environment |= {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    subprocess.run(
        [sys.executable, "-c", _LOAD, weights.TINY_DETECTOR.locate()],
        env=environment,
        cwd=home,
        check=True,
        timeout=60,
    )
    return [path for path in home.rglob("*") if path.is_file()]


def test_onnx_runtime_reports_to_nobody(tmp_path: Path) -> None:
    """Neither a device id nor a queue of events is made when a network is loaded."""
    assert _files_of(tmp_path) == []
